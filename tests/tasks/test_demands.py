"""What must be there when a task is done: each demand alone, all together, how it is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.tasks.demands import Evidence, Spot, as_kept, demanded, missing
from server.tasks.standing import NewTask
from tests.tasks.packs import PACK

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
SPOT = Spot(30.0, 120.0)
NORTH = 1 / 111_195
"""Degrees of latitude in a metre of the mean sphere."""


def _visit(minutes: float = 10, metres: float = 0, **given: Any) -> Evidence:
    visit = Evidence(
        "wang",
        started=START,
        ended=START + timedelta(minutes=minutes),
        lat=30.0 + metres * NORTH,
        lon=120.0,
    )
    return replace(visit, **given)


def _photos(*named: str) -> Evidence:
    """With these photos, each `content:role`."""
    return Evidence("wang", frozenset((one[0], one[2:]) for one in named))


NEAR, FAR = _photos("a:near"), _photos("b:far", "c:x")
ON_THE_SPOT = {"visit_minutes": 10, "visit_metres": 50}


@pytest.mark.parametrize(
    ("demands", "shown", "points"),
    [
        ({}, [], []),
        ({"photos": ["near", "far"]}, [NEAR, FAR], []),
        ({"photos": ["near", "far"]}, [NEAR], ["photo"]),
        ({"photos": ["near", "far"]}, [], ["photo", "photo"]),
        ({"photos": ["near", "far"]}, [_photos("a:near", "a:far")], ["photo"]),
        ({"photos": ["near", "far"]}, [_photos("a:near", "a:far", "b:near")], []),
        ({"photos": ["near", "far"]}, [_photos("a:x", "a:near"), FAR], []),
        (
            {"photos": ["p", "q", "r"]},
            [_photos("a:p", "a:q", "b:q", "b:r", "c:p", "c:q")],
            [],
        ),
        ({"form": "fire"}, [Evidence("wang", form="fire")], []),
        ({"form": "fire"}, [Evidence("wang", form="flood")], ["form"]),
        ({"checklist": "gas"}, [_visit(checklist="gas")], []),
        ({"checklist": "gas"}, [_visit()], ["checklist"]),
        ({"visit_minutes": 10}, [_visit(10, 5000)], []),
        ({"visit_minutes": 10}, [_visit(9.9)], ["visit"]),
        ({"visit_minutes": 10}, [NEAR], ["visit"]),
        ({"visit_metres": 50}, [_visit(0, 49)], []),
        ({"visit_metres": 50}, [_visit(0, 51)], ["visit"]),
        ({"visit_metres": 50}, [_visit(acc=50)], []),
        ({"visit_metres": 50}, [_visit(acc=50.1)], ["visit"]),
        ({"visit_metres": 50}, [_visit(mock=True)], ["visit"]),
        ({"visit_metres": 50}, [_visit(lat=None)], ["visit"]),
        ({"visit_metres": 50}, [replace(NEAR, lat=30.0, lon=120.0)], ["visit"]),
        (ON_THE_SPOT, [_visit(9), _visit(10)], []),
        (ON_THE_SPOT, [_visit(9, 0), _visit(10, 60)], ["visit"]),
        ({"photos": ["near"], "form": "f", "checklist": "c"} | ON_THE_SPOT, [], "pfcv"),
    ],
)
def test_what_is_missing(demands: dict[str, Any], shown: list[Evidence], points: Any) -> None:
    found = [mark["point"] for mark in missing(demands, shown, SPOT)]
    assert [name[0] for name in found] == [name[0] for name in points]


def test_a_mark_says_in_both_languages_what_is_missing() -> None:
    marks = missing({"photos": ["far"]} | ON_THE_SPOT, [], SPOT)
    assert marks == [
        {"point": "photo", "text": "缺照片：far · A photo is missing: far"},
        {
            "point": "visit",
            "text": "缺现场走访：≥ 10 min, ≤ 50 m · "
            "A visit on the spot is missing: ≥ 10 min, ≤ 50 m",
        },
    ]


def test_a_task_without_a_place_can_be_visited_anywhere() -> None:
    assert missing({"visit_metres": 50}, [_visit(0, 5000)], Spot()) == []
    assert missing({"visit_metres": 50}, [], Spot()) != []


EVIDENCE = st.builds(
    Evidence,
    st.just("wang"),
    st.frozensets(st.tuples(st.sampled_from("abc"), st.sampled_from(["near", "far", "after"]))),
    st.sampled_from([None, "fire"]),
    st.sampled_from([None, "gas"]),
    st.just(START),
    st.sampled_from([None, START, START + timedelta(minutes=15)]),
    st.sampled_from([None, 30.0, 31.0]),
    st.just(120.0),
)


@given(st.lists(EVIDENCE, max_size=4), EVIDENCE)
def test_more_evidence_never_lacks_more(shown: list[Evidence], more: Evidence) -> None:
    demands = {"photos": ["near", "far", "after"], "form": "fire", "checklist": "gas"} | ON_THE_SPOT
    before, after = missing(demands, shown, SPOT), missing(demands, [*shown, more], SPOT)
    assert len(after) <= len(before)
    assert missing({}, shown, SPOT) == []


def test_who_gives_a_task_demands_before_its_template_and_its_kind() -> None:
    new = NewTask("wang", "检查", "area", kind="check")
    assert demanded(PACK, new) == {"photos": ["near", "far"], "form": "fire"}
    assert demanded(PACK, replace(new, template="quick")) == ON_THE_SPOT
    assert demanded(PACK, replace(new, template="bare"))["form"] == "fire"
    assert demanded(PACK, replace(new, demands={"form": "x"})) == {"form": "x"}
    assert demanded(PACK, replace(new, kind="general")) == {}
    assert demanded(None, new) == {}
    assert as_kept(PACK.kinds[0].demands) == {"photos": ["near", "far"], "form": "fire"}
