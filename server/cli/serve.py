"""`gewu serve`: gunicorn with threads, in this process; each worker opens its own database."""

import fcntl
import os
import resource
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.util import import_app

from server.cli.options import refuse_unless_migrated, refuse_without_keys, takes_data
from server.cli.texts import t
from server.config import ENV, Settings
from server.gate.process import WebProcess
from server.http.metrics import FOLDER as METRICS

APP = "server.wsgi:app"
LOCK = "serve.lock"
BACKLOG = 4096
MOST_CONNECTIONS = 65_536
OTHER_FILES = 256
"""Files of a process that are no connections: databases, photos, logs."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}

log = structlog.get_logger()


class AccessLog(Logger):
    """One JSON line a request: the path without its query, and no header, so no token."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: timedelta) -> None:
        log.info(
            "request",
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            status=int(resp.status_code),
            bytes=resp.sent,
            ms=round(request_time.total_seconds() * 1000, 1),
            peer=environ.get("REMOTE_ADDR"),
        )


class Server(BaseApplication):
    """gunicorn with our settings instead of its command line."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return import_app(APP)


@click.command(help=t("serve.help"), epilog="gewu serve --data /srv/gewu --port 8000")
@click.option("--host", default="127.0.0.1", show_default=True, help=t("serve.host"))
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help=t("serve.port"),
)
@click.option("--workers", type=click.IntRange(1, 256), help=t("serve.workers"))
@click.option("--threads", type=click.IntRange(1, 256), help=t("serve.threads"))
@takes_data
def serve(
    settings: Settings, host: str, port: int, workers: int | None, threads: int | None
) -> None:
    refuse_without_keys(settings)
    refuse_unless_migrated(settings)
    settings = replace(
        settings,
        workers=workers or settings.workers,
        threads=threads or settings.threads,
        public_url=_public_url(settings, host, port),
    )
    _hand_down(settings)
    lock = _shared_lock(settings.data / LOCK)
    os.environ[METRICS] = str(_empty(settings.data / "metrics" / str(port)))
    click.echo(t("serve.at", url=settings.public_url), err=True)
    try:
        Server(_options(settings, host, port)).run()
    finally:
        os.close(lock)


def _public_url(settings: Settings, host: str, port: int) -> str:
    """As set; else what this server listens on."""
    if ENV + "PUBLIC_URL" in os.environ:
        return settings.public_url
    return f"http://{EVERYWHERE.get(host, f'[{host}]' if ':' in host else host)}:{port}"


def _hand_down(settings: Settings) -> None:
    """Put what was given on the command line where the web processes read it."""
    for name in ("data", "workers", "threads", "public_url"):
        os.environ[ENV + name.upper()] = str(getattr(settings, name))


def _shared_lock(path: Path) -> int:
    """A lock that lives as long as any process of this server; `gewu restore` looks for it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _empty(folder: Path) -> Path:
    """The folder, there and empty: counters of processes that are gone count no more."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _connections() -> int:
    """How many connections one process may hold; raises what the system lets us raise."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    files = MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else hard - OTHER_FILES
    return min(MOST_CONNECTIONS, max(files, OTHER_FILES))


def _options(settings: Settings, host: str, port: int) -> dict[str, Any]:
    in_memory = Path("/dev/shm")
    return {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "worker_class": WebProcess,
        "worker_connections": _connections(),
        "backlog": BACKLOG,
        "workers": settings.workers,
        "threads": settings.threads,
        "preload_app": False,
        "worker_tmp_dir": str(in_memory) if os.access(in_memory, os.W_OK) else None,
        "graceful_timeout": 30,
        "timeout": 60,
        "keepalive": 15,
        "accesslog": "-",
        "logger_class": AccessLog,
        "control_socket_disable": True,
        "proc_name": "gewu",
    }
