"""Whatever a phone sends: 200, a verdict for each line, its bytes kept, its neighbour accepted.

Lines are made from good items of every kind by putting any JSON value in any place, and from bytes.
"""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server.items.models import Item, Quarantine
from server.kernel.database import reading
from server.kernel.ids import uuid7
from tests.journeys.web import Wire
from tests.journeys.world import World, sha256
from tests.wire import REPORT, line

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TASK = {"task": uuid7(), "assignment": 1, "base_version": 1, "action": "accept", "reason": "理由"}
BODIES: dict[str, Any] = {
    "shift_start": {"shift": uuid7(), "plan": [{"what": "巡查", "count": 2}], "note": "早班"},
    "shift_end": {"shift": uuid7(), "results": [{"what": "巡查", "done": 2}], "note": "无"},
    "track": {"shift": uuid7(), "points": [[0, 30, 120, 5]], "gaps": [[5, 90, "no_fix"]]},
    "report": REPORT | {"severity": "2", "self_fixed": True},
    "form": {"form": "house", "version": "1", "subject": uuid7(), "data": {"a": 1}},
    "visit": {"subject": uuid7(), "started": "2026-11-22T08:00:00Z", "answers": {"a": [1]}},
    "task_action": TASK | {"result": {"a": 1}, "evidence": [uuid7()]},
}
COMMON: dict[str, Any] = {
    "mono": 1000,
    "boot": "b",
    "loc": {"lat": 30.005, "lon": 120.005, "acc": 5, "datum": "gcj02", "mock": False, "alt": 10},
    "task": uuid7(),
    "media": [{"sha256": "0" * 64, "size": 10, "type": "image/jpeg", "role": "near"}],
    "prev": "0" * 64,
    "replaces": uuid7(),
}
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**31, 2**53, 2**63, -1, 0, 1e308, 5e-324])
SCALARS = (
    st.none()
    | st.booleans()
    | NUMBERS
    | st.text(max_size=8)
    | st.sampled_from(["", uuid7(), "\0", "\ud800", "x" * 5000, "2026-11-22T08:00:00Z", "../x"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a JSON value."""
    keys: Any = []
    if isinstance(value, dict):
        keys = value.keys()
    elif isinstance(value, list):
        keys = range(len(value))
    below = [place for key in keys for place in places(value[key], (*here, key))]
    return [*([here] if here else []), *below]


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A copy of the value with something else in one place."""
    key, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = put(value[key], tuple(rest), new) if rest else new
    return copy


@st.composite
def spoilt_items(draw: st.DrawFn) -> bytes:
    """An item with up to three places spoilt."""
    kind = draw(st.sampled_from(sorted(BODIES)))
    item = json.loads(line(kind, BODIES[kind], **COMMON, seq=draw(st.integers(1, 10_000))))
    for place in draw(st.lists(st.sampled_from(places(item)), max_size=3, unique=True)):
        if place in places(item):
            item = put(item, place, draw(VALUES))
    text = json.dumps(item, ensure_ascii=draw(st.booleans()))
    return text.encode("utf-8", "surrogatepass")


LINES = spoilt_items() | st.binary(min_size=1, max_size=60).filter(
    lambda raw: b"\n" not in raw and bool(raw.strip())
)


@SETTINGS
@given(st.lists(LINES, min_size=1, max_size=12, unique=True))
def test_each_line_gets_a_verdict_and_is_kept(world: World, wire: Wire, lines: list[bytes]) -> None:
    good = line()

    results = wire.exchange(*lines, good)["results"]

    assert [result["sha256"] for result in results] == [*map(sha256, lines), sha256(good)]
    assert results[-1]["status"] == "accepted"
    with world.inside(), reading() as session:
        for raw, result in zip(lines, results, strict=False):
            table: Any = Item if result["status"] in ("accepted", "stale") else Quarantine
            kept = select(table.raw).where(table.sha256 == sha256(raw))
            assert session.scalars(kept).first() == raw
    again = wire.exchange(*lines)["results"]
    assert [(r["status"], r["code"], r["replay"]) for r in again] == [
        (r["status"], r["code"], True) for r in results[:-1]
    ]
