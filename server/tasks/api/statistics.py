"""The HTTP door of the figures of tasks."""

from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import allow
from server.grid.roles import STAFF
from server.kernel import clock
from server.kernel.database import reading
from server.kernel.problems import invalid
from server.tasks import statistics
from server.tasks.figures import STATISTICS, StatisticsArgs, StatisticsSchema
from server.tasks.statistics import Asked

blp = Blueprint("task_statistics", __name__, url_prefix="/api/v1")


@blp.route("/tasks/statistics")
class Statistics(MethodView):
    @allow(*STAFF)
    @blp.arguments(StatisticsArgs, location="query")
    @blp.response(200, StatisticsSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """In time, late, open by light, how long it takes (办件统计)."""
        if args["to"] <= args["from_"]:
            raise invalid("to", "period_empty")
        with reading() as session:
            scope = g.caller.scope.limited_to(STAFF)
            if args["area"] is not None:
                scope.check_area(session, args["area"])
            asked = Asked(scope, args["area"], args["from_"], args["to"], clock.now())
            total, found = statistics.figures(session, asked, args["by"])
            results = [{"key": key} | figures for key, figures in found.items()]
            return jsonify(STATISTICS.dump({"total": total, "results": results}))
