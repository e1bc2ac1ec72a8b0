"""The door of the room: a stream of hints that something changed (docs/protocol.md, section 12)."""

import random

from flask import Response, current_app, g, request
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.grid.auth import Caller, allow
from server.grid.roles import EVERYBODY
from server.kernel.database import reading
from server.live import queries, rules
from server.live.hub import EXTENSION, Hub
from server.live.rules import Position
from server.live.streams import Stream, begun

blp = Blueprint("live", __name__, url_prefix="/api/v1", description="Live (实时)")
blueprints = (blp,)
EVENTS = "text/event-stream"
CHUNKED = "HTTP/1.1"
LATEST = 3
"""Who is cut off comes again after one to so many times `GEWU_LIVE_S`, not all at one moment."""


@blp.route("/live")
class Live(MethodView):
    @allow(*EVERYBODY)
    @blp.response(200, {"type": "string"}, content_type=EVENTS)
    def get(self) -> Response:
        """What changes within reach, as it changes: server-sent events."""
        hub: Hub | None = current_app.extensions.get(EXTENSION)
        if hub is not None:
            hub.check_room(g.caller.member)
        with reading() as session:
            position = queries.position(session, g.caller)
            text = _retry() + _opening(session, g.caller, position)
        if hub is None or request.method == "HEAD":
            return _answer(text)
        stream = _stream(g.caller, position)
        hub.expect(stream)
        return _answer(begun(text, stream))


def _opening(session: Session, caller: Caller, now: Position) -> str:
    """What the caller missed since its Last-Event-ID; without one that is known, hello."""
    seen = rules.position_in(request.headers.get("Last-Event-ID", ""))
    missed = queries.missed(session, caller, seen, now) if seen else None
    if missed is None:
        return rules.hello(now)
    return rules.changed(missed, now) if missed else rules.still_here(now)


def _retry() -> str:
    return rules.retry(int(1000 * current_app.config["LIVE_S"] * random.uniform(1, LATEST)))


def _stream(caller: Caller, position: Position) -> Stream:
    is_chunked = request.environ.get("SERVER_PROTOCOL") == CHUNKED
    return Stream(caller, queries.reach_of(caller), position, is_chunked)


def _answer(body: object) -> Response:
    response = Response(body, mimetype=EVENTS)  # type: ignore[arg-type]
    # A proxy that gathers answers would hold every event back.
    response.headers["X-Accel-Buffering"] = "no"
    return response
