"""Members (成员): who works with the system, and the end of their work."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.grid import roles, rules
from server.grid.models import Member, Post
from server.grid.queries import roles_of
from server.grid.scope import Scope, lasts_beyond
from server.grid.service import devices, logins, passwords, posts, reach
from server.kernel import audit, clock, feed
from server.kernel.crypto import Cipher
from server.kernel.masking import mask_phone
from server.kernel.problems import Problem, invalid

PHONE = "member.phone"
OWN_FIELDS = {"phone", "password", "language"}
"""What everybody may change of the own record."""
LONG_AGO = date(2000, 1, 1)


def show(session: Session, scope: Scope, id_: str, lock: bool = False) -> Member:
    """The member if it is within reach, else `not_found`."""
    statement = select(Member).where(Member.id == id_, scope.covers_member(Member.id))
    member = session.scalar(statement.with_for_update() if lock else statement)
    if member is None:
        raise Problem("not_found")
    return member


def create(session: Session, scope: Scope, data: dict[str, Any], cipher: Cipher) -> Member:
    """A new member without posts; `username_taken`. A password comes in as its hash."""
    return _create(session, scope.member, _prepared(data, cipher))


def create_admin(session: Session, username: str, password: str) -> Member:
    """A member who reaches everything; for the command line. `username_taken`, `password_weak`."""
    data = passwords.hashed({"username": username, "name": username, "password": password})
    member = _create(session, "cli", data | {"username": rules.username(username)})
    admin = Post(member=member.id, role=roles.ADMIN, from_day=LONG_AGO, live=True)
    session.add(admin)
    session.flush()
    audit.note(session, "cli", "post.create", admin.id, member=member.id, role=roles.ADMIN)
    return member


def change(
    session: Session, scope: Scope, id_: str, version: int, data: dict[str, Any], cipher: Cipher
) -> Member:
    """Change what `data` names; `version_old` if somebody else did since `version`.

    A new password ends the member's sessions and tokens.
    """
    member = show(session, scope, id_, lock=True)
    if id_ != scope.member:
        check_manages(session, scope, id_)
    elif not data.keys() <= OWN_FIELDS and not scope.everything:
        raise Problem("forbidden")
    if member.version != version:
        raise Problem("version_old")
    for name, value in _prepared(data, cipher).items():
        setattr(member, name, value)
    member.version += 1
    _flush(session)
    if "password" in data:
        logins.revoke_all(session, id_)
    feed.publish(session, [feed.Change(id_, "member", id_, member.version)])
    audit.note(session, scope.member, "member.change", id_, fields=sorted(data))
    return member


def end(session: Session, scope: Scope, id_: str) -> Member:
    """End the member's work: tokens revoked, posts ended, devices drained; the rows stay."""
    member = show(session, scope, id_, lock=True)
    check_manages(session, scope, id_)
    if not member.active or id_ == scope.member:
        raise Problem("state_illegal")
    member.active = False
    session.flush()
    logins.revoke_all(session, id_)
    posts.end_all(session, id_, scope.day)
    devices.drain_all(session, id_)
    reach.publish_members(session, [id_])
    audit.note(session, scope.member, "member.end", id_)
    return member


def check_manages(session: Session, scope: Scope, member: str) -> None:
    """`forbidden` unless one manages members and could give this one each of its lasting posts.

    Else who may give a small post to somebody could set the password of a bigger one.
    """
    if not scope.limited_to(roles.MANAGERS).holdings:
        raise Problem("forbidden")
    held = session.execute(
        select(Post.role, Post.area).where(Post.member == member, lasts_beyond(scope.day))
    )
    for post in held:
        scope.limited_to(rules.GIVERS[post.role]).check_area(session, post.area)


def views(
    session: Session, rows: Sequence[Member], cipher: Cipher, day: date
) -> list[dict[str, Any]]:
    """What people see of members: the phone number masked, the roles of `day`."""
    held = roles_of(session, [row.id for row in rows], day)
    return [
        {
            "id": row.id,
            "username": row.username,
            "name": row.name,
            "phone": row.phone and mask_phone(cipher.open_(row.phone, context=PHONE)),
            "language": row.language,
            "active": row.active,
            "created_at": row.created_at,
            "version": row.version,
            "roles": held[row.id],
        }
        for row in rows
    ]


def _prepared(data: dict[str, Any], cipher: Cipher) -> dict[str, Any]:
    """`data` with the user name in its canonical spelling and the phone number sealed."""
    ready = dict(data)
    if data.get("username") is not None:
        ready["username"] = rules.username(data["username"])
    if data.get("phone") is not None:
        ready["phone"] = cipher.seal(data["phone"], context=PHONE)
    return ready


def _create(session: Session, actor: str, data: dict[str, Any]) -> Member:
    by = None if actor == "cli" else actor
    member = Member(**data, created_by=by, created_at=clock.now(), active=True, version=1)
    session.add(member)
    _flush(session)
    feed.publish(session, [feed.Change(member.id, "member", member.id, 1)])
    audit.note(session, actor, "member.create", member.id)
    return member


def _flush(session: Session) -> None:
    """The only uniqueness here is that of user names."""
    try:
        session.flush()
    except IntegrityError as error:
        raise invalid("username", "username_taken") from error
