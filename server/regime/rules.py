"""Which pack holds where on a day, what a day of the calendar is, a pack for a device. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, time, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from server.kernel.problems import invalid
from server.packs.definition import Amount, CalendarRules, Pack, Span

LIBRARY, ADMIN, PROVISIONAL = "library", "admin", "provisional"
SOURCES = (LIBRARY, ADMIN, PROVISIONAL)
WEEK = frozenset({1, 2, 3, 4, 5})
OFFICE = CalendarRules((Span(time(8, 30), time(12)), Span(time(14), time(17, 30))))
"""The hours where no pack holds."""

FIRST_ORDERED = date(1900, 1, 1)
FARTHEST_ORDERED = timedelta(days=3653)
"""How far ahead a day can be ordered: as far as a person may set the end of a task."""

ON_DEVICES = {
    **{name: name for name in ("zones", "shift", "patrol", "kinds", "templates", "deadlines")},
    "catalog": "catalogs",
}
"""The parts of a pack that a device needs, by their names on the wire."""


class Day(NamedTuple):
    """Whether a day is worked, and who says so."""

    working: bool
    source: str
    note: str = ""


def day_of(day: date, known: bool | None, name: str = "") -> Day:
    """The day as the library says; where it says nothing, Monday to Friday for the time being."""
    if known is None:
        return Day(day.isoweekday() in WEEK, PROVISIONAL)
    return Day(known, LIBRARY, name)


def check_ordered(day: date, today: date) -> None:
    """`day_beyond` for a day of which nobody can order whether it is worked."""
    if not FIRST_ORDERED <= day <= today + FARTHEST_ORDERED:
        raise invalid("day", "day_beyond")


def moves_limits(before: Day, after: Day) -> bool:
    """Whether limits may end otherwise now; a provisional day is not the same for every pack."""
    return _weight(before) != _weight(after)


def _weight(day: Day) -> tuple[bool, bool]:
    return day.working, day.source == PROVISIONAL


class Term(NamedTuple):
    """A pack holds in `area` (None: everywhere) from `from_day` on."""

    id: str
    area: str | None
    from_day: date
    ref: str


class Terms:
    """All terms; `above` gives for an area those with terms of their own that it lies in, nearest
    first, itself included."""

    def __init__(self, terms: Iterable[Term], above: Mapping[str, Sequence[str]]) -> None:
        self._above = above
        self._of: dict[str | None, list[Term]] = {}
        for term in sorted(terms, key=lambda term: (term.from_day, term.id)):
            self._of.setdefault(term.area, []).append(term)

    def __bool__(self) -> bool:
        return bool(self._of)

    def at(self, area: str | None, day: date) -> Term | None:
        """The term in force: the nearest area above that has one by then, else everywhere."""
        for place in (*self._above.get(area or "", ()), None):
            for term in reversed(self._of.get(place, ())):
                if term.from_day <= day:
                    return term
        return None

    def current(self, day: date) -> set[str]:
        """The ids of the terms that no other of their area has taken the place of by `day`."""
        begun = ([t for t in terms if t.from_day <= day] for terms in self._of.values())
        return {terms[-1].id for terms in begun if terms}


def as_named(salvaged: Pack, id_: str, version: int, name: str) -> Pack:
    """What can still be read of an installed pack, under its name; hours that cannot are those of
    an office."""
    calendar = OFFICE if "calendar" in salvaged.left_out else salvaged.calendar
    return replace(salvaged, id=id_, version=version, name=name, calendar=calendar)


def for_devices(pack: Pack, from_day: date) -> dict[str, Any]:
    """The body of the feed's object `pack`."""
    head = {"ref": pack.ref, "id": pack.id, "version": pack.version, "name": pack.name}
    parts = {name: getattr(pack, part) for name, part in ON_DEVICES.items()}
    said = {name: plain(part) for name, part in parts.items() if part is not None}
    return head | {"from_day": from_day.isoformat()} | said


def plain(value: Any) -> Any:
    """What a pack says as JSON: amounts `[3, "work_day"]`, shares as numbers, times `HH:MM`.

    What is not said is left out.
    """
    if isinstance(value, Amount):
        return [value.number, str(value.unit)]
    if is_dataclass(value):
        said = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: plain(inner) for name, inner in said.items() if inner is not None}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, time):
        return value.isoformat("minutes")
    return value.isoformat() if isinstance(value, date) else value
