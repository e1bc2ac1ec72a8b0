"""Sessions (登录) and API tokens of people."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.grid import rules
from server.grid.models import Member, PersonToken
from server.grid.service import passwords
from server.kernel import audit, clock
from server.kernel.problems import Problem
from server.kernel.tokens import hash_token, new_token

SESSION, API = "session", "api"
PREFIX = {SESSION: "gws", API: "gwa"}


class Credentials(NamedTuple):
    """A member and the hash of its password."""

    member: str
    password: str | None


class Issued(NamedTuple):
    """A new token, in clear for this once, and its row."""

    token: str
    row: PersonToken


def credentials(session: Session, username: str) -> Credentials | None:
    """Who logs in under this name, in whatever spelling; None for nobody."""
    row = session.execute(
        select(Member.id, Member.password).where(
            Member.username == rules.canonical_name(username), Member.active
        )
    ).first()
    return None if row is None else Credentials(row.id, row.password)


def check_password(found: Credentials | None, password: str) -> str:
    """The member, or `login_failed`; an unknown name takes as long as a wrong password."""
    stored = found.password if found else None
    if not passwords.matches(password, stored) or found is None:
        raise Problem("login_failed")
    return found.member


def open_session(session: Session, member: str, hours: int) -> Issued:
    """A session of `hours`."""
    issued = _issue(session, member, SESSION, "", timedelta(hours=hours))
    audit.note(session, member, "session.open", issued.row.id)
    return issued


def create_token(session: Session, member: str, name: str, days: int) -> Issued:
    """An API token of `days`."""
    issued = _issue(session, member, API, name, timedelta(days=days))
    audit.note(session, member, "token.create", issued.row.id)
    return issued


def revoke(session: Session, member: str, token: str) -> PersonToken:
    """Revoke a token of the member's own; `not_found`. Revoking it again changes nothing."""
    row = session.get(PersonToken, token)
    if row is None or row.member != member:
        raise Problem("not_found")
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        audit.note(session, member, f"{row.kind}.revoke", row.id)
    return row


def revoke_all(session: Session, member: str) -> None:
    """Revoke every session and token of the member."""
    session.execute(
        update(PersonToken)
        .where(PersonToken.member == member, PersonToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def _issue(session: Session, member: str, kind: str, name: str, lasts: timedelta) -> Issued:
    token, now = new_token(PREFIX[kind]), clock.now()
    row = PersonToken(
        token=hash_token(token),
        member=member,
        kind=kind,
        name=name,
        created_at=now,
        expires_at=now + lasts,
    )
    session.add(row)
    session.flush()
    return Issued(token, row)
