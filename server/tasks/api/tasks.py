"""The HTTP door of tasks: given, listed, looked at."""

from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server.grid.auth import allow
from server.grid.roles import DISPATCHERS, EVERYBODY
from server.http.idempotency import once
from server.http.paging import page
from server.kernel.database import reading, writing
from server.tasks import queries, service
from server.tasks.api.shown import answer, shown
from server.tasks.schemas import (
    TASK_VIEW,
    NewTaskSchema,
    TaskArgs,
    TaskDetailSchema,
    TaskPageSchema,
)

blp = Blueprint("tasks", __name__, url_prefix="/api/v1", description="Tasks (任务)")


@blp.route("/tasks")
class Tasks(MethodView):
    @allow(*EVERYBODY)
    @blp.arguments(TaskArgs, location="query")
    @blp.response(200, TaskPageSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """Tasks within reach, or one's own."""
        with reading() as session:
            rows = queries.listed(session, g.caller.scope, args)
            tasks = TASK_VIEW.dump(rows, many=True)
            return jsonify(page(tasks, args["limit"], lambda row: row["id"]))

    @allow(*DISPATCHERS)
    @blp.arguments(NewTaskSchema)
    @blp.response(201, TaskDetailSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Give a task (派单)."""
        scope = g.caller.scope
        with writing() as session:

            def act() -> Any:
                return shown(session, service.assign(session, scope, body))

            return once(session, g.caller.member, act)


@blp.route("/tasks/<uuid:task>")
class OneTask(MethodView):
    @allow(*EVERYBODY)
    @blp.response(200, TaskDetailSchema)
    def get(self, task: Any) -> Response:
        """A task with its events."""
        with reading() as session:
            return answer(session, str(task))
