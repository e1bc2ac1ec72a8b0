"""Doors to what came in: items and the quarantine, as far as the caller's posts reach."""

import base64
from typing import Any

from flask import Response, current_app, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server.config import Settings
from server.grid.auth import allow
from server.grid.roles import EVERYBODY, REPLAYERS
from server.http.errors import language
from server.http.paging import page, page_schema
from server.http.versions import with_version
from server.items import queries, schemas, service
from server.kernel import audit
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.media import queries as media

blp = Blueprint("items", __name__, url_prefix="/api/v1", description="记录 / Items")
blueprints = (blp,)


@blp.route("/items")
class Items(MethodView):
    @allow(*EVERYBODY)
    @blp.arguments(schemas.ItemArgs, location="query")
    @blp.response(200, page_schema("Item", schemas.ItemView))
    def get(self, args: dict[str, Any]) -> Response:
        """Items by key, oldest id first."""
        with reading() as session:
            rows = queries.items(session, g.caller.scope, args)
            shown = page(rows, args["limit"], lambda row: row.id)
            photos = media.photos(session, [row.id for row in shown["results"]])
            shown["results"] = [
                schemas.ITEM_VIEW.dump(row) | {"photos": photos[row.id]} for row in shown["results"]
            ]
        return jsonify(shown)


@blp.route("/items/<uuid:id_>")
class OneItem(MethodView):
    @allow(*EVERYBODY)
    @blp.response(200, schemas.ItemDetail)
    def get(self, id_: Any) -> Response:
        """One item with its bytes; the look is written to the audit trail."""
        with writing() as session:
            row = queries.item(session, g.caller.scope, str(id_))
            if row is None:
                raise Problem("not_found")
            if row.member != g.caller.member:
                audit.note(session, g.caller.member, "item.read", row.id)
            files = media.of_item(session, row.id)
            facts = media.facts_of_item(session, row.id, g.caller.scope)
            body = schemas.ITEM_VIEW.dump(row) | {
                "raw": row.raw.decode(),
                "media": [_file(file, facts.get(file.sha256)) for file in files],
                "photos": media.photos(session, [row.id])[row.id],
            }
        return with_version(jsonify(body), body["version"])


def _file(file: Any, facts: Any) -> dict[str, Any]:
    exif = schemas.EXIF_VIEW.dump(facts) if facts else None
    return dict(schemas.ITEM_MEDIA_VIEW.dump(file), exif=exif)


@blp.route("/quarantine")
class SetAside(MethodView):
    @allow(*REPLAYERS)
    @blp.arguments(schemas.QuarantineArgs, location="query")
    @blp.response(200, page_schema("Quarantine", schemas.QuarantineView))
    def get(self, args: dict[str, Any]) -> Response:
        """Lines kept aside, oldest first."""
        with reading() as session:
            rows = queries.set_aside(session, g.caller.scope, args)
            shown = page(rows, args["limit"], lambda row: row.id)
            shown["results"] = schemas.QUARANTINE_VIEW.dump(shown["results"], many=True)
        return jsonify(shown)


@blp.route("/quarantine/<uuid:id_>")
class OneSetAside(MethodView):
    @allow(*REPLAYERS)
    @blp.response(200, schemas.QuarantineDetail)
    def get(self, id_: Any) -> Response:
        """One line with its bytes; the look is written to the audit trail."""
        with writing() as session:
            row = _line(session, id_)
            audit.note(session, g.caller.member, "quarantine.read", row.id)
            body = schemas.QUARANTINE_VIEW.dump(row) | {
                "raw": _text(row.raw),
                "raw_base64": base64.b64encode(row.raw).decode(),
            }
        return with_version(jsonify(body), body["version"])


@blp.route("/quarantine/<uuid:id_>/replay")
class Replay(MethodView):
    @allow(*REPLAYERS)
    @blp.response(200, schemas.ReplayView)
    def post(self, id_: Any) -> Response:
        """Judge the kept bytes afresh; needs no If-Match, as a replay takes effect at most once."""
        settings: Settings = current_app.extensions["gewu_settings"]
        with writing() as session:
            row = _line(session, id_)
            verdict = service.replay(session, row, g.caller.member, settings)
            body = schemas.QUARANTINE_VIEW.dump(row) | {"verdict": verdict.wire(language)}
        return with_version(jsonify(body), body["version"])


def _line(session: Any, id_: Any) -> Any:
    row = queries.set_aside_line(session, g.caller.scope, str(id_))
    if row is None:
        raise Problem("not_found")
    return row


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None
