"""The HTTP door of what supervisors answer: requests, and work that came too late."""

from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import allow
from server.grid.roles import DISPATCHERS
from server.tasks import service
from server.tasks.api.shown import changed
from server.tasks.schemas import ChangeSchema, GrantSchema, SettleSchema, TaskDetailSchema

blp = Blueprint("task_answers", __name__, url_prefix="/api/v1/tasks/<uuid:task>")


@blp.route("/grant")
class Grant(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(GrantSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Grant what the worker asks for: more time (延期) or another owner (转办)."""
        until, to = body["until"], body["assignee"]
        return changed(task, body, lambda s, change: service.grant(s, change, until, to))


@blp.route("/refuse")
class Refusal(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ChangeSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Refuse what the worker asks for."""
        return changed(task, body, service.refuse)


@blp.route("/settle")
class Settlement(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(SettleSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Settle work that came when the task was called off or was another's."""
        decision, item = body["decision"], body["item"]
        return changed(task, body, lambda s, change: service.settle(s, change, decision, item))
