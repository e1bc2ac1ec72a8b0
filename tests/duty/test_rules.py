"""Who stands in for whom, and what may be done to a slip."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.duty import rules
from server.duty.rules import Ground, Office, Seat, Slip, Taker
from server.grid import roles
from server.kernel.problems import Problem
from server.packs.definition import PostRule

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

WANG = Seat("p1", "wang", roles.WORKER, "grid")
LI = Seat("p2", "li", roles.WORKER, "grid", 0, "p1")
HEAD = Seat("p3", "head", roles.LEADER, "community", 1, None, "community")
CHIEF = Seat("p4", "chief", roles.SUPERVISOR, "street", 2, None, "street")
SEATS = [WANG, LI, HEAD, CHIEF]


def ground(*seats: Seat, admins: tuple[str, ...] = ("root",), **away: str | None) -> Ground:
    chosen = frozenset(member for member in away.values() if member)
    return Ground({"grid": list(seats)}, admins, away, chosen)


@pytest.mark.parametrize(
    ("who", "takes"),
    [
        (ground(*SEATS, wang=None), Taker("li")),
        (ground(*SEATS, wang="zhao"), Taker("li")),
        (ground(*SEATS, wang="zhao", li=None), Taker("zhao")),
        (ground(*SEATS, wang="zhao", li=None, zhao=None), Taker("head")),
        (ground(WANG, HEAD, CHIEF, wang=None), Taker("head")),
        (ground(WANG, HEAD, CHIEF, wang=None, head=None), Taker("chief")),
        (ground(WANG, wang=None), Taker("root", last_resort=True)),
        (ground(WANG, admins=(), wang=None), None),
        (ground(WANG, wang=None, root=None), None),
    ],
)
def test_who_stands_in(who: Ground, takes: Taker | None) -> None:
    assert rules.stand_in("wang", "grid", who) == takes


def test_a_pair_works_both_ways() -> None:
    assert rules.stand_in("li", "grid", ground(*SEATS, li=None)) == Taker("wang")


def test_whom_the_slip_chose_must_hold_a_post() -> None:
    left = Ground({"grid": [WANG, HEAD]}, (), {"wang": "zhao"}, frozenset())
    assert rules.stand_in("wang", "grid", left) == Taker("head")


@pytest.mark.parametrize(
    ("office", "seats", "away", "takes"),
    [
        (Office("grid", roles.WORKER), SEATS, {}, "wang"),
        (Office("grid", roles.WORKER), SEATS, {"wang": None}, "li"),
        (Office("grid", roles.WORKER), SEATS, {"wang": None, "li": None}, "head"),
        (Office("community", roles.OPERATOR), SEATS, {}, "head"),
        (Office("community", roles.LEADER), SEATS, {"head": None}, "chief"),
        (None, SEATS, {}, "wang"),
        (None, [HEAD], {}, "head"),
    ],
)
def test_who_comes_after(office: Office | None, seats: list, away: dict, takes: str) -> None:
    assert rules.successor("gone", office, "grid", ground(*seats, **away)) == Taker(takes)


def test_nobody_comes_after_itself() -> None:
    office = Office("grid", roles.WORKER)
    taker = rules.successor("wang", office, "grid", ground(WANG, admins=("wang",)))
    assert taker is None


MEMBER = PostRule("member", "格员", roles.WORKER, "grid", backups=("contact", "desk"))
CONTACT = PostRule("contact", "挂点", roles.OPERATOR, "community", backups=("chief",))
DESK = PostRule("desk", "坐席", roles.OPERATOR, "community")
TOP = PostRule("chief", "监督员", roles.SUPERVISOR, "street")
RULED = (MEMBER, CONTACT, DESK, TOP)

ZHAO = Seat("p1", "zhao", roles.WORKER, "grid", level="grid", code="member")
AT_DESK = Seat("p5", "desk", roles.OPERATOR, "community", 1, None, "community", "desk")
IN_CONTACT = Seat("p6", "contact", roles.OPERATOR, "community", 1, None, "community", "contact")
STAFF = [ZHAO, AT_DESK, IN_CONTACT, HEAD, CHIEF]


def ruled(*seats: Seat, **away: str | None) -> Ground:
    """The same under a pack."""
    return replace(ground(*seats, **away), posts={"grid": RULED})


@pytest.mark.parametrize(
    ("who", "takes"),
    [
        (ruled(*STAFF, zhao=None), "contact"),
        (ruled(*STAFF, zhao=None, contact=None), "desk"),
        (ruled(*STAFF, zhao=None, contact=None, desk=None), "chief"),
        (ruled(*STAFF, zhao=None, contact=None, desk=None, chief=None), "head"),
        (ruled(*STAFF, Seat("p7", "qian", roles.WORKER, "grid", 0, "p1"), zhao=None), "qian"),
        (ruled(*STAFF, zhao="head"), "head"),
        (ruled(*[replace(seat, code=None) for seat in STAFF], zhao=None), "desk"),
        (ruled(replace(ZHAO, code="other"), *STAFF[1:], zhao=None), "head"),
        (replace(ruled(*STAFF, zhao=None), posts={"street": RULED}), "head"),
    ],
)
def test_who_stands_in_by_the_pack(who: Ground, takes: str) -> None:
    assert rules.stand_in("zhao", "grid", who) == Taker(takes)


LEFT = Office("grid", roles.WORKER, "grid", "member")


@pytest.mark.parametrize(
    ("office", "seats", "takes"),
    [
        (LEFT, [*STAFF], "zhao"),
        (LEFT, [replace(ZHAO, code=None), *STAFF[1:]], "zhao"),
        (LEFT, [replace(ZHAO, code="other"), *STAFF[1:]], "contact"),
        (LEFT, STAFF[1:], "contact"),
        (LEFT._replace(code="other"), STAFF[1:], "head"),
        (None, STAFF[1:], "head"),
    ],
)
def test_who_comes_after_by_the_pack(office: Office | None, seats: list, takes: str) -> None:
    assert rules.successor("gone", office, "grid", ruled(*seats)) == Taker(takes)


def test_leaders_come_before_supervisors_level_by_level() -> None:
    above = Seat("p5", "boss", roles.SUPERVISOR, "community", 1)
    assert rules.responsible([above, *SEATS]) == ["head", "boss", "chief"]


MEMBERS = st.sampled_from(["a", "b", "c", "d", "e"])
POSTS = st.sampled_from(["1", "2", "3", "4"])
A_SEAT = st.builds(
    Seat,
    post=POSTS,
    member=MEMBERS,
    role=st.sampled_from([roles.WORKER, roles.LEADER, roles.SUPERVISOR, roles.OPERATOR]),
    area=st.just("grid"),
    depth=st.integers(0, 2),
    backup_of=st.none() | POSTS,
)
A_GROUND = st.builds(
    Ground,
    seats=st.fixed_dictionaries({"grid": st.lists(A_SEAT, max_size=6)}),
    admins=st.lists(MEMBERS, max_size=2),
    away=st.dictionaries(MEMBERS, st.none() | MEMBERS),
    present=st.frozensets(MEMBERS),
)


@given(owner=MEMBERS, who=A_GROUND)
def test_a_taker_is_there_and_somebody_is_found_if_anybody_answers(owner: str, who: Ground) -> None:
    takers = [
        rules.stand_in(owner, "grid", who),
        rules.successor(owner, Office("grid", roles.WORKER), "grid", who),
    ]
    answering = {*rules.responsible(who.at("grid")), *who.admins} - {owner, *who.away}
    for taker in takers:
        assert taker is not None or not answering
        if taker is not None:
            assert taker.member != owner
            assert taker.member not in who.away
            assert taker.last_resort <= (taker.member in who.admins)


@pytest.mark.parametrize(
    ("moment", "begins", "ends"),
    [
        (date(2026, 12, 1), "2026-11-30T16:00Z", "2026-12-01T16:00Z"),
        (datetime(2026, 12, 1, 8, tzinfo=UTC), "2026-12-01T08:00Z", "2026-12-01T08:00Z"),
    ],
)
def test_a_day_is_one_of_the_deployment_and_included(
    moment: rules.Moment, begins: str, ends: str
) -> None:
    assert rules.begin_of(moment, ZONE) == datetime.fromisoformat(begins)
    assert rules.end_of(moment, ZONE) == datetime.fromisoformat(ends)


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        (NOW, NOW, "period_reversed"),
        (NOW + HOUR, NOW, "period_reversed"),
        (NOW - 2 * HOUR, NOW, "absence_past"),
        (NOW, NOW + rules.LONGEST + HOUR, "invalid"),
        (NOW - HOUR, NOW + HOUR, None),
        (NOW, NOW + rules.LONGEST, None),
    ],
)
def test_periods(begins: datetime, ends: datetime, code: str | None) -> None:
    with pytest.raises(Problem, match=code) if code else nullcontext():
        rules.check_period(begins, ends, NOW)


ASKED = Slip("wang", NOW, NOW + HOUR)
STANDS = Slip("wang", NOW, NOW + HOUR, "head")
BEGUN = Slip("wang", NOW, NOW + HOUR, "head", NOW)
OVER = Slip("wang", NOW, NOW + HOUR, "head", NOW, NOW)


@pytest.mark.parametrize(
    ("slip", "fields", "superior", "code"),
    [
        (ASKED, {"ends", "reason", "begins"}, False, None),
        (ASKED, {"approved"}, False, "forbidden"),
        (ASKED, {"approved"}, True, None),
        (STANDS, {"ends"}, False, "forbidden"),
        (STANDS, {"begins", "backup"}, True, None),
        (BEGUN, {"ends", "reason"}, True, None),
        (BEGUN, {"begins"}, True, "state_illegal"),
        (BEGUN, {"open_tasks"}, True, "state_illegal"),
        (OVER, {"ends"}, True, "state_illegal"),
    ],
)
def test_what_may_be_changed(slip: Slip, fields: set, superior: bool, code: str | None) -> None:
    with pytest.raises(Problem, match=code) if code else nullcontext():
        rules.check_change(slip, fields, superior)


def test_states_and_what_is_due() -> None:
    assert [rules.state_of(s) for s in (ASKED, STANDS, BEGUN, OVER)] == [
        *("requested", "approved", "approved", "ended")
    ]
    assert [rules.is_due(s, NOW) for s in (ASKED, STANDS, BEGUN, OVER)] == [
        *(False, True, False, False)
    ]
    assert not rules.is_due(STANDS, NOW + HOUR)
