"""The HTTP door of the patrol room."""

from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import allow
from server.grid.roles import STAFF
from server.http.paging import page
from server.kernel.database import reading
from server.patrol import queries
from server.patrol.schemas import SHIFT, ShiftArgs, ShiftPageSchema

blp = Blueprint("patrol", __name__, url_prefix="/api/v1", description="Patrol (巡查)")
blueprints = (blp,)


@blp.route("/shifts")
class Shifts(MethodView):
    @allow(*STAFF)
    @blp.arguments(ShiftArgs, location="query")
    @blp.response(200, ShiftPageSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """Shifts (班次) within reach."""
        with reading() as session:
            rows = SHIFT.dump(queries.listed(session, g.caller.scope, args), many=True)
            return jsonify(page(rows, args["limit"], lambda row: row["id"]))
