"""Pull: a page of the member's inbox, cut between objects at the bytes the device wants."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.grid.auth import DeviceCaller
from server.kernel import feed
from server.sync import rules


@dataclass(frozen=True, slots=True)
class Pulled:
    """Changes in the order of their numbers; `cursor` is to be sent with the next exchange."""

    changes: list[dict[str, Any]]
    cursor: int
    more: bool


def changes(session: Session, member: str, cursor: int, want_bytes: int | None) -> Pulled:
    """The member's changes above `cursor`; `want_bytes` 0 asks for none."""
    if want_bytes == 0:
        return Pulled([], cursor, feed.counter(session, member)[0] > cursor)
    wanted = want_bytes or rules.DEFAULT_WANT_BYTES
    most = rules.page_objects(wanted)
    rows = feed.page(session, member, cursor, most + 1)
    shown, left = rules.cut(rows[:most], wanted)
    after = shown[-1]["seq"] if shown else cursor
    return Pulled(shown, after, left or len(rows) > most)


def farewell(caller: DeviceCaller, cursor: int) -> Pulled:
    """What a draining device gets: the command to wipe itself once its outbox is empty."""
    command = {
        "seq": 0,
        "kind": "command",
        "id": caller.install,
        "op": "put",
        "version": 1,
        "body": {"command": "wipe", "when": "outbox_empty"},
    }
    return Pulled([command], cursor, False)
