"""What the exchange keeps of an install: its row of `device`, read and written once."""

from dataclasses import fields

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from server.grid.auth import DeviceCaller
from server.grid.models import Device
from server.kernel.prepared import Prepared
from server.kernel.problems import Problem
from server.sync.rules import Install

_device = Device.__table__.c
_NAMES = [field.name for field in fields(Install)]
_KEPT = _NAMES[_NAMES.index("app") :]
_ROW = select(*(_device[name] for name in _NAMES)).where(_device.install == bindparam("of"))
_READ, _LOCK = Prepared(_ROW), Prepared(_ROW.with_for_update())
_WRITE = Prepared(
    update(Device.__table__)
    .where(_device.install == bindparam("of"))
    .values({name: bindparam(name) for name in _KEPT})
)


def read(session: Session, install: str) -> Install:
    """The install as it stands; Problem `unauthorized` if it may not speak any more."""
    return _speaking(session, _READ, install)


def lock(session: Session, install: str) -> Install:
    """The same, locked: two exchanges of one install go one after the other."""
    return _speaking(session, _LOCK, install)


def _speaking(session: Session, statement: Prepared, install: str) -> Install:
    row = statement.first(session, of=install)
    if row is None or row.state == "revoked":
        raise Problem("unauthorized")
    return Install(*row)


def of_member(session: Session, asked: str | None, caller: DeviceCaller) -> str:
    """The install `asked` about, by default the caller's own; `not_found` if of another member.

    A phone that was enrolled anew fetches what is missing of its life before.
    """
    if asked in (None, caller.install):
        return caller.install
    statement = select(Device.install).where(
        Device.install == asked, Device.member == caller.member
    )
    found = session.scalar(statement)
    if found is None:
        raise Problem("not_found")
    return found


def write(session: Session, install: Install) -> None:
    """Write what the exchange changed."""
    kept = {name: getattr(install, name) for name in _KEPT}
    _WRITE.run(session, of=install.install, **kept)
