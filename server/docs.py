"""The description of the HTTP doors: `GET /api/v1/openapi.json` and a page that shows it.

The page is our own: the Swagger UI that PyPI carries is version 4, which cannot read OpenAPI 3.1.
"""

import re
from collections.abc import Iterator
from typing import Any

from apispec import APISpec
from flask import Flask, Response, current_app, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server.extensions import Doors
from server.grid.auth import guard_of, public
from server.http.pages import HTML, send_page

blp = Blueprint("docs", __name__, url_prefix="/api/v1", description="文档 / Documents")

CONVERTED = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
PROBLEM = {
    "type": "object",
    "description": "RFC 9457; `code` is stable, `title` is in the caller's language",
    "required": ["type", "title", "status", "code", "retryable"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "retryable": {"type": "boolean", "description": "sending again can help"},
        "errors": {"type": "object", "description": "what is wrong, by field"},
    },
}
FRAMEWORK_SCHEMAS = ("Error", "PaginationMetadata")
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "gws_… session, gwa_… API token, gwd_… device",
}


def init_app(app: Flask, doors: Doors) -> None:
    """Remember whom to ask for the description."""
    app.extensions["gewu_doors"] = doors


def described(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of the app, made when first asked for."""
    if "gewu_openapi" not in app.extensions:
        app.extensions["gewu_openapi"] = describe(app, app.extensions["gewu_doors"].described())
    document: dict[str, Any] = app.extensions["gewu_openapi"]
    return document


def describe(app: Flask, spec: APISpec) -> dict[str, Any]:
    """The description of the doors, and who may enter each."""
    document: dict[str, Any] = spec.to_dict()
    document["servers"] = [{"url": "/"}]
    document["security"] = [{"bearer": []}]
    parts = document.setdefault("components", {})
    parts["securitySchemes"] = {"bearer": BEARER}
    _answer_with_problems(parts)
    for path, method, guard in doors(app):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is not None:
            _say_who_enters(operation, guard)
    return document


def doors(app: Flask) -> Iterator[tuple[str, str, Any]]:
    """(path template, method, guard) of every door of the app."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for method in sorted(rule.methods or ()):
            guard = guard_of(view, method)
            if guard is not None:
                yield CONVERTED.sub(r"{\1}", rule.rule), method, guard


def _answer_with_problems(parts: dict[str, Any]) -> None:
    """Errors are problem documents, whatever the framework wrote down for them."""
    schemas = parts.setdefault("schemas", {})
    for unused in FRAMEWORK_SCHEMAS:
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    for answer in parts.get("responses", {}).values():
        answer["content"] = {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }


def _say_who_enters(operation: dict[str, Any], guard: Any) -> None:
    if guard == "public":
        operation["security"] = []
    operation["x-who"] = guard if isinstance(guard, str) else ", ".join(sorted(guard))


@blp.route("/openapi.json")
class Description(MethodView):
    @public
    @blp.response(200, {"type": "object"})
    def get(self) -> Response:
        """OpenAPI 3.1"""
        return jsonify(described(current_app))


@blp.route("/docs")
class Page(MethodView):
    @public
    @blp.response(200, HTML, content_type="text/html")
    def get(self) -> Response:
        """接口文档 / The description to read in a browser"""
        return send_page("docs.html")
