import random
from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fieldkit import wire
from fieldkit.simulator import shift
from fieldkit.simulator.shift import PLANTED, ZONE, Step, last_shift_day, script
from fieldkit.simulator.walk import a_patrol, a_point, far_from, is_inside, outer_ring

DAY = datetime(2026, 11, 21, tzinfo=ZONE)
# An L: its corner to the north-east is not part of it.
RING = ((30.0, 120.0), (30.0, 120.01), (30.004, 120.01), (30.004, 120.004), (30.01, 120.004))
RING = (*RING, (30.01, 120.0))
SEEDS = st.integers(0, 10_000)


def steps_of(seed: int, most: int = 20) -> list[Step]:
    return script(random.Random(seed), "shift-1", DAY, RING, most)


@given(SEEDS)
def test_a_shift_begins_and_ends_and_runs_in_order(seed: int) -> None:
    steps = steps_of(seed)
    assert (steps[0].kind, steps[-1].kind) == ("shift_start", "shift_end")
    times = [step.at for step in steps]
    assert times == sorted(times)
    assert times[0] == DAY + timedelta(hours=7, minutes=15)
    assert times[-1] == DAY + timedelta(hours=20, minutes=15)


@given(SEEDS, st.integers(6, 20))
def test_reports_are_within_bounds_and_within_the_cell(seed: int, most: int) -> None:
    own = [step for step in steps_of(seed, most) if step.kind == "report" and not step.planted]
    # One of them is the report whose content is planted a second time.
    assert 6 <= len(own) - 1 <= most
    for step in own:
        assert step.loc and is_inside(RING, step.loc["lat"], step.loc["lon"])
        assert step.shots and step.body["category"]


@given(SEEDS)
def test_tracks_stay_within_the_cell_and_name_their_gap(seed: int) -> None:
    tracks = [step for step in steps_of(seed) if step.kind == "track"]
    points = [point for step in tracks for point in step.body["points"]]
    assert all(len(step.body["points"]) <= 40 for step in tracks)
    assert all(is_inside(RING, lat, lon) for _, lat, lon, _ in points)
    gaps = [gap for step in tracks for gap in step.body["gaps"]]
    assert [reason for _, _, reason in gaps] == ["no_fix"]


@given(SEEDS)
def test_each_planted_line_is_there_once(seed: int) -> None:
    steps = steps_of(seed)
    assert Counter(step.planted for step in steps if step.planted) == dict.fromkeys(PLANTED, 1)
    planted = {step.planted: step for step in steps}
    assert planted[shift.MOCK].loc["mock"] is True
    outside = planted[shift.OUTSIDE].loc
    assert not is_inside(RING, outside["lat"], outside["lon"])
    assert "category" not in planted[shift.BROKEN].body
    assert planted[shift.UNKNOWN].kind == "drone_flight"
    twin = planted[shift.DUPLICATE]
    first = next(step for step in steps if step.at == twin.at and step.planted is None)
    assert (first.body, first.loc, first.shots) == (twin.body, twin.loc, twin.shots)


@given(SEEDS)
def test_the_same_seed_writes_the_same_script_that_json_can_hold(seed: int) -> None:
    steps = steps_of(seed)
    assert steps == steps_of(seed)
    assert all(wire.encode(step.body) for step in steps)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-22T20:14:00+08:00", 21),
        ("2026-11-22T20:16:00+08:00", 22),
        ("2026-11-22T12:20:00+00:00", 22),
        ("2026-11-22T00:00:00+00:00", 21),
        ("2026-11-21T16:30:00+00:00", 21),
    ],
)
def test_the_latest_shift_that_is_over(now: str, day: int) -> None:
    found = last_shift_day(datetime.fromisoformat(now))
    assert found == datetime(2026, 11, day, tzinfo=ZONE)


@given(SEEDS)
@example(46)
def test_points_and_patrols_stay_inside_and_far_is_far(seed: int) -> None:
    rng = random.Random(seed)
    assert is_inside(RING, *a_point(rng, RING))
    fixes = a_patrol(rng, RING, DAY, 30, 30)
    assert all(is_inside(RING, fix.lat, fix.lon) for fix in fixes)
    assert [fix.at for fix in fixes] == [DAY + timedelta(seconds=30 * n) for n in range(30)]
    assert not is_inside(RING, *far_from(RING))


def test_a_sliver_gives_its_corner() -> None:
    line = ((30.0, 120.0), (30.0, 120.1), (30.0, 120.0))
    assert a_point(random.Random(1), line) == (30.0, 120.0)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[120, 30], [121, 30], [121, 31], [120, 30]]]},
        {"type": "MultiPolygon", "coordinates": [[[[120, 30], [121, 30], [121, 31], [120, 30]]]]},
    ],
)
def test_the_outer_ring_is_turned_to_lat_lon(geometry) -> None:
    assert outer_ring(geometry) == [(30, 120), (30, 121), (31, 121), (30, 120)]
