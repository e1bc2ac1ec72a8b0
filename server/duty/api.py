"""The HTTP door of the duty room: slips of absence (请假单)."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server import keys
from server.duty import queries
from server.duty.models import Absence
from server.duty.schemas import (
    ABSENCE,
    AbsenceArgs,
    AbsenceChange,
    AbsenceNew,
    AbsencePageSchema,
    AbsenceSchema,
)
from server.duty.service import absences
from server.duty.service.absences import Desk
from server.grid.auth import allow
from server.grid.roles import EVERYBODY
from server.http.idempotency import once
from server.http.paging import page
from server.http.versions import if_match, with_version
from server.kernel.database import reading, writing
from server.kernel.problems import Problem

blp = Blueprint("duty", __name__, url_prefix="/api/v1", description="Absences (请假)")
blueprints = (blp,)


@blp.route("/absences")
class Absences(MethodView):
    @allow(*EVERYBODY)
    @blp.arguments(AbsenceArgs, location="query")
    @blp.response(200, AbsencePageSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """Absences of members within reach, and one's own."""
        with reading() as session:
            rows = queries.listed(session, g.caller.scope, args)
            shown = ABSENCE.dump(absences.views(rows, keys.cipher()), many=True)
            return jsonify(page(shown, args["limit"], lambda row: row["id"]))

    @allow(*EVERYBODY)
    @blp.arguments(AbsenceNew)
    @blp.response(201, AbsenceSchema)
    def post(self, data: dict[str, Any]) -> Response:
        """Write a slip: one's own, or, as a superior, somebody else's."""
        with writing() as session:

            def act() -> Any:
                return _shown(absences.create(session, _desk(), data))

            return once(session, g.caller.member, act)


@blp.route("/absences/<uuid:absence>")
class AnAbsence(MethodView):
    @allow(*EVERYBODY)
    @blp.response(200, AbsenceSchema)
    def get(self, absence: UUID) -> Response:
        """One absence."""
        with reading() as session:
            row = queries.one(session, g.caller.scope, str(absence))
            if row is None:
                raise Problem("not_found")
            body = ABSENCE.dump(absences.view(row.Absence, keys.cipher(), row.tells_why))
            return with_version(jsonify(body), body["version"])

    @allow(*EVERYBODY)
    @blp.arguments(AbsenceChange)
    @blp.response(200, AbsenceSchema)
    def patch(self, data: dict[str, Any], absence: UUID) -> Response:
        """Change a slip, or approve it."""
        version = if_match()
        with writing() as session:
            body = _shown(absences.change(session, _desk(), str(absence), version, data))
            return with_version(jsonify(body), body["version"])

    @allow(*EVERYBODY)
    @blp.response(204)
    def delete(self, absence: UUID) -> None:
        """End an absence now (销假), or withdraw it."""
        with writing() as session:
            absences.end(session, _desk(), str(absence))


def _desk() -> Desk:
    return Desk(g.caller.scope, current_app.config["TIMEZONE"], keys.cipher())


def _shown(absence: Absence) -> dict[str, Any]:
    body: dict[str, Any] = ABSENCE.dump(absences.view(absence, keys.cipher()))
    return body
