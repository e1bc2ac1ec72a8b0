"""What the exchange keeps of an install: its row of `device`, read and written once."""

from dataclasses import fields
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, true, update
from sqlalchemy.orm import Session

from server.grid.auth import DeviceCaller
from server.grid.models import Device
from server.kernel.feed import InboxCounter
from server.kernel.prepared import Prepared
from server.kernel.problems import Problem
from server.kernel.state import ServerState
from server.media.queries import names_missing
from server.sync.rules import Install

_device, _counter = Device.__table__.c, InboxCounter.__table__.c
_NAMES = [field.name for field in fields(Install)]
_KEPT = _NAMES[_NAMES.index("app") :]
_ROW = select(*(_device[name] for name in _NAMES)).where(_device.install == bindparam("of"))
_LOCK = Prepared(_ROW.with_for_update())
_SHOWN = (
    ServerState.__table__.c.epoch,
    func.coalesce(_counter.last, 0).label("last"),
    func.coalesce(_counter.swept, 0).label("swept"),
    names_missing(_device.install).label("lacks_media"),
)
_LOOK = Prepared(
    _ROW.add_columns(*_SHOWN).select_from(
        Device.__table__.join(ServerState.__table__, true()).outerjoin(
            InboxCounter.__table__, _counter.member == _device.member
        )
    )
)
_WRITE = Prepared(
    update(Device.__table__)
    .where(_device.install == bindparam("of"))
    .values({name: bindparam(name) for name in _KEPT})
)


class Look(NamedTuple):
    """An install at one moment; `last` and `swept` are the numbers of its inbox (`feed.counter`).

    `lacks_media`: it named files that are not there.
    """

    install: Install
    epoch: str
    last: int
    swept: int
    lacks_media: bool


def look(session: Session, install: str) -> Look:
    """Asked with one statement; Problem `unauthorized` if the install may not speak any more."""
    *own, epoch, last, swept, lacks_media = _speaking(_LOOK.first(session, of=install))
    return Look(Install(*own), epoch, last, swept, lacks_media)


def lock(session: Session, install: str) -> Install:
    """The install, locked: two exchanges of one go one after the other; `unauthorized` as above."""
    return Install(*_speaking(_LOCK.first(session, of=install)))


def _speaking(row: Any) -> Any:
    if row is None or row.state == "revoked":
        raise Problem("unauthorized")
    return row


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
