"""The packs that come along: sound, and with the numbers of their regimes."""

from datetime import date, datetime, time
from fractions import Fraction

import pytest
import yaml

from server.duty import rules as duty
from server.grid import roles
from server.packs import shipped, words
from server.packs.definition import Amount, Pack, Rhythm, Unit
from server.packs.reading import read
from server.packs.rhythm import occurrences
from server.packs.worktime import WorkTime
from tests.packs.calendars import SHANGHAI, china


def pack(name: str) -> Pack:
    return read(shipped.text(name))


@pytest.mark.parametrize("name", shipped.names())
def test_a_shipped_pack_is_sound_and_has_its_name(name: str) -> None:
    made = pack(name)
    assert (made.id, made.version) == (name, 1)
    assert made.levels
    assert made.posts
    assert made.deadlines.default
    assert made.notices
    assert made.escalation
    assert made.local_choices


def test_there_are_four_and_no_other() -> None:
    assert shipped.names() == ["chashan", "community", "wujiagang", "xiaoshan"]
    with pytest.raises(KeyError):
        shipped.text("../schemas/base.py")


@pytest.mark.parametrize("name", shipped.names())
def test_who_must_be_backed_has_backups_and_the_choice_is_marked(name: str) -> None:
    made = pack(name)
    must = [post.code for post in made.posts if post.backup == "required"]
    assert must == [post.code for post in made.posts if post.backups]
    assert {f"posts.{code}.backups" for code in must} <= set(made.local_choices)


@pytest.mark.parametrize("name", shipped.names())
def test_no_regime_gives_yellow_or_acceptance_and_each_such_number_is_marked(name: str) -> None:
    marked = pack(name).local_choices
    said = yaml.safe_load(shipped.text(name))["deadlines"]
    for path in paths(said, "deadlines"):
        if path.endswith((".yellow_at", ".accept_within", ".extension")):
            assert any(f"{path}.".startswith(f"{one}.") for one in marked), path


def paths(said: object, path: str) -> list[str]:
    """The path of every key below `path`."""
    found = said.items() if isinstance(said, dict) else ()
    return [path, *(deeper for key, one in found for deeper in paths(one, f"{path}.{key}"))]


def test_roles_are_those_of_the_server() -> None:
    assert words.ROLES == roles.ROLES
    assert words.TAKERS == duty.TAKERS


def due(name: str, code: str, year: int = 2026) -> list[date]:
    """The days of a year on which a plan of a shipped pack is due."""
    (plan,) = [one for one in pack(name).plans if one.code == code]
    begin, end = (datetime(one, 1, 1, tzinfo=SHANGHAI) for one in (year, year + 1))
    found = occurrences(plan.rhythm, begin, end, china, SHANGHAI)
    return [at.astimezone(SHANGHAI).date() for at in found]


@pytest.mark.parametrize("name", shipped.names())
def test_every_plan_comes(name: str) -> None:
    assert [plan.code for plan in pack(name).plans if not due(name, plan.code)] == []


def test_plans_come_when_the_regime_says() -> None:
    mondays = due("chashan", "monday_meeting")
    assert [day.weekday() for day in mondays] == [0] * 12
    assert max(day.day for day in mondays) <= 7
    assert {day.weekday() for day in due("chashan", "joint_patrol")} == {4}
    payments = [(day.month, day.day) for day in due("xiaoshan", "quarter_payment")]
    assert payments == [(1, 9), (4, 9), (7, 9), (10, 9)]
    assert len(due("community", "survey")) == 2
    assert len(due("community", "sort_and_upload")) == 365


def test_three_working_days_over_the_holiday() -> None:
    """From 30 September to 10 October, a Saturday that is worked."""
    made = pack("wujiagang")
    assert made.deadlines.default is not None
    clock = WorkTime(made.calendar, china, SHANGHAI)
    start = datetime(2026, 9, 30, 10, tzinfo=SHANGHAI)
    due_at = clock.add(start, made.deadlines.default.limit).astimezone(SHANGHAI)
    assert due_at == datetime(2026, 10, 10, 17, 30, tzinfo=SHANGHAI)


def hours(number: int) -> Amount:
    return Amount(number, Unit.HOUR)


def test_xiaoshan() -> None:
    made = pack("xiaoshan")
    assert made.shift is not None
    assert (made.shift.begin, made.shift.end) == (time(7, 15), time(20, 15))
    assert {zone.code: zone.every for zone in made.zones} == {
        "red": hours(1),
        "yellow": hours(2),
        "blue": hours(4),
    }
    (snow,) = made.shift.emergencies
    assert (snow.begin, snow.first_report) == (time(6), time(7, 30))
    assert made.shift.proof == ("test_case", "track")
    assert {one.kind: one.expects for one in made.catalogs} == {
        "component": (6, 98),
        "event": (6, 61),
    }
    assert made.waiting["conversion"][0]["ratio"] == [3, 1]
    assert {one["measure"]: one for one in made.waiting["quality"]}["distinct_minors"]["min"] == 104


def test_wujiagang() -> None:
    made = pack("wujiagang")
    (twice,) = made.patrol
    assert (twice.times, twice.on) == (2, "work_day")
    assert made.deadlines.red_asks_why
    assert made.size_target == {"managed_estate": 500, "mixed_estate": 300, "village": 400}
    assert [one.children for one in made.levels if one.code == "station"] == [(6, 10)]
    (worker,) = [one for one in made.posts if one.role == "worker"]
    assert (worker.per_area, worker.most_areas) == (1, 2)
    items = made.waiting["score_sheets"]["grid_worker"]["items"]
    assert [one["full"] for one in items] == [15, 45, 30, 10]
    assert "deadlines.default" in made.local_choices


def test_community() -> None:
    limits = pack("community").deadlines
    assert limits.by_level["community"].limit == Amount(1, Unit.NATURAL_DAY)
    assert limits.by_level["office"].limit == Amount(2, Unit.NATURAL_DAY)
    assert limits.by_kind["other_unit"].limit == Amount(3, Unit.NATURAL_DAY)
    assert limits.by_kind["special"].limit == Amount(5, Unit.WORK_DAY)
    steps = [(step.level, step.to) for step in pack("community").escalation]
    assert steps == [("grid", "community"), ("community", "office")]


def test_chashan() -> None:
    made = pack("chashan")
    rhythms = {plan.code: plan.rhythm for plan in made.plans}
    assert rhythms["friday_meeting"] == Rhythm("week", weekday=5, at=time(9))
    assert rhythms["monday_meeting"] == Rhythm("month", weekday=1, nth=1, at=time(9))
    assert rhythms["joint_patrol"].weekday == 5
    assert rhythms["joint_patrol"].at >= time(12)
    assert [one.minutes for one in made.patrol if one.kind == "min_minutes"] == [(60, None)]
    sheets = made.waiting["score_sheets"]
    assert [one.get("pay") for one in sheets["room_head"]["items"]] == [
        50,
        50,
        10,
        50,
        20,
        -50,
        -50,
    ]
    assert made.deadlines.default is not None
    assert made.deadlines.default.yellow_at == Fraction(7, 10)
