"""Rules of the grid room, by tables."""

from contextlib import nullcontext
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.grid import roles, rules
from server.grid.rules import Period, Seat
from server.kernel.problems import Problem
from tests.factories import square

LEVELS = [{"code": "street"}, {"code": "community"}, {"code": "grid"}]
DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 9))
ALL_DAYS = [date(2026, 1, day) for day in range(1, 10)]


def refused(code: str, field: str | None = None) -> Any:
    """The block raises the problem `code`, about `field`."""

    class Refused:
        def __enter__(self) -> None:
            self.raises = pytest.raises(Problem)
            self.info = self.raises.__enter__()

        def __exit__(self, *error: Any) -> bool | None:
            stopped = self.raises.__exit__(*error)
            assert self.info.value.code == code
            assert field is None or list(self.info.value.errors) == [field]
            return stopped

    return Refused()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [(" Li ", "li"), ("ＬＩ", "li"), ("Straße", "strasse"), ("李", "李"), ("a b", "a b")],
)
def test_user_names_have_one_spelling(typed: str, stored: str) -> None:
    assert rules.username(typed) == stored
    assert rules.username(stored) == stored


@pytest.mark.parametrize("typed", ["", "  ", "a" * 65, "ﷺ" * 4, "a\x07b", "a\u200bb"])
def test_user_names_that_cannot_be_typed_or_kept_are_refused(typed: str) -> None:
    with refused("invalid", "username"):
        rules.username(typed)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 60), (6, 120), (7, 240), (10, 1920), (11, 3600), (10**9, 3600)],
)
def test_waits_double_up_to_an_hour(failures: int, seconds: int) -> None:
    assert rules.lock_seconds(failures) == seconds


def test_passwords_have_ten_characters() -> None:
    rules.check_password("一二三四五六七八九十")
    with refused("password_weak", "password"):
        rules.check_password("123456789")


def days_of(period: Period) -> set[date]:
    return {
        day
        for day in ALL_DAYS
        if (period.first or day) <= day and (period.last is None or day <= period.last)
    }


@given(DAYS, DAYS, DAYS, DAYS)
def test_periods_meet_if_they_have_a_day_in_common(
    a: date | None, b: date | None, c: date | None, d: date | None
) -> None:
    one, other = Period(a, b), Period(c, d)
    if days_of(one) and days_of(other):
        assert one.meets(other) == other.meets(one) == bool(days_of(one) & days_of(other))


@given(DAYS, DAYS)
def test_a_period_ends_on_its_first_day_or_later(first: date | None, last: date | None) -> None:
    if days_of(Period(first, last)):
        rules.check_period(Period(first, last), "to_day")
    else:
        with refused("period_reversed", "to_day"):
            rules.check_period(Period(first, last), "to_day")


@pytest.mark.parametrize(
    ("level", "parent"),
    list(product(["street", "community", "grid", "x"], [None, "street", "grid"])),
)
def test_a_level_comes_right_below_that_of_its_parent(level: str, parent: str | None) -> None:
    if (level, parent) in [("street", None), ("community", "street")]:
        rules.check_level(LEVELS, level, parent)
    else:
        with refused("level_wrong", "level"):
            rules.check_level(LEVELS, level, parent)


def test_levels_have_different_codes() -> None:
    rules.check_levels(LEVELS)
    with refused("invalid", "levels"):
        rules.check_levels([*LEVELS, {"code": "grid"}])


@pytest.mark.parametrize(
    ("level", "code", "fits"),
    [
        ("grid", "330199001001001", True),
        ("grid", "33019900100100Z", True),
        ("grid", "33019900100100z", False),
        ("grid", "3301990010010011", False),
        ("grid", "33019900100100１", False),
        ("grid", "330199001001001\n", False),
        ("street", "330199", True),
        ("street", "330199001", True),
        ("piece", "甲-1", True),
        ("piece", "x" * 32, True),
        ("piece", "x" * 33, False),
        ("piece", "a b", False),
        ("piece", "", False),
    ],
)
def test_codes_have_the_form_of_their_level(level: str, code: str, fits: bool) -> None:
    if fits:
        rules.check_code(level, code)
    else:
        with refused("code_format", "code"):
            rules.check_code(level, code)


def test_an_area_is_not_put_below_itself() -> None:
    rules.check_parent("c", ["a", "b"])
    rules.check_parent(None, ["a", "b"])
    with refused("tree_cycle", "parent"):
        rules.check_parent("b", ["a", "b"])


def test_geometries_keep_longitude_and_latitude_only() -> None:
    cell = square(30.0, 120.0, 0.01, 0.01)
    high = [[[*position, 3] for position in cell["coordinates"][0]]]
    assert rules.sound_geometry({"type": "Polygon", "coordinates": high, "x": 1}) == cell
    two = {"type": "MultiPolygon", "coordinates": [high]}
    assert rules.sound_geometry(two)["coordinates"] == [cell["coordinates"]]


