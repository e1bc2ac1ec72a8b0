"""The JSON Schema takes what is right and refuses what shapes refuse."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from server.packs import shipped
from server.packs.plain import plain
from server.packs.publishing import schema
from tests.packs.mistaken import SHAPES, Case
from tests.packs.test_reading import WHOLE

Draft202012Validator.check_schema(schema())
VALIDATOR = Draft202012Validator(schema())

BETWEEN_KEYS = {
    "needed_here",
    "unused_here",
    "rhythm_incomplete",
    "rhythm_no_start",
    "range_reversed",
    "zone_time_unknown",
}
"""What one key says of another, and the list of time zones, are not in the schema."""
LOOSER = {"14:00-27:30", "06-31", "02-29", "2026-13-01", "nth: 0", "name: ' '"}
"""What only a calendar knows."""


def data(text: str) -> Any:
    return plain(text).data


@pytest.mark.parametrize("name", shipped.names())
def test_shipped_packs_are_valid(name: str) -> None:
    assert [one.message for one in VALIDATOR.iter_errors(data(shipped.text(name)))] == []


def test_the_pack_with_everything_is_valid() -> None:
    assert VALIDATOR.is_valid(data(WHOLE))


def told(case: Case) -> bool:
    return case.code not in BETWEEN_KEYS and not any(one in case.whole for one in LOOSER)


@pytest.mark.parametrize(
    "case", [*filter(told, SHAPES)], ids=lambda case: f"{case.code}-{case.path}"
)
def test_a_mistake_of_shape_is_invalid(case: Case) -> None:
    assert not VALIDATOR.is_valid(data(case.whole))


def test_every_key_is_explained_to_the_writer() -> None:
    def keys(shape: Any) -> list[Any]:
        if not isinstance(shape, dict):
            return []
        inner = [one for part in shape.values() for one in keys(part)]
        return [*shape.get("properties", {}).values(), *inner]

    found = keys(schema())
    assert len(found) > 200
    assert [one for one in found if not one.get("description")] == []
