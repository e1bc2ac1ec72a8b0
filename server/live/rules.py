"""What a page is told, and how it is written: server-sent events (HTML, section 9.2). Pure."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from server.kernel.marks import NOWHERE

MOST_AREAS = 20
"""Of one kind; more than that are told as one change somewhere within reach."""
INBOX = "inbox"
EVERYBODYS = frozenset({"plan"})
"""What of these lies in no area is shown to everybody with a reach."""
_POSITION = re.compile(r"([0-9a-f]{16})\.([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)


class Touched(NamedTuple):
    """Something of `kind` changed in `area`, in the transaction `no`."""

    no: int
    area: str
    kind: str


class Hint(NamedTuple):
    """What a page is told; `area` None: somewhere within reach, or in none."""

    kind: str
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """How far a page was told: all marks below `since`, and the number `inbox` of its member.

    `scope` is a digest of what it reaches: a position within another reach is none.
    """

    scope: str
    since: int
    inbox: int

    def __str__(self) -> str:
        return f"{self.scope}.{self.since}.{self.inbox}"


@dataclass(frozen=True, slots=True)
class Reach:
    """The areas of somebody's posts, each with all below it; `roots` None: everything."""

    roots: frozenset[str] | None

    def sees(self, area: str, above: Mapping[str, Collection[str]]) -> bool:
        """Whether `area` lies within; `above` has each area's ancestors, itself among them."""
        return self.roots is None or not self.roots.isdisjoint(above.get(area, ()))


def position_in(text: str) -> Position | None:
    """The position that a `Last-Event-ID` says; None if it says none."""
    said = _POSITION.fullmatch(text)
    return Position(said[1], int(said[2]), int(said[3])) if said else None


def digest(epoch: str, member: str, reach: Reach) -> str:
    """What a position holds for: this life of the server, this member and its reach."""
    roots = ["*"] if reach.roots is None else sorted(reach.roots)
    text = "\n".join([epoch, member, *roots])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def hints(
    touched: Iterable[Touched], reach: Reach, above: Mapping[str, Collection[str]]
) -> list[Hint]:
    """What of it is told to somebody with this reach, each once."""
    by_kind: dict[str, set[str]] = {}
    for mark in touched:
        if _is_told(mark, reach, above):
            by_kind.setdefault(mark.kind, set()).add(mark.area)
    return [hint for kind in sorted(by_kind) for hint in _of_kind(kind, by_kind[kind])]


def _is_told(mark: Touched, reach: Reach, above: Mapping[str, Collection[str]]) -> bool:
    if mark.area == NOWHERE and mark.kind in EVERYBODYS:
        return reach.roots != frozenset()
    return reach.sees(mark.area, above)


def _of_kind(kind: str, areas: Collection[str]) -> list[Hint]:
    if len(areas) > MOST_AREAS:
        return [Hint(kind)]
    return [Hint(kind, None if area == NOWHERE else area) for area in sorted(areas)]


def retry(ms: int) -> str:
    """The wait before a page comes again after its stream has ended."""
    return f"retry: {ms}\n"


def hello(position: Position) -> str:
    """The first event of whoever must load what it shows."""
    return f"event: hello\ndata: {{}}\nid: {position}\n\n"


def changed(told: Collection[Hint], position: Position) -> str:
    """An event for each hint; the position stands on the last: who misses that hears all again."""
    events = [f"event: changed\ndata: {json.dumps(hint._asdict())}\n" for hint in told]
    return "\n".join(events) + f"id: {position}\n\n"


def still_here(position: Position) -> str:
    """No event: a sign of life, and how far one was told."""
    return f": \nid: {position}\n\n"
