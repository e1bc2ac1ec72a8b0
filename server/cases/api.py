"""The HTTP door of the cases room."""

from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server.cases import queries
from server.cases.schemas import (
    REPORT,
    REPORT_DETAIL,
    ReportArgs,
    ReportDetailSchema,
    ReportPageSchema,
)
from server.grid.auth import allow
from server.grid.roles import STAFF
from server.http.paging import page
from server.items.schemas import ITEM_MEDIA_VIEW
from server.kernel.database import reading
from server.kernel.problems import Problem
from server.media.queries import of_item

blp = Blueprint("cases", __name__, url_prefix="/api/v1", description="Cases (案件)")
blueprints = (blp,)


@blp.route("/reports")
class Reports(MethodView):
    @allow(*STAFF)
    @blp.arguments(ReportArgs, location="query")
    @blp.response(200, ReportPageSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """Reports (上报) within reach."""
        with reading() as session:
            rows = REPORT.dump(queries.listed(session, g.caller.scope, args), many=True)
            return jsonify(page(rows, args["limit"], lambda row: row["id"]))


@blp.route("/reports/<uuid:report>")
class OneReport(MethodView):
    @allow(*STAFF)
    @blp.response(200, ReportDetailSchema)
    def get(self, report: Any) -> Response:
        """A report with its photos."""
        with reading() as session:
            row = queries.shown(session, g.caller.scope, str(report))
            if row is None:
                raise Problem("not_found")
            media = ITEM_MEDIA_VIEW.dump(of_item(session, row.id), many=True)
            return jsonify(REPORT_DETAIL.dump(row) | {"media": media})
