"""The script of one worker's shift (班次): what is captured, where and when, from invented data.

`script` is pure: the same random state, day and polygon give the same steps. On purpose it holds
some lines that a server must deal with: see `PLANTED`.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import Any

from fieldkit import gpx
from fieldkit.clock import iso
from fieldkit.simulator.catalogue import (
    CASES,
    FAMILY_NAMES,
    GIVEN_NAMES,
    PLAN,
    RESIDENT_FORM,
    RESIDENT_VERSION,
    STREETS,
    VISIT_CHECKLIST,
)
from fieldkit.simulator.photos import Shot
from fieldkit.simulator.walk import Ring, a_patrol, a_point, far_from

ZONE = timezone(timedelta(hours=8))
SIGN_IN, SIGN_OUT = time(7, 15, tzinfo=ZONE), time(20, 15, tzinfo=ZONE)
PATROLS = (time(8, 0, tzinfo=ZONE), time(14, 0, tzinfo=ZONE))
LEAST_REPORTS, MOST_REPORTS = 6, 20
CHUNK_POINTS = 40
_CHUNKS, _EVERY_S = 4, 30.0
_BREAK = timedelta(minutes=10)
_AT_WORK_S = int(timedelta(hours=11).total_seconds())

MOCK, OUTSIDE, DUPLICATE, BROKEN, UNKNOWN = "mock", "outside", "duplicate", "broken", "unknown"
PLANTED = (MOCK, OUTSIDE, DUPLICATE, BROKEN, UNKNOWN)
"""A faked position, one out of the area, the same content under a second id (all three accepted,
with a flag); a body against its schema and a kind that no server knows (both quarantined)."""


@dataclass(frozen=True)
class Step:
    """One item to capture; `planted` says why it is there if it is one of `PLANTED`."""

    at: datetime
    kind: str
    body: Mapping[str, Any]
    loc: Mapping[str, Any] | None = None
    shots: tuple[Shot, ...] = ()
    planted: str | None = None


def last_shift_day(now: datetime) -> datetime:
    """Midnight (UTC+8) of the latest day whose shift is over."""
    local = now.astimezone(ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if local.timetz() > SIGN_OUT else midnight - timedelta(days=1)


def script(
    rng: random.Random, shift: str, day: datetime, ring: Ring, most_reports: int = MOST_REPORTS
) -> list[Step]:
    """All steps of the shift with the id `shift`, in time order.

    6 to `most_reports` reports lie within `ring`; `day` is the midnight the shift's times count
    from.
    """
    start, end = _on(day, SIGN_IN), _on(day, SIGN_OUT)
    middle = [
        *_tracks(rng, shift, day, ring),
        *_reports(rng, start, ring, rng.randint(LEAST_REPORTS, max(LEAST_REPORTS, most_reports))),
        *_forms(rng, start, ring),
        *_visits(rng, start, ring),
        *_planted(rng, start, ring),
    ]
    signed_in = Step(start, "shift_start", {"shift": shift, "plan": list(PLAN)}, _loc(rng, ring))
    results = [{"what": line["what"], "done": line["count"]} for line in PLAN]
    signed_out = Step(end, "shift_end", {"shift": shift, "results": results}, _loc(rng, ring))
    return [signed_in, *sorted(middle, key=lambda step: step.at), signed_out]


def _on(day: datetime, hour: time) -> datetime:
    return datetime.combine(day.date(), hour)


def _at_work(rng: random.Random, start: datetime) -> datetime:
    return start + timedelta(seconds=rng.randrange(1800, _AT_WORK_S))


def _loc(rng: random.Random, ring: Ring) -> dict[str, Any]:
    lat, lon = a_point(rng, ring)
    return {"lat": lat, "lon": lon, "acc": round(rng.uniform(4, 20), 1), "src": "gps"}


def _tracks(rng: random.Random, shift: str, day: datetime, ring: Ring) -> Iterator[Step]:
    """Two patrols in chunks of 40 points; in the second the phone finds no fix for a while."""
    for number, hour in enumerate(PATROLS):
        fixes = a_patrol(rng, ring, _on(day, hour), _CHUNKS * CHUNK_POINTS, _EVERY_S)
        if number == 1:
            lost_from = fixes[CHUNK_POINTS // 2].at
            fixes = [fix for fix in fixes if not lost_from <= fix.at < lost_from + _BREAK]
        for first in range(0, len(fixes), CHUNK_POINTS):
            (chunk,) = gpx.chunks(fixes[first : first + CHUNK_POINTS])
            body = {"shift": shift, "points": chunk.points, "gaps": chunk.gaps}
            yield Step(chunk.at, "track", body)


def _reports(rng: random.Random, start: datetime, ring: Ring, count: int) -> Iterator[Step]:
    for _ in range(count):
        yield _report(rng, _at_work(rng, start), _loc(rng, ring))


def _report(
    rng: random.Random, at: datetime, loc: Mapping[str, Any], planted: str | None = None
) -> Step:
    case = rng.choice(CASES)
    body = {
        "category": case.category,
        "text": case.text,
        "address": f"阳光街道{rng.choice(STREETS)}{rng.randint(1, 99)}号",
        "severity": case.severity,
        "self_fixed": rng.random() < 0.2,
    }
    seed = rng.randrange(1_000_000)
    roles = ("near", "far") if rng.random() < 0.3 else ("near",)
    shots = tuple(Shot(case.scene, seed, at, loc["lat"], loc["lon"], role) for role in roles)
    return Step(at, "report", body, loc, shots, planted)


def _forms(rng: random.Random, start: datetime, ring: Ring) -> Iterator[Step]:
    for _ in range(2):
        data = {
            "name": _name(rng),
            "household": f"{rng.randint(1, 30)}-{rng.randint(101, 1802)}",
            "people": rng.randint(1, 5),
            "tenant": rng.random() < 0.4,
        }
        body = {"form": RESIDENT_FORM, "version": RESIDENT_VERSION, "subject": None, "data": data}
        yield Step(_at_work(rng, start), "form", body, _loc(rng, ring))


def _visits(rng: random.Random, start: datetime, ring: Ring) -> Iterator[Step]:
    for _ in range(2):
        ended = _at_work(rng, start)
        body = {
            "subject": _uuid(rng),
            "checklist": VISIT_CHECKLIST,
            "started": iso(ended - timedelta(minutes=rng.randint(8, 25))),
            "ended": iso(ended),
            "answers": {"well": rng.random() < 0.9, "needs": rng.choice(("无", "送药", "修灯"))},
        }
        yield Step(ended, "visit", body, _loc(rng, ring))


def _planted(rng: random.Random, start: datetime, ring: Ring) -> Iterator[Step]:
    at = _at_work(rng, start)
    yield _report(rng, at, {**_loc(rng, ring), "mock": True}, MOCK)
    lat, lon = far_from(ring)
    away = {"lat": lat, "lon": lon, "acc": 12.0, "src": "gps"}
    yield _report(rng, at + timedelta(minutes=3), away, OUTSIDE)
    once = _report(rng, at + timedelta(minutes=6), _loc(rng, ring))
    yield once
    yield Step(once.at, once.kind, once.body, once.loc, once.shots, DUPLICATE)
    yield Step(at + timedelta(minutes=9), "report", {"text": "没有类别"}, planted=BROKEN)
    flight = {"drone": "D-1", "minutes": 12}
    yield Step(at + timedelta(minutes=12), "drone_flight", flight, planted=UNKNOWN)


def _name(rng: random.Random) -> str:
    return rng.choice(FAMILY_NAMES) + rng.choice(GIVEN_NAMES)


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
