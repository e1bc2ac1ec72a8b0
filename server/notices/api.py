"""The HTTP door of the notices room: everybody sees what it was told, and nobody else does."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import allow, device_or_person
from server.grid.roles import EVERYBODY
from server.http.paging import page
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.notices import queries, service
from server.notices.schemas import NoticeArgs, NoticePageSchema, NoticeSchema

blp = Blueprint("notices", __name__, url_prefix="/api/v1", description="Notices (通知)")
blueprints = (blp,)


@blp.route("/notices")
class Notices(MethodView):
    @allow(*EVERYBODY)
    @blp.arguments(NoticeArgs, location="query")
    @blp.response(200, NoticePageSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """One's own notices, the newest first."""
        member = g.caller.member
        with reading() as session:
            rows = queries.listed(session, member, args)
            shown = service.bodies(session, member, rows, current_app.config["TIMEZONE"])
            return jsonify(page(shown, args["limit"], lambda row: row["id"]))


@blp.route("/notices/<uuid:notice>/read")
class Reading(MethodView):
    @device_or_person
    @blp.response(200, NoticeSchema)
    def post(self, notice: UUID) -> Response:
        """Say that one has read it; a phone says so for its member."""
        if g.device and g.device.draining:
            raise Problem("draining")
        member = (g.device or g.caller).member
        with writing() as session:
            row = service.read(session, member, str(notice))
            zone = current_app.config["TIMEZONE"]
            return jsonify(service.bodies(session, member, [row], zone)[0])
