"""What a room that reacts to items plugs into: it is handed all items of its kind in a batch.

A handler decides by its pure rules and writes with few statements; it never commits. It returns one
`Outcome` per item, in the order given. If it raises, the exchange is tried again without the item
that made it raise, and that item is quarantined as `handler_failed`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session


@dataclass(slots=True)
class Incoming:
    """An item that passed its schema. `at` is what the device said, `estimated` the server's view.

    lat and lon are WGS-84 degrees whatever the datum sent; `area` is the deepest area that contains
    them, else the member's own; `pack` is the one in force there on its day.
    """

    id: str
    sha256: str
    raw: bytes
    install: str
    member: str
    seq: int
    kind: str
    schema: int
    at: datetime
    estimated: datetime
    clock: str
    received_at: datetime
    body: dict[str, Any]
    loc: dict[str, Any] | None = None
    lat: float | None = None
    lon: float | None = None
    area: str | None = None
    pack: str | None = None
    task: str | None = None
    media: list[dict[str, Any]] = field(default_factory=list)
    prev: str | None = None
    replaces: str | None = None
    content: str = ""
    duplicate_of: str | None = None
    flags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`accepted` or `stale` (kept, no effect), or `quarantined` with a code (`forbidden`).

    `flags` are added to the item's own; `held` says that the effect waits for a parent.
    """

    status: str = "accepted"
    code: str | None = None
    flags: tuple[str, ...] = ()


ACCEPTED = Outcome()
HELD = Outcome(flags=("held",))
FORBIDDEN = Outcome("quarantined", "forbidden")

Handler = Callable[[Session, Sequence[Incoming]], Sequence[Outcome]]
