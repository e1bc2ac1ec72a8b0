"""What the compiled check accepts, the schema accepts with the same result."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from server.http.compiled import Check, Refused
from server.http.fields import CleanText, IdField, InstantField
from server.items.schemas import BODIES, ITEM, Tolerant
from server.kernel.ids import uuid7
from server.sync.schemas import ENVELOPE

CHECKS = {"item": (ITEM, Check(ITEM)), "envelope": (ENVELOPE, Check(ENVELOPE))} | {
    kind: (schema, Check(schema)) for (kind, _), schema in BODIES.items()
}
ID = uuid7()
LOC = {"lat": 30, "lon": 120.15, "acc": 8.5, "datum": "gcj02", "mock": False}
MEDIA = [{"sha256": "a" * 64, "size": 10, "type": "image/jpeg", "role": None}]
GOOD: dict[str, dict[str, Any]] = {
    "item": {
        "id": ID,
        "seq": 1,
        "kind": "report",
        "schema": 1,
        "at": "2026-11-22T14:05:12+08:00",
        "body": {"category": "01-10"},
        "mono": 5,
        "boot": "b",
        "loc": LOC,
        "task": None,
        "media": MEDIA,
        "prev": "",
        "replaces": ID,
    },
    "envelope": {
        "install": ID,
        "epoch": ID,
        "sent_at": "2026-11-22T06:40:00.120Z",
        "mono": 918233,
        "boot": ID,
        "app": "2.3.1",
        "cursor": 8812,
        "want": {"bytes": 24000},
        "outbox": {"items": 57, "media": 12, "oldest": "2026-11-22T06:40:00Z"},
        "receipt": 310,
    },
    "shift_start": {"shift": ID, "plan": [{"what": "巡查", "count": 1}], "note": None},
    "shift_end": {"shift": ID, "results": [{"what": "巡查", "done": {"a": 1}}], "note": ""},
    "track": {
        "shift": None,
        "points": [[0, 30.2, 120.1, 8.5], [9, 30, 120]],
        "gaps": [[1, 2, "x"]],
    },
    "report": {"category": "01-10", "text": "井盖破损", "severity": 2, "self_fixed": True},
    "form": {"form": "resident", "version": 3, "subject": ID, "base_version": 1, "data": {}},
    "visit": {"subject": ID, "started": "2026-11-22T06:00:00.1234567Z", "answers": [1, "a"]},
    "task_action": {"task": ID, "assignment": 1, "action": "accept", "evidence": [ID]},
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=70),
    st.sampled_from(
        (
            *("", "1", "true", "wgs84", "WGS84", ID.upper(), ID.replace("-", ""), ID + "\n"),
            *("a" * 64 + "\n", "2026-11-22", "2026-11-22T14:05:12", "0001-01-01T00:00:00+08:00"),
            *("2026-11-22t14:05:12z", "2026-11-22T23:59:60Z", "20261122T140512+08"),
            *(2**53, -1, 10**30, 1.0, [], {}, [[]], [[0, 91, 0]], [{}], [None], ["a"]),
        )
    ),
)


@pytest.mark.parametrize("name", CHECKS)
def test_what_is_plainly_right_is_accepted(name: str) -> None:
    schema, check = CHECKS[name]
    assert check(GOOD[name]) == schema.load(GOOD[name])


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, by the way to it."""
    found = [at] if at else []
    if isinstance(value, dict | list):
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in children:
            found += places(child, (*at, key))
    return found


def with_(value: Any, way: tuple[Any, ...], other: Any) -> Any:
    """A copy with something else in that place."""
    if not way:
        return other
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[way[0]] = with_(value[way[0]], way[1:], other)
    return copied


@pytest.mark.parametrize("name", CHECKS)
@given(data=st.data())
def test_what_it_accepts_the_schema_loads_the_same(name: str, data: st.DataObject) -> None:
    schema, check = CHECKS[name]
    value: Any = GOOD[name]
    for _ in range(data.draw(st.integers(1, 2))):
        if not places(value):
            break
        way = data.draw(st.sampled_from(places(value)))
        value = with_(value, way, data.draw(ODD))
    try:
        accepted = check(value)
    except Refused:
        return
    assert accepted == schema.load(value)


@pytest.mark.parametrize("name", CHECKS)
def test_a_missing_field_is_judged_alike(name: str) -> None:
    schema, check = CHECKS[name]
    for field in schema.fields:
        short = {key: value for key, value in GOOD[name].items() if key != field}
        if schema.fields[field].required:
            with pytest.raises(Refused):
                check(short)
            with pytest.raises(ValidationError):
                schema.load(short)
        else:
            assert check(short) == schema.load(short)


class Hooked(Tolerant):
    @post_load
    def more(self, data: Any, **kwargs: Any) -> Any:
        return data


class MadeAnew(Tolerant):
    size = fields.List(fields.Integer(), load_default=list)


class Renamed(Tolerant):
    size = fields.Integer(data_key="Size")


class Strict(Schema):
    size = fields.Integer()


@pytest.mark.parametrize("schema", [Hooked(), MadeAnew(), Renamed(), Strict()])
def test_a_schema_that_does_more_than_its_fields_say_is_refused(schema: Schema) -> None:
    with pytest.raises(TypeError, match="cannot be compiled"):
        Check(schema)


def test_a_field_that_only_python_reads_is_asked() -> None:
    class Asked(Schema):
        class Meta:
            unknown = EXCLUDE

        at = InstantField()
        even = fields.Raw(validate=validate.Equal(2))
        code = fields.String(validate=validate.ContainsOnly("ab"))

    check = Check(Asked())
    given_ = {"at": "2026-11-22T06:00:00Z", "even": 2, "code": "abba", "else": 1}
    assert check(given_) == Asked().load(given_)
    for wrong in ({"even": 3}, {"code": "abc"}, {"at": "today"}):
        with pytest.raises(Refused):
            check(wrong)


def test_lengths_are_counted_in_characters() -> None:
    class Short(Tolerant):
        name = CleanText(2, least=1)
        id_ = IdField()

    check = Check(Short())
    assert check({"name": "井盖"}) == {"name": "井盖"}
    for wrong in ("", "井盖破"):
        with pytest.raises(Refused):
            check({"name": wrong})
