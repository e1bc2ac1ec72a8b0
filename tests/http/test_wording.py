"""What is wrong with a field is said in the caller's language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema, fields, validate

import server
from server.http.wording import CHINESE, chinese, worded
from tests import factories

ROOMS = Path(server.__file__).parent
HAN = re.compile("[一-鿿]")
GIVEN = {"choices": "a, b", "input": "x", "obj_type": "date", "awareness": "aware", "values": "x"}


def of_rooms(app: Flask) -> Iterator[type[Schema]]:
    """The schemas of the rooms; packs say what is wrong in sentences of their own."""
    waiting = [Schema]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        for one in below:
            if one.__module__.startswith("server.") and "packs" not in one.__module__:
                yield one


def within(field: Any) -> Iterator[fields.Field[Any]]:
    yield field
    for inner in (getattr(field, "inner", None), getattr(field, "value_field", None)):
        if inner is not None:
            yield from within(inner)


def sentences(field: fields.Field[Any]) -> Iterator[str]:
    """All that the field and its validators can say."""
    given = GIVEN | {"obj_type": getattr(field, "OBJ_TYPE", "")}
    for name, text in field.error_messages.items():
        # No field wants an instant without its offset.
        if name != "invalid_awareness":
            yield text.format(**given)
    for rule in field.validators:
        if isinstance(rule, validate.Validator):
            yield from _of_rule(rule)


def _of_rule(rule: Any) -> Iterator[str]:
    if isinstance(rule, validate.Length | validate.Range):
        for name in ("message_min", "message_max", "message_all", "message_equal"):
            if hasattr(rule, name):
                yield rule._format_error(0, getattr(rule, name))
    elif isinstance(rule, validate.Regexp):
        yield rule.error
    else:
        yield rule._format_error("x")


def test_all_that_schemas_say_is_said_in_chinese(app: Flask) -> None:
    every = list(of_rooms(app))
    assert len(every) > 50
    said = {
        sentence
        for schema in every
        for declared in schema._declared_fields.values()
        for field in within(declared)
        for sentence in sentences(field)
    }
    said |= {str(text) for text in Schema._default_error_messages.values()}
    assert len(said) > 30
    assert [one for one in sorted(said) if chinese(one) is None] == []


def literals(path: Path) -> Iterator[str]:
    """What the code itself says of a field: ValidationError("…"), invalid("field", "code", "…")."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = {"ValidationError": 0, "invalid": 2, "_unreadable": 0}.get(node.func.id, 99)
            for argument in node.args[place : place + 1]:
                yield from _text(argument)


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            "7" if isinstance(one, ast.FormattedValue) else one.value for one in node.values
        )


def test_all_that_the_rooms_say_is_said_in_chinese() -> None:
    paths = [path for path in ROOMS.rglob("*.py") if "packs" not in path.parts]
    every = {one for path in paths for one in literals(path)}
    said = {one for one in every if re.search("[a-z]{2,} [a-z]{2,}", one)}
    assert len(said) > 20
    assert [one for one in sorted(said) if chinese(one) is None] == []


@pytest.mark.parametrize("english", CHINESE)
def test_every_sentence_has_its_places_and_is_chinese(english: str) -> None:
    assert english.count("{}") == CHINESE[english].count("{}")
    assert HAN.search(CHINESE[english])


def test_codes_ids_and_english_stay_as_they_are() -> None:
    errors = {"member": ["reference_unknown"], "levels": {0: {"code": ["Unknown field."]}}, "n": 3}
    assert worded(errors, "en") == errors
    told = worded(errors, "zh")
    assert told == {
        "member": ["reference_unknown"],
        "levels": {0: {"code": ["没有这个字段"]}},
        "n": 3,
    }


def test_numbers_are_told_with_it() -> None:
    assert chinese("Longer than maximum length 200.") == "太长，最多 200"


def test_a_caller_is_told_in_the_own_language(client: FlaskClient) -> None:
    headers = factories.auth(factories.token_for(factories.street().admin))
    path, body = "/api/v1/trees", {"code": "", "odd": 1, "levels": []}
    zh = client.post(path, json=body, headers=headers).json["errors"]
    en = client.post(path, json=body, headers=headers | {"Accept-Language": "en"}).json["errors"]
    assert zh.keys() == en.keys() == {"code", "name", "odd", "levels"}
    assert (zh["name"], en["name"]) == (["必须填写"], ["Missing data for required field."])
    assert all(HAN.search(str(found)) for found in zh.values())
