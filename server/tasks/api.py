"""The HTTP door of the tasks room."""

from collections.abc import Callable
from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.grid.auth import allow
from server.grid.roles import DISPATCHERS, EVERYBODY
from server.http.idempotency import once
from server.http.paging import page
from server.http.versions import if_match, with_version
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.tasks import queries, service
from server.tasks.schemas import (
    TASK,
    TASK_DETAIL,
    ChangeSchema,
    NewTaskSchema,
    ReassignSchema,
    TaskArgs,
    TaskDetailSchema,
    TaskPageSchema,
)
from server.tasks.service import Change, NewTask

blp = Blueprint("tasks", __name__, url_prefix="/api/v1", description="Tasks (任务)")
blueprints = (blp,)


@blp.route("/tasks")
class Tasks(MethodView):
    @allow(*EVERYBODY)
    @blp.arguments(TaskArgs, location="query")
    @blp.response(200, TaskPageSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """Tasks within reach, or one's own."""
        with reading() as session:
            rows = queries.listed(session, g.caller.scope, args)
            return jsonify(page(TASK.dump(rows, many=True), args["limit"], lambda row: row["id"]))

    @allow(*DISPATCHERS)
    @blp.arguments(NewTaskSchema)
    @blp.response(201, TaskDetailSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Give a task (派单)."""
        scope, new = g.caller.scope, NewTask(**body)
        with writing() as session:

            def act() -> Any:
                return _shown(session, service.assign(session, scope, new))

            return once(session, g.caller.member, act)


@blp.route("/tasks/<uuid:task>")
class OneTask(MethodView):
    @allow(*EVERYBODY)
    @blp.response(200, TaskDetailSchema)
    def get(self, task: Any) -> Response:
        """A task with its events."""
        with reading() as session:
            return _answer(session, str(task))


@blp.route("/tasks/<uuid:task>/reassign")
class Reassignment(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ReassignSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Give the task to somebody else (转派)."""
        change = _change(task, body)
        with writing() as session:
            service.reassign(session, change, body["assignee"], body["mode"])
            return _answer(session, change.task)


@blp.route("/tasks/<uuid:task>/cancel")
class Cancellation(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ChangeSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Call the task off (撤销)."""
        return _changed(service.cancel, _change(task, body))


@blp.route("/tasks/<uuid:task>/verify")
class Verification(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ChangeSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Judge what was done to be right (核验)."""
        return _changed(service.verify, _change(task, body))


@blp.route("/tasks/<uuid:task>/return")
class Return(MethodView):
    @allow(*DISPATCHERS)
    @blp.arguments(ChangeSchema)
    @blp.response(200, TaskDetailSchema)
    def post(self, body: dict[str, Any], task: Any) -> Response:
        """Send what was done back to the worker (退回)."""
        return _changed(service.send_back, _change(task, body))


def _change(task: Any, body: dict[str, Any]) -> Change:
    return Change(g.caller.scope, str(task), if_match(), body["reason"])


def _changed(act: Callable[[Session, Change], None], change: Change) -> Response:
    with writing() as session:
        act(session, change)
        return _answer(session, change.task)


def _answer(session: Session, task: str) -> Response:
    body = _shown(session, task)
    return with_version(jsonify(body), body["version"])


def _shown(session: Session, task: str) -> dict[str, Any]:
    row = queries.shown(session, g.caller.scope, task)
    if row is None:
        raise Problem("not_found")
    return TASK_DETAIL.dump(row)
