"""The HTTP door of pushes."""

from typing import Any

from flask import Response, current_app, g, jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from server.dispatch.pushes import queries, service
from server.dispatch.pushes.orders import Making, Order
from server.dispatch.pushes.rules import told, told_stand_ins
from server.dispatch.pushes.schemas import (
    PUSH,
    PUSH_DETAIL,
    NewPushSchema,
    PushArgs,
    PushDetailSchema,
    PushPageSchema,
)
from server.dispatch.pushes.service import Ordered
from server.grid.auth import allow
from server.grid.roles import DISPATCHERS, STAFF
from server.http.idempotency import once
from server.http.paging import page
from server.kernel.database import reading, writing

blp = Blueprint("pushes", __name__, url_prefix="/api/v1", description="Pushes (批量派发)")


@blp.route("/pushes")
class Pushes(MethodView):
    @allow(*STAFF)
    @blp.arguments(PushArgs, location="query")
    @blp.response(200, PushPageSchema)
    def get(self, args: dict[str, Any]) -> Response:
        """Pushes of one's own, and those of areas within reach."""
        with reading() as session:
            rows = queries.listed(session, g.caller.scope, args)
            return jsonify(page(PUSH.dump(rows, many=True), args["limit"], lambda row: row["id"]))

    @allow(*DISPATCHERS)
    @blp.arguments(NewPushSchema)
    @blp.response(202, PushDetailSchema)
    def post(self, body: dict[str, Any]) -> Response:
        """Give tasks to many (批量派发); the worker gives them one after the other."""
        ordered = Ordered(g.caller.scope, _order(body), current_app.config["PUSH_ASK"])
        if body["dry_run"]:
            with reading() as session:
                return jsonify(_looked(service.look(session, ordered)))
        with writing() as session:

            def act() -> Any:
                return PUSH_DETAIL.dump(service.plan(session, ordered))

            return once(session, g.caller.member, act, status=202)


@blp.route("/pushes/<uuid:push>")
class OnePush(MethodView):
    @allow(*STAFF)
    @blp.response(200, PushDetailSchema)
    def get(self, push: Any) -> Response:
        """How far a push is, and who was left out."""
        with reading() as session:
            return jsonify(PUSH_DETAIL.dump(service.shown(session, g.caller.scope, str(push))))


def _order(body: dict[str, Any]) -> Order:
    fields = body["task"] | ({"due": body["due"]} if body["due"] else {})
    return Order(body["target"], body["template"], fields, body["confirm"])


def _looked(making: Making) -> dict[str, Any]:
    recipients = making.recipients
    return {
        "id": None,
        "state": "dry_run",
        "total": len(recipients.given),
        "done": 0,
        "left_out": [told(one) for one in recipients.left_out],
        "stood_in": told_stand_ins(recipients),
    }
