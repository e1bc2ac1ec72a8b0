"""Who gets what, decided by tables and whatever hypothesis thinks of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.dispatch.pushes import rules
from server.dispatch.pushes.rules import (
    Given,
    Ground,
    LeftOut,
    Reach,
    Recipients,
    Seat,
    Subject,
    Target,
)
from server.kernel.ids import uuid7
from server.kernel.problems import Problem

TREE = [
    Ground("s", None, "street"),
    Ground("c1", "s", "community"),
    Ground("c2", "s", "community"),
    Ground("g1", "c1", "grid"),
    Ground("g2", "c1", "grid"),
    Ground("g3", "c2", "grid"),
]
IDS = [ground.id for ground in TREE]
seats = st.lists(
    st.builds(Seat, st.sampled_from("abcdef"), st.sampled_from(IDS), st.booleans()), max_size=12
)


@pytest.mark.parametrize(
    ("target", "reach"),
    [
        (Target(member=uuid7()), Reach.MEMBER),
        (Target(post=uuid7()), Reach.ONE_POST),
        (Target(post="grid_worker", area="s"), Reach.POST),
        (Target(post="grid_worker"), Reach.POST),
        (Target(area="s"), Reach.AREA),
        (Target(area="s", role="leader"), Reach.ROLE),
        (Target(subjects=(Subject("x", "g1"),)), Reach.SUBJECTS),
    ],
)
def test_what_a_target_reaches(target: Target, reach: Reach) -> None:
    assert target.reach is reach


@given(seats)
def test_of_an_area_each_holder_gets_one_and_backups_only_where_there_is_none(
    seats: list[Seat],
) -> None:
    found = rules.for_areas(TREE, seats)
    assert len(set(found.given)) == len(found.given)
    for area in IDS:
        got = {one.assignee for one in found.given if one.area == area}
        holders = {seat.member for seat in seats if seat.area == area and not seat.is_backup}
        backups = {seat.member for seat in seats if seat.area == area and seat.is_backup}
        assert got == (holders or backups)


@given(seats)
def test_a_lowest_area_is_looked_after_or_left_out(seats: list[Seat]) -> None:
    found = rules.for_areas(TREE, seats)
    held = {one.area for one in found.given}
    ways = {"g1": {"g1", "c1", "s"}, "g2": {"g2", "c1", "s"}, "g3": {"g3", "c2", "s"}}
    bare = [area for area, way in ways.items() if not held & way]
    assert found.left_out == [LeftOut("nobody", area) for area in bare]


def test_holders_above_the_push_do_not_count() -> None:
    found = rules.for_areas([Ground("g1", "c1", "grid")], [])
    assert found.left_out == [LeftOut("nobody", "g1")]


@given(seats)
def test_of_a_level_every_area_is_served_or_left_out(seats: list[Seat]) -> None:
    found = rules.for_level(TREE, seats, "grid")
    served = {one.area for one in found.given}
    assert served | {one.area for one in found.left_out} == {"g1", "g2", "g3"}
    assert not served & {one.area for one in found.left_out}
    assert served == {seat.area for seat in seats if seat.area.startswith("g")}


subjects = st.lists(
    st.one_of(
        st.builds(Subject, st.uuids().map(str), area=st.sampled_from(IDS)),
        st.builds(Subject, st.uuids().map(str), assignee=st.sampled_from("abxy")),
    ),
    unique_by=lambda one: one.subject,
    max_size=12,
)
HOMES = {"a": "g1", "b": "g2"}
above = st.lists(
    st.builds(
        Seat, st.sampled_from("abcdef"), st.sampled_from(IDS), st.booleans(), st.integers(0, 2)
    ),
    max_size=12,
)


@given(subjects, above)
def test_each_subject_is_given_once_or_left_out(asked: list[Subject], seats: list[Seat]) -> None:
    rules.check_subjects(asked)
    found = rules.for_subjects(asked, seats, HOMES)
    dealt = [one.subject for one in found.given] + [one.subject for one in found.left_out]
    assert sorted(map(str, dealt)) == sorted(one.subject for one in asked)
    where = {one.subject: one for one in asked}
    for one in found.given:
        asked_for = where[str(one.subject)]
        assert asked_for.area in (one.area, None)
        assert asked_for.assignee in (one.assignee, None)


@pytest.mark.parametrize(
    ("seats", "who"),
    [
        ([Seat("far", "g1", False, 2), Seat("near", "g1", False, 0)], "near"),
        ([Seat("backup", "g1", True, 0), Seat("holder", "g1", False, 0)], "holder"),
        ([Seat("leader", "g1", False, 1), Seat("backup", "g1", True, 0)], "backup"),
        ([Seat("other", "g2", False, 0)], None),
    ],
)
def test_the_nearest_acts(seats: list[Seat], who: str | None) -> None:
    found = rules.for_subjects([Subject("x", "g1")], seats, {})
    assert [one.assignee for one in found.given] == ([who] if who else [])


@pytest.mark.parametrize("one", [Subject("x"), Subject("x", "g1", "a")])
def test_a_subject_has_an_area_or_an_assignee(one: Subject) -> None:
    with pytest.raises(Problem, match="invalid"):
        rules.check_subjects([one])


@given(
    st.lists(st.builds(Given, st.sampled_from("abc"), st.sampled_from(IDS)), unique=True),
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.sampled_from(IDS)),
        st.one_of(st.none(), st.sampled_from("xyz")),
    ),
)
def test_who_is_away_is_stood_in_for_or_left_out(
    tasks: list[Given], away: dict[tuple[str, str], str | None]
) -> None:
    found = rules.stood_in(Recipients(tasks, []), away)
    assert len(found.given) + len(found.left_out) == len(tasks)
    for one in found.given:
        assert one.stand_in == away.get((one.assignee, one.area))
        assert one.stand_in is not None or (one.assignee, one.area) not in away
    assert {one.why for one in found.left_out} <= {"absent"}
    told = rules.told_stand_ins(found)
    assert {(one["member"], one["area"]) for one in told} <= away.keys()
    assert len({one.stand_in or one.assignee for one in found.given}) == len(rules.takers(found))


@pytest.mark.parametrize(
    ("total", "confirmed", "asked"),
    [(10, None, False), (11, None, True), (11, 10, True), (11, 12, True), (11, 11, False)],
)
def test_above_the_limit_exactly_this_number_is_confirmed(
    total: int, confirmed: int | None, asked: bool
) -> None:
    if not asked:
        rules.check_number(total, 10, confirmed)
        return
    with pytest.raises(Problem) as raised:
        rules.check_number(total, 10, confirmed)
    assert raised.value.extra == {"number": total}
