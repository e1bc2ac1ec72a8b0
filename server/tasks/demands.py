"""What must be there when a task is done (办结要求), and what of it is missing. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from server.kernel.geo import distance
from server.packs.definition import Demands, Pack
from server.tasks.standing import NewTask

Mark = dict[str, str]
"""A point to be mended: {"point", "text"}."""
_TEXTS = {
    "photo": "缺照片：{} · A photo is missing: {}",
    "form": "缺表单：{} · The form is missing: {}",
    "checklist": "缺检查表：{} · The checklist is missing: {}",
    "visit": "缺现场走访：{} · A visit on the spot is missing: {}",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an item shows; lat and lon are WGS-84 degrees, `acc` is metres, `mock` a feigned place.

    `photos` are (SHA-256, role), `form` and `checklist` the ones it fills.
    """

    member: str
    photos: frozenset[tuple[str, str]] = frozenset()
    form: str | None = None
    checklist: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    acc: float | None = None
    mock: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the task is, in WGS-84 degrees; None where nobody said."""

    lat: float | None = None
    lon: float | None = None


def demanded(pack: Pack | None, new: NewTask) -> dict[str, Any]:
    """What is demanded of a task: by whoever gives it, else by its template, else by its kind."""
    if new.demands or pack is None:
        return dict(new.demands)
    of_template = [t.demands for t in pack.templates if t.code == new.template and t.demands]
    of_kind = [kind.demands for kind in pack.kinds if kind.code == new.kind]
    found = [*of_template, *of_kind]
    return as_kept(found[0]) if found else {}


def as_kept(demands: Demands) -> dict[str, Any]:
    """As `Task.demands` keeps it: without what is not asked for."""
    named = {field.name: getattr(demands, field.name) for field in fields(demands)}
    named["photos"] = list(demands.photos)
    return {name: value for name, value in named.items() if value}


def missing(demands: Mapping[str, Any], shown: Sequence[Evidence], spot: Spot) -> list[Mark]:
    """What of the demands the evidence does not meet, as points to be mended."""
    wanted_roles = demands.get("photos", ())
    roles = _roles(wanted_roles, shown)
    marks = [_mark("photo", role) for role in wanted_roles if role not in roles]
    for name in ("form", "checklist"):
        wanted = demands.get(name)
        if wanted and all(getattr(item, name) != wanted for item in shown):
            marks.append(_mark(name, wanted))
    if not _was_visited(demands, shown, spot):
        marks.append(_mark("visit", _visit(demands)))
    return marks


def _roles(wanted: Collection[str], shown: Sequence[Evidence]) -> set[str]:
    """Which of the roles photos show; one photo shows one of them, however often it is named."""
    named = sorted(photo for item in shown for photo in item.photos)
    shows: dict[str, str] = {}

    def is_shown(role: str, tried: set[str]) -> bool:
        """Whether a photo is free for the role, or can be freed for it."""
        for photo in [sha256 for sha256, named_for in named if named_for == role]:
            if photo not in tried:
                tried.add(photo)
                if photo not in shows or is_shown(shows[photo], tried):
                    shows[photo] = role
                    return True
        return False

    return {role for role in wanted if is_shown(role, set())}


def _mark(point: str, what: str) -> Mark:
    return {"point": point, "text": _TEXTS[point].format(what, what)}


def _visit(demands: Mapping[str, Any]) -> str:
    minutes, within = demands.get("visit_minutes"), demands.get("visit_metres")
    told = (minutes and f"≥ {minutes} min", within and f"≤ {within} m")
    return ", ".join(part for part in told if part)


def _was_visited(demands: Mapping[str, Any], shown: Sequence[Evidence], spot: Spot) -> bool:
    tests: list[Callable[[Evidence], bool]] = []
    minutes, within = demands.get("visit_minutes"), demands.get("visit_metres")
    if minutes:
        tests.append(lambda item: _lasted(item) >= minutes * 60)
    if within:
        tests.append(lambda item: _is_near(item, spot, within))
    return not tests or any(all(test(item) for test in tests) for item in shown)


def _lasted(item: Evidence) -> float:
    """Seconds of a visit; -1 for what is none."""
    if item.started is None or item.ended is None:
        return -1
    return (item.ended - item.started).total_seconds()


def _is_near(item: Evidence, spot: Spot, within: float) -> bool:
    """Whether a visit was that near; a place known worse than that, or feigned, shows nothing.

    A task without a place can be visited anywhere.
    """
    if item.started is None:
        return False
    if spot.lat is None or spot.lon is None:
        return True
    if item.lat is None or item.lon is None or item.mock or (item.acc or 0) > within:
        return False
    return distance(item.lat, item.lon, spot.lat, spot.lon) <= within
