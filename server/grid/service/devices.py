"""Phones (设备): one-time codes that bind them to a member, and taking them back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import segno
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.config import Settings
from server.grid import queries, rules
from server.grid.models import Device, Enrolment, Member
from server.grid.scope import Scope
from server.kernel import audit, clock, marks
from server.kernel.database import insert
from server.kernel.problems import Problem, invalid
from server.kernel.tokens import hash_token, new_code, new_token, normalise_code

CHUNK_BYTES = 262_144


class Invitation(NamedTuple):
    """A one-time code, the address that a phone's camera opens, and its QR code as SVG."""

    code: str
    url: str
    qr: str


class Enrolled(NamedTuple):
    """An enrolled device and its token, in clear for this once."""

    install: str
    member: str
    token: str


def invite(session: Session, scope: Scope, member: str, ttl_s: int, public_url: str) -> Invitation:
    """A code for a member within reach; see `make_enrolment`."""
    scope.check_member(session, member)
    return make_enrolment(session, scope.member, member, ttl_s, public_url)


def make_enrolment(
    session: Session, actor: str, member: str, ttl_s: int, public_url: str
) -> Invitation:
    """A one-time code that enrols a phone of `member` within `ttl_s` seconds.

    `public_url` is the server's address as phones open it. docs/protocol.md, section 3.
    """
    if not session.scalar(select(Member.active).where(Member.id == member)):
        raise invalid("member", "reference_unknown")
    code, now = new_code(), clock.now()
    session.add(
        Enrolment(
            code=hash_token(code),
            member=member,
            created_by=actor,
            created_at=now,
            expires_at=now + timedelta(seconds=ttl_s),
        )
    )
    audit.note(session, actor, "enrolment.create", member, ttl_s=ttl_s)
    url = f"{public_url}/app#enrol={code}"
    return Invitation(code, url, segno.make(url, error="m", micro=False).svg_inline(scale=6))


def enrol(session: Session, code: str, install: str, facts: Mapping[str, Any]) -> Enrolled:
    """Use up the code: bind the install to the code's member under a new token.

    `code_unknown`, `code_used`, `code_expired`; `conflict` if the install is another member's.
    Of two who use one code at the same instant exactly one wins.
    """
    hashed, now = hash_token(normalise_code(code)), clock.now()
    claim = (
        update(Enrolment)
        .where(
            Enrolment.code == hashed,
            Enrolment.used_at.is_(None),
            Enrolment.expires_at > now,
            Enrolment.member.in_(select(Member.id).where(Member.active)),
        )
        .values(used_at=now, used_by=install)
        .returning(Enrolment.member)
    )
    member = session.scalar(claim)
    if member is None:
        raise Problem(_why_not(session, hashed))
    token = new_token("gwd")
    _bind(session, install, member, token, facts)
    changed(session, member)
    audit.note(session, member, "device.enrol", install)
    return Enrolled(install, member, token)


def _why_not(session: Session, hashed: str) -> str:
    known = session.get(Enrolment, hashed)
    if known is None:
        return "code_unknown"
    return "code_expired" if known.used_at is None else "code_used"


def _bind(
    session: Session, install: str, member: str, token: str, facts: Mapping[str, Any]
) -> None:
    bound = dict(facts) | {"token": hash_token(token), "state": "active", "wiped_at": None}
    bound["enrolled_at"] = clock.now()
    statement = insert(session, Device).values(install=install, member=member, **bound)
    statement = statement.on_conflict_do_update(
        index_elements=["install"],
        set_=bound | {"version": Device.version + 1},
        where=Device.member == member,
    )
    if session.scalar(statement.returning(Device.install)) is None:
        raise Problem("conflict", errors={"install": [install]})


def revoke(session: Session, scope: Scope, install: str, mode: str) -> None:
    """Take a device back: `drain` lets it hand in what it holds, `now` shuts it out at once."""
    statement = select(Device).where(Device.install == install, scope.covers_member(Device.member))
    device = session.scalar(statement.with_for_update())
    if device is None:
        raise Problem("not_found")
    state = rules.next_state(device.state, mode)
    if state != device.state:
        device.state, device.version = state, device.version + 1
        session.flush()
        changed(session, device.member)
        audit.note(session, scope.member, "device.revoke", install, mode=mode)


def drain_all(session: Session, member: str) -> None:
    """Every active device of the member may only hand in from now on."""
    session.execute(
        update(Device)
        .where(Device.member == member, Device.state == "active")
        .values(state="draining", version=Device.version + 1)
    )
    changed(session, member)


def changed(session: Session, member: str) -> None:
    """A device of the member changed, for whoever looks at devices there."""
    marks.touch(session, "device", queries.device_areas(session, member) or [None])


def limits(settings: Settings) -> dict[str, int]:
    """What a device must keep to; docs/protocol.md, sections 3 and 11."""
    return {
        "batch_items": settings.batch_items,
        "batch_bytes": settings.batch_bytes,
        "item_bytes": settings.item_bytes,
        "exchanges_per_minute": settings.exchanges_per_minute,
        "upload_bytes": settings.upload_bytes,
        "chunk_bytes": CHUNK_BYTES,
    }
