"""How the doors of the room answer."""

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema

from server.http.paging import page
from server.http.versions import with_version


def shown(schema: Schema, row: object) -> Response:
    """200 with the row and its version as ETag."""
    body = schema.dump(row)
    return with_version(jsonify(body), body["version"])


def listed(schema: Schema, rows: Sequence[Any], limit: int, key: str = "id") -> Response:
    """200 with a page of rows, which are paged by the field `key`."""
    return jsonify(page(schema.dump(rows, many=True), limit, lambda row: str(row[key])))
