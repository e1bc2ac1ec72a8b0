"""Which pack holds where, what a day is, and what a device is told of a pack."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.packs import reading, shipped
from server.regime import rules
from server.regime.rules import ADMIN, LIBRARY, PROVISIONAL, Day, Term, Terms

JANUARY, MAY, AUGUST = date(2026, 1, 1), date(2026, 5, 1), date(2026, 8, 1)
ABOVE = {
    "grid": ["community", "street"],
    "community": ["community", "street"],
    "street": ["street"],
}


def term(number: int, area: str | None, from_day: date, ref: str) -> Term:
    return Term(f"{number:03}", area, from_day, ref)


TERMS = Terms(
    [
        term(1, None, JANUARY, "all@1"),
        term(2, "street", MAY, "street@1"),
        term(3, "community", AUGUST, "community@1"),
        term(4, "street", AUGUST, "street@2"),
        term(5, "street", AUGUST, "street@3"),
    ],
    ABOVE,
)


@pytest.mark.parametrize(
    ("area", "day", "ref"),
    [
        ("grid", JANUARY - timedelta(days=1), None),
        ("grid", JANUARY, "all@1"),
        ("grid", MAY - timedelta(days=1), "all@1"),
        ("grid", MAY, "street@1"),
        ("grid", AUGUST, "community@1"),
        ("street", AUGUST, "street@3"),
        ("elsewhere", AUGUST, "all@1"),
        (None, AUGUST, "all@1"),
    ],
)
def test_the_nearest_area_wins_then_the_latest_day(
    area: str | None, day: date, ref: str | None
) -> None:
    found = TERMS.at(area, day)
    assert (found and found.ref) == ref


def test_terms_that_another_took_the_place_of_are_not_current() -> None:
    assert TERMS.current(JANUARY) == {"001"}
    assert TERMS.current(AUGUST) == {"001", "003", "005"}
    assert not Terms((), {}) and TERMS


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "street", "community"]),
            st.dates(date(2026, 1, 1), date(2026, 1, 9)),
        ),
        max_size=8,
    ),
    st.sampled_from(["grid", "community", "street", "elsewhere", None]),
    st.dates(date(2025, 12, 31), date(2026, 1, 10)),
)
def test_no_term_that_has_begun_is_nearer_or_later(
    drawn: list[tuple[str | None, date]], area: str | None, day: date
) -> None:
    terms = [term(n, place, from_day, f"p@{n}") for n, (place, from_day) in enumerate(drawn)]
    places = [*ABOVE.get(area or "", []), None]
    begun = [t for t in terms if t.area in places and t.from_day <= day]
    best = max(begun, key=lambda t: (-places.index(t.area), t.from_day, t.id), default=None)
    assert Terms(terms, ABOVE).at(area, day) == best


def test_a_day_without_word_is_provisional() -> None:
    assert rules.day_of(date(2030, 1, 4), None) == Day(True, PROVISIONAL)
    assert rules.day_of(date(2030, 1, 5), None) == Day(False, PROVISIONAL)
    assert rules.day_of(date(2026, 10, 10), True, "国庆节") == Day(True, LIBRARY, "国庆节")


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        (Day(True, LIBRARY), Day(True, ADMIN, "台风"), False),
        (Day(True, LIBRARY), Day(False, ADMIN), True),
        (Day(True, PROVISIONAL), Day(True, LIBRARY), True),
        (Day(True, PROVISIONAL), Day(True, PROVISIONAL), False),
        (Day(True, LIBRARY, "a"), Day(True, LIBRARY, "b"), False),
    ],
)
def test_what_moves_limits(before: Day, after: Day, moves: bool) -> None:
    assert rules.moves_limits(before, after) is moves


def test_what_a_device_is_told_of_a_pack() -> None:
    pack = reading.read(shipped.text("xiaoshan"))
    body = rules.for_devices(pack, date(2026, 12, 1))
    assert (body["ref"], body["id"], body["version"]) == ("xiaoshan@1", "xiaoshan", 1)
    assert (body["name"], body["from_day"]) == (pack.name, "2026-12-01")
    assert body["zones"][0] == {"code": "red", "name": "红区", "every": [1, "hour"]}
    assert (body["shift"]["begin"], body["shift"]["end"]) == ("07:15", "20:15")
    assert "end" not in body["shift"]["emergencies"][0]
    assert body["deadlines"]["default"]["limit"] == [2, "work_day"]
    assert body["deadlines"]["default"]["yellow_at"] == 0.7
    assert body["deadlines"]["by_kind"]["verify"]["limit"] == [1, "hour"]
    assert set(body) >= {"patrol", "kinds", "templates", "catalog"}


@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_pack_goes_into_json(name: str) -> None:
    body = rules.for_devices(reading.read(shipped.text(name)), date(2026, 1, 1))
    assert json.loads(json.dumps(body)) == body
