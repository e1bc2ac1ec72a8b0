"""The HTTP door of what people change about a task; all need If-Match."""

from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import allow
from server.grid.roles import DISPATCHERS
from server.tasks import service
from server.tasks.api.shown import changed
from server.tasks.schemas import ChangeSchema, ReassignSchema, ReturnSchema, TaskDetailSchema

blp = Blueprint("task_changes", __name__, url_prefix="/api/v1/tasks/<uuid:task>")


@blp.route("/reassign")
class Reassignment(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ReassignSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Give the task to somebody else (转派)."""
        to, mode = body["assignee"], body["mode"]
        return changed(task, body, lambda s, change: service.reassign(s, change, to, mode))


@blp.route("/cancel")
class Cancellation(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ChangeSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Call the task off (撤销)."""
        return changed(task, body, service.cancel)


@blp.route("/verify")
class Verification(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ChangeSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Judge what was done to be right (核验)."""
        return changed(task, body, service.verify)


@blp.route("/return")
class Return(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ReturnSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Send what was done back to the worker (退回), with the points to be mended."""
        marks = body["marks"]
        return changed(task, body, lambda s, change: service.send_back(s, change, marks))


@blp.route("/suspend")
class Suspension(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ChangeSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Stop the task's clock (挂起)."""
        return changed(task, body, service.suspend)


@blp.route("/resume")
class Resumption(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ChangeSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Let the clock run again with the time that was left (恢复)."""
        return changed(task, body, service.resume)