@pytest.mark.parametrize("geometry", [None, 5, "x", [], {}, {"type": "Point"}, {"type": []}])
def test_what_is_no_polygon_is_refused(geometry: Any) -> None:
    with refused("polygon_invalid", "geometry"):
        rules.sound_geometry(geometry)


def test_neighbours_share_a_border_but_no_ground() -> None:
    cell = square(30.0, 120.0, 0.01, 0.01)
    rules.check_overlap(cell, [("east", square(30.0, 120.01, 0.01, 0.01))])
    with refused("polygon_overlap", "geometry"):
        rules.check_overlap(cell, [("east", square(30.0, 120.009, 0.01, 0.01))])


def seat(id_: str = "1", **given: Any) -> Seat:
    facts = {"member": "m", "role": roles.WORKER, "area": "a", "period": Period(None, None)}
    return Seat(id_, **(facts | given))


@pytest.mark.parametrize("role", roles.ROLES)
def test_roles_of_the_field_need_an_area(role: str) -> None:
    rules.check_seat(seat(role=role))
    if role in (roles.ADMIN, roles.AUDITOR):
        rules.check_seat(seat(role=role, area=None))
    else:
        with refused("invalid", "area"):
            rules.check_seat(seat(role=role, area=None))


JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))
FEBRUARY = Period(date(2026, 2, 1), None)


@pytest.mark.parametrize("role", roles.ROLES)
def test_workers_and_leaders_hold_an_area_alone(role: str) -> None:
    if role in (roles.WORKER, roles.LEADER):
        with refused("post_taken", "area"):
            rules.check_single(seat(role=role), [seat("2", role=role)])
    else:
        rules.check_single(seat(role=role), [seat("2", role=role)])


@pytest.mark.parametrize(
    ("one", "other", "is_free"),
    [("head", "contact", True), ("head", "head", False), ("head", None, False), (None, "a", False)],
)
def test_of_two_codes_they_are_two_posts(one: str | None, other: str | None, is_free: bool) -> None:
    with nullcontext() if is_free else refused("post_taken", "area"):
        rules.check_single(seat(code=one), [seat("2", code=other)])


def test_a_post_is_free_for_itself_for_backups_and_for_other_days() -> None:
    rules.check_single(seat(), [seat()])
    rules.check_single(seat(backup_of="2"), [seat("2")])
    rules.check_single(seat(), [seat("2", backup_of="3")])
    rules.check_single(seat(period=FEBRUARY), [seat("2", period=JANUARY)])
    with pytest.raises(Problem) as refusal:
        rules.check_single(seat(period=JANUARY), [seat("2", period=JANUARY)])
    assert refusal.value.errors == {"area": ["2"]}


@pytest.mark.parametrize(
    ("backed", "code"),
    [
        ({}, None),
        ({"role": roles.LEADER}, "backup_wrong"),
        ({"area": "b"}, "backup_wrong"),
        ({"member": "m"}, "backup_wrong"),
        ({"backup_of": "3"}, "backup_wrong"),
        (None, "reference_unknown"),
    ],
)
def test_a_backup_is_anothers_for_the_same_area_and_role(
    backed: dict[str, Any] | None, code: str | None
) -> None:
    one = None if backed is None else seat("2", **({"member": "n"} | backed))
    if code is None:
        rules.check_backup(seat(backup_of="2"), one)
    else:
        with refused(code, "backup_of"):
            rules.check_backup(seat(backup_of="2"), one)


def test_supervisors_give_the_posts_of_the_field_only() -> None:
    given_by = {role for role in roles.ROLES if roles.SUPERVISOR in rules.GIVERS[role]}
    assert given_by == {roles.WORKER, roles.LEADER, roles.OPERATOR}
    assert all(roles.ADMIN in rules.GIVERS[role] for role in roles.ROLES)
    assert {giver for givers in rules.GIVERS.values() for giver in givers} == set(roles.MANAGERS)


@pytest.mark.parametrize(
    ("state", "mode", "after"),
    [
        ("active", "drain", "draining"),
        ("active", "now", "revoked"),
        ("draining", "drain", "draining"),
        ("draining", "now", "revoked"),
        ("revoked", "now", "revoked"),
        ("revoked", "drain", None),
    ],
)
def test_a_revoked_device_has_no_way_back(state: str, mode: str, after: str | None) -> None:
    if after is None:
        with refused("state_illegal", "mode"):
            rules.next_state(state, mode)
    else:
        assert rules.next_state(state, mode) == after
