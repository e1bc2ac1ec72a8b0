"""Decisions on shifts (班次): joining the sign-in (签到) and the sign-out (签退) of one shift.

They may come in any order and in any exchange (docs/protocol.md, section 6).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

OPEN, CLOSED, END_ONLY = "open", "closed", "end_only"
CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign-in or a sign-out: the item, when (the server's estimate), its plan or results,
    and the rule pack in force there then."""

    member: str
    install: str
    area: str | None
    item: str
    at: datetime
    lines: list[dict[str, Any]] | None = None
    pack: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a shift; a shift that was only just named has neither item."""

    id: str
    member: str
    install: str
    area: str | None = None
    start_item: str | None = None
    end_item: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    plan: list[dict[str, Any]] | None = None
    results: list[dict[str, Any]] | None = None
    pack: str | None = None


class Verdict(Enum):
    """`TAKEN` has its effect, `HELD` waits for the start, `DUPLICATE` has no effect."""

    TAKEN = "taken"
    HELD = "held"
    DUPLICATE = "duplicate"
    FORBIDDEN = "forbidden"


Step = Callable[[Standing, Mark], tuple[Verdict, Standing]]
"""`start` or `end`: the verdict on the mark, and the shift after it."""


def start(shift: Standing, mark: Mark) -> tuple[Verdict, Standing]:
    """The sign-in; the first one stands. It joins an end that came before it."""
    if mark.member != shift.member:
        return Verdict.FORBIDDEN, shift
    if shift.start_item is not None:
        return Verdict.DUPLICATE, shift
    begun = replace(
        shift,
        install=mark.install,
        area=mark.area,
        start_item=mark.item,
        started_at=mark.at,
        plan=mark.lines,
        pack=mark.pack,
    )
    return Verdict.TAKEN, begun


def end(shift: Standing, mark: Mark) -> tuple[Verdict, Standing]:
    """The sign-out; the first one stands. Without its start it is held."""
    if mark.member != shift.member:
        return Verdict.FORBIDDEN, shift
    if shift.end_item is not None:
        return Verdict.DUPLICATE, shift
    ended = replace(
        shift,
        area=shift.area or mark.area,
        end_item=mark.item,
        ended_at=mark.at,
        results=mark.lines,
        pack=shift.pack or mark.pack,
    )
    return (Verdict.TAKEN if shift.start_item else Verdict.HELD), ended


def state_of(shift: Standing) -> str:
    """`open`, `closed`, or `end_only` while the start is missing."""
    if shift.start_item is None:
        return END_ONLY
    return OPEN if shift.end_item is None else CLOSED


def flags_of(shift: Standing) -> list[str]:
    """`clock` if the shift ends before it starts."""
    if shift.started_at is None or shift.ended_at is None:
        return []
    return [CLOCK] if shift.ended_at < shift.started_at else []
