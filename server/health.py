"""Doors for whoever watches the server: is it up, is it ready, what does it count.

`/metrics` is open to the machine itself and to API tokens of auditors and admins: the numbers name
nobody, but they tell how busy a street is.
"""

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from flask import Response, current_app, jsonify, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy.exc import SQLAlchemyError

from server import keys
from server.config import Settings
from server.grid import roles
from server.grid.auth import allow, public
from server.http.metrics import metrics
from server.kernel import migration
from server.kernel.crypto import CryptoError
from server.kernel.database import reading
from server.kernel.problems import Problem
from server.media import storage

blp = Blueprint("health", __name__, description="健康 / Health")


class HealthSchema(Schema):
    """What a healthy answer says."""

    status = fields.String(required=True)


def faults(settings: Settings) -> dict[str, list[str]]:
    """What keeps the server from serving, by part: `database`, `media`, `keys`; empty if ready."""
    found = {
        "database": _database(),
        "media": _media(settings),
        "keys": _keys(),
    }
    return {part: [fault] for part, fault in found.items() if fault}


def _database() -> str | None:
    try:
        with reading() as session:
            return None if migration.is_current(session.connection()) else "not_migrated"
    except SQLAlchemyError:
        return "unreachable"


def _media(settings: Settings) -> str | None:
    """A folder that is away is a fault of this node; a bucket is away for all, who serve on."""
    is_away = settings.media_folder is not None and storage.fault(settings)
    return "not_writable" if is_away else None


def _keys() -> str | None:
    try:
        keys.signer()
        keys.cipher()
    except (keys.KeysMissing, OSError, ValueError, CryptoError):
        return "unreadable"
    return None


def _from_this_machine() -> bool:
    """Whether nobody stands between: a loopback peer that forwards for no one."""
    peer = request.environ.get("werkzeug.proxy_fix.orig", request.environ).get("REMOTE_ADDR")
    if "X-Forwarded-For" in request.headers or not peer:
        return False
    return ip_address(peer).is_loopback


def nearby_or(*allowed: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Requests from this machine, and people holding a post of one of these roles today."""

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        for_people = allow(*allowed)(view)

        @wraps(for_people)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs) if _from_this_machine() else for_people(*args, **kwargs)

        return guarded

    return guard


@blp.route("/healthz")
class Alive(MethodView):
    @public
    @blp.response(200, HealthSchema)
    def get(self) -> Response:
        """进程在运行 / The process is up"""
        return jsonify({"status": "ok"})


@blp.route("/readyz")
class Ready(MethodView):
    @public
    @blp.response(200, HealthSchema)
    def get(self) -> Response:
        """可以提供服务 / Database, photo folder and keys can be used; else 503 naming the part"""
        found = faults(current_app.extensions["gewu_settings"])
        if found:
            raise Problem("not_ready", errors=found, retry_after=10)
        return jsonify({"status": "ready"})


@blp.route("/metrics")
class Numbers(MethodView):
    @nearby_or(roles.AUDITOR, roles.ADMIN)
    @blp.response(200, {"type": "string"}, content_type="text/plain")
    def get(self) -> Response:
        """Prometheus 指标 / Numbers for Prometheus; open to this machine, auditors and admins"""
        text, content_type = metrics().exposition()
        return Response(text, content_type=content_type)
