"""The fields that the rooms share: what they take, what they refuse, what they write."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from server.dispatch.plans.schemas import PlanChangeSchema
from server.dispatch.pushes.schemas import NewPushSchema
from server.duty.schemas import AbsenceChange
from server.http.fields import (
    BooleanField,
    CleanText,
    IdField,
    InstantField,
    Title,
    parse_instant,
)
from server.items.schemas import LocSchema, ReportBody
from server.regime.schemas import DayOrderSchema

ID = "0199c0de-abcd-7000-8000-00000000000a"
EAST = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "text", ["", "网格", "😀𠀀", "a\nb\tc", "\\u0000", "\x7f\x01", "\ufffe", "x" * 10]
)
def test_clean_text_is_taken_as_it_is(text: str) -> None:
    assert CleanText(10).deserialize(text) == text


@pytest.mark.parametrize(
    "value",
    ["\0", "a\0b", "\ud800", "a\udfff", "\udc00\ud800", "x" * 11, 5, True, None, [], {}, b"\xff"],
    ids=ascii,
)
def test_what_a_database_cannot_keep_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        CleanText(10).deserialize(value)


def test_a_text_may_have_a_least_length() -> None:
    assert CleanText(10, least=1).deserialize("x") == "x"
    with pytest.raises(ValidationError):
        CleanText(10, least=1).deserialize("")
    assert CleanText(allow_none=True).deserialize(None) is None


def test_a_title_says_something() -> None:
    assert Title(10).deserialize(" 走访 ") == " 走访 "
    for nothing in ("", " ", "\u3000\n", "x" * 11, "\0"):
        with pytest.raises(ValidationError):
            Title(10).deserialize(nothing)


@given(st.text(max_size=200))
def test_whatever_is_taken_can_be_kept(text: str) -> None:
    try:
        taken = CleanText().deserialize(text)
    except ValidationError:
        assert "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
    else:
        assert taken.encode() and "\0" not in taken if text else taken == ""


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T14:05:12+08:00", datetime(2026, 11, 22, 14, 5, 12, tzinfo=EAST)),
        ("2026-11-22T06:05:12Z", datetime(2026, 11, 22, 6, 5, 12, tzinfo=UTC)),
        ("2026-11-22T06:05:12.120Z", datetime(2026, 11, 22, 6, 5, 12, 120_000, UTC)),
        ("2026-11-22 06:05:12+00:00", datetime(2026, 11, 22, 6, 5, 12, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_instant_keeps_its_offset(text: str, instant: datetime) -> None:
    taken = InstantField().deserialize(text)
    assert taken == instant
    assert taken.utcoffset() == instant.utcoffset()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "noon",
        "2026-11-22",
        "2026-11-22T14:05:12",
        "2026-02-30T14:05:12Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T14:05:12+25:00",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        1700000000,
        1.5,
        True,
        None,
        [],
        "２０２６-11-22T14:05:12Z",
    ],
    ids=ascii,
)
def test_what_is_no_instant_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        InstantField().deserialize(value)


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    row = {"at": datetime(2026, 11, 22, 14, 5, 12, 345_678, EAST), "none": None}
    assert InstantField().serialize("at", row) == "2026-11-22T06:05:12.345Z"
    assert InstantField().serialize("none", row) is None


@given(st.datetimes(timezones=st.sampled_from([UTC, EAST])))
def test_what_is_written_is_taken(instant: datetime) -> None:
    if not datetime(1, 1, 2, tzinfo=UTC) < instant < datetime(9999, 12, 30, tzinfo=UTC):
        return
    written = InstantField().serialize("at", {"at": instant})
    assert abs(parse_instant(written) - instant) < timedelta(milliseconds=1)


@pytest.mark.parametrize("value", [True, False])
def test_a_boolean_is_taken_as_it_is(value: bool) -> None:
    assert BooleanField().deserialize(value) is value


@pytest.mark.parametrize("value", ["yes", "true", "", 1, 0, 1.0, [], {}, None], ids=ascii)
def test_what_reads_like_a_boolean_is_none(value: Any) -> None:
    with pytest.raises(ValidationError):
        BooleanField().deserialize(value)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (DayOrderSchema, "working"),
        (NewPushSchema, "dry_run"),
        (PlanChangeSchema, "active"),
        (AbsenceChange, "approved"),
        (LocSchema, "mock"),
        (ReportBody, "self_fixed"),
    ],
)
@pytest.mark.parametrize("value", ["yes", 1])
def test_every_body_takes_real_booleans_alone(body: type[Schema], name: str, value: Any) -> None:
    assert name in body().validate({name: value})
    assert name not in body().validate({name: True})


@pytest.mark.parametrize("text", [ID, ID.upper()])
def test_an_id_is_taken_in_lower_case(text: str) -> None:
    assert IdField().deserialize(text) == ID


@pytest.mark.parametrize(
    "value",
    ["", "x", ID[:-1], ID + "\n", "{" + ID + "}", ID.replace("-", ""), 7, None, [], "\0"],
    ids=ascii,
)
def test_what_is_no_id_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        IdField().deserialize(value)
