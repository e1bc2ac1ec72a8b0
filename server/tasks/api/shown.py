"""What the doors of the room share: the change that was asked for, the task as an answer."""

from collections.abc import Callable
from typing import Any

from flask import Response, g, jsonify
from sqlalchemy.orm import Session

from server.http.versions import if_match, with_version
from server.kernel.database import writing
from server.kernel.problems import Problem
from server.tasks import queries
from server.tasks.schemas import TASK_DETAIL
from server.tasks.service import Change


def changed(task: Any, body: dict[str, Any], act: Callable[[Session, Change], None]) -> Response:
    """The task after `act`, which the caller asks for having seen the version in If-Match."""
    change = Change(g.caller.scope, str(task), if_match(), body["reason"])
    with writing() as session:
        act(session, change)
        return answer(session, change.task)


def answer(session: Session, task: str) -> Response:
    """The task with its version as ETag; `not_found`."""
    body = shown(session, task)
    return with_version(jsonify(body), body["version"])


def shown(session: Session, task: str) -> dict[str, Any]:
    """The task as the caller may see it; `not_found`."""
    row = queries.shown(session, g.caller.scope, task)
    if row is None:
        raise Problem("not_found")
    return TASK_DETAIL.dump(row)
