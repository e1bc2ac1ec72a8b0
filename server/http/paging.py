"""Lists are paged by key: `?after=&limit=` → `{"results": […], "next": …}`."""

from collections.abc import Callable, Sequence
from typing import Any

from marshmallow import Schema, fields, validate

MOST = 500


class PageArgs(Schema):
    """Query arguments of every list."""

    after = fields.String(load_default=None, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=MOST))


def page_schema(name: str, item: type[Schema]) -> type[Schema]:
    """The answer shape of a list of `item`."""
    shape: dict[str, Any] = {
        "results": fields.List(fields.Nested(item), required=True),
        "next": fields.String(allow_none=True, required=True),
    }
    return Schema.from_dict(shape, name=f"{name}Page")


def page(rows: Sequence[Any], limit: int, key: Callable[[Any], str]) -> dict[str, Any]:
    """`rows` holds up to `limit` + 1 rows; the last one only tells that there are more."""
    shown = list(rows[:limit])
    more = len(rows) > limit
    return {"results": shown, "next": key(shown[-1]) if more else None}
