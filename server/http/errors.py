"""Errors leave as RFC 9457 problem documents, in the caller's language, with a stable code."""

from typing import Any

import structlog
from flask import Flask, Response, json, request
from gunicorn.http.errors import NoMoreData, ParseException
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from server.http.wording import worded
from server.kernel import problems
from server.kernel.problems import Problem
from server.kernel.writelock import WriteQueueFull

log = structlog.get_logger()
BUSY_RETRY_S = 5
BY_STATUS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "body_too_large",
    415: "media_type",
    416: "range_invalid",
    422: "invalid",
    429: "too_many_requests",
    503: "busy",
}


def language() -> str:
    """`zh` or `en`, by Accept-Language; Chinese if the caller does not say."""
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh")
    return "en" if best == "en" else "zh"


def problem_response(problem: Problem) -> Response:
    """The problem document for `problem`."""
    document: dict[str, Any] = {
        "type": f"urn:gewu:problem:{problem.code}",
        "title": problems.text(problem.code, language()),
        "status": problem.entry.status,
        "code": problem.code,
        "retryable": problem.entry.retryable,
    }
    if problem.errors:
        document["errors"] = worded(problem.errors, language())
    document |= problem.extra
    response = Response(
        json.dumps(document), status=problem.entry.status, mimetype="application/problem+json"
    )
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.entry.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def register(app: Flask) -> None:
    """Every error of the app leaves through `problem_response`."""
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(ParseException, _cut_off)
    app.register_error_handler(NoMoreData, _cut_off)
    app.register_error_handler(WriteQueueFull, _busy)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _unexpected)


def _http_exception(error: HTTPException) -> Response:
    code = BY_STATUS.get(error.code or 500, "internal")
    answer = problem_response(Problem(code, errors=_by_field(error), retry_after=_wait(error)))
    if error.code and code == "internal":
        answer.status_code = error.code
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range"):
            answer.headers[name] = value
    return answer


def _by_field(error: HTTPException) -> dict[str, Any]:
    """What webargs found, by field; where in the request the field stood is left out."""
    found = getattr(error, "data", {}).get("messages") or {}
    flat: dict[str, Any] = {}
    for fields in found.values():
        flat |= fields if isinstance(fields, dict) else {"_": fields}
    return flat


def _wait(error: HTTPException) -> int | None:
    return 60 if error.code == 429 else None


def _cut_off(error: Exception) -> Response:
    """gunicorn read a body in chunks that broke off or were none."""
    return problem_response(Problem("body_truncated"))


def _busy(error: Exception) -> Response:
    return problem_response(Problem("busy", retry_after=BUSY_RETRY_S))


def _too_deep(error: RecursionError) -> Response:
    """A body of people's JSON that nests deeper than the reader goes."""
    return problem_response(Problem("bad_request"))


def _database_away(error: OperationalError) -> Response:
    log.error("database_away", reason=type(error.orig).__name__)
    return _busy(error)


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected", path=request.url_rule.rule if request.url_rule else None)
    return problem_response(Problem("internal"))
