"""What every answer carries: protocol, epoch, and the headers that keep a browser honest."""

import time

from flask import Flask, Response, current_app, g
from sqlalchemy.exc import SQLAlchemyError

from server.kernel.database import reading
from server.kernel.state import epoch

PROTOCOL = "1"
EPOCH_SECONDS = 5.0


def register(app: Flask) -> None:
    """Put the headers on every answer of the app."""
    app.after_request(_add_headers)
    app.extensions["gewu_epoch"] = (0.0, "")


def _add_headers(response: Response) -> Response:
    response.headers["Gewu-Protocol"] = PROTOCOL
    known = g.get("epoch") or known_epoch()
    if known:
        response.headers["Gewu-Epoch"] = known
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def known_epoch() -> str:
    """The epoch, read again after a few seconds, "" without a database; needs the app's context.

    An exchange reads its own in its transaction.
    """
    read_at, value = current_app.extensions["gewu_epoch"]
    if time.monotonic() - read_at < EPOCH_SECONDS:
        return str(value)
    try:
        with reading() as session:
            value = epoch(session)
    except SQLAlchemyError:
        return ""
    current_app.extensions["gewu_epoch"] = (time.monotonic(), value)
    return str(value)
