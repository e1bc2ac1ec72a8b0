"""create_app(): settings → extensions → rooms → errors. Creates no tables, starts no threads."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import server
from server import keys, rooms
from server.config import Settings, load
from server.extensions import migrate
from server.grid.auth import refuse_unguarded
from server.http import compression, errors, headers, metrics, ratelimits
from server.http.bodies import Request
from server.kernel.database import db, init_database

MIGRATIONS = Path(__file__).parent / "migrations"


class Application(Flask):
    """Flask for plain functions: none is looked at anew at each call, ten of them a request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """The web application for `settings` (default: from the environment)."""
    settings = settings or load()
    app = Application("server", static_folder=None)
    app.request_class = Request
    app.config.update(_flask_config(settings))
    app.extensions["gewu_settings"] = settings
    app.json.sort_keys = False  # type: ignore[attr-defined]
    _believe_proxies(app, settings.proxies)
    init_database(app)
    keys.init_app(app, settings)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    ratelimits.init_app(app, settings.limits_url)
    rooms.open_all(app, settings)
    errors.register(app)
    headers.register(app)
    compression.register(app)
    metrics.init_app(app)
    refuse_unguarded(app)
    return app


def _believe_proxies(app: Flask, hops: int) -> None:
    """Take the caller's address from the last `hops` proxies; from nobody if there are none."""
    if hops:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]


def _flask_config(settings: Settings) -> dict[str, Any]:
    named = {name.upper(): value for name, value in asdict(settings).items()}
    return named | {
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "MAX_CONTENT_LENGTH": settings.body_bytes,
        "API_TITLE": "Gewu",
        "API_VERSION": server.__version__,
        "OPENAPI_VERSION": "3.1.0",
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    return {
        "pool_size": settings.threads,
        "max_overflow": settings.threads,
        "pool_timeout": 10,
        "json_serializer": _json,
        "json_deserializer": msgspec.json.decode,
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
