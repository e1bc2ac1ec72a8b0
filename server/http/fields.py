"""Marshmallow fields that the rooms share: clean text, booleans, instants, ids."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from server.kernel import clock, ids

SPOILT = re.compile("[\x00\ud800-\udfff]")


class CleanText(fields.String):
    """Text without NUL and lone surrogates, which a database cannot keep; at most `most` long."""

    def __init__(self, most: int = 200, least: int = 0, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if SPOILT.search(text):
            raise ValidationError("NUL or a lone surrogate")
        return text


class Title(CleanText):
    """Clean text that says something: not blanks alone."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(most, least=1, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text.strip():
            raise ValidationError("blanks alone")
        return text


class BooleanField(fields.Boolean):
    """`true` or `false` in a body; no text and no number that reads like one."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class InstantField(fields.Field[datetime]):
    """ISO 8601 with an offset or `Z` ↔ aware datetime; written in UTC with milliseconds."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else clock.iso(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        try:
            return parse_instant(value)
        except ValueError as error:
            raise ValidationError("not an instant with its offset") from error


def parse_instant(value: Any) -> datetime:
    """An aware datetime in its own offset; ValueError if `value` is not ISO 8601 with an offset."""
    if not isinstance(value, str):
        raise ValueError("not a text")
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("no offset")
    try:
        instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error
    return instant


class IdField(fields.String):
    """A UUID in canonical lower case."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return ids.canonical(text)
        except ValueError as error:
            raise ValidationError("not a UUID") from error


def describe(mapping: Mapping[type, tuple[str, str]], plugin: Any) -> None:
    """Teach the OpenAPI plugin what these fields are on the wire."""
    for field, (type_, format_) in mapping.items():
        plugin.map_to_openapi_type(field, type_, format_)


OPENAPI_TYPES: dict[type, tuple[str, str]] = {
    InstantField: ("string", "date-time"),
    IdField: ("string", "uuid"),
}
