"""The device protocol's doors: the exchange, have, receipts, the key."""

import random
from collections import Counter
from typing import Any

import msgspec
from flask import Response, current_app, g, jsonify, request
from flask.views import MethodView
from flask_smorest import Blueprint

from server import keys
from server.config import Settings
from server.grid.auth import device_only, public
from server.http.errors import language
from server.http.metrics import count_items
from server.http.ratelimits import hit
from server.items.queries import unknown_ids
from server.kernel import clock
from server.kernel.database import glancing, reading
from server.kernel.problems import Problem
from server.kernel.state import epoch
from server.media import queries as media
from server.sync import installs, pull, push, receipts, rules, schemas
from server.sync.reading import read_exchange

blp = Blueprint("sync", __name__, url_prefix="/api/v1", description="同步 / Sync")
blueprints = (blp,)


def _settings() -> Settings:
    return current_app.extensions["gewu_settings"]


@blp.route("/sync")
class Exchange(MethodView):
    @device_only
    @blp.doc(**schemas.EXCHANGE_REQUEST)
    @blp.response(200, schemas.ExchangeView)
    def post(self) -> Response:
        """One round trip: hand in, acknowledge, get changes (docs/protocol.md, section 4)."""
        settings = _settings()
        hit("exchange", g.device.install, settings.exchanges_per_minute)
        envelope, lines = read_exchange(request, settings)
        if envelope["install"] != g.device.install:
            raise Problem("wrong_install")
        pushed = push.hand_in(g.device, envelope, lines, settings, keys.signer())
        g.epoch = pushed.epoch
        pulled, wanted = _given(envelope, pushed)
        count_items(Counter("replay" if v.replay else v.status for v in pushed.verdicts))
        return _answer(settings, pushed, pulled, wanted)


def _given(
    envelope: dict[str, Any], pushed: push.Pushed
) -> tuple[pull.Pulled, list[dict[str, Any]]]:
    """The changes and the files that the device is told of."""
    if pushed.is_quiet and not g.device.draining:
        return pull.Pulled([], envelope["cursor"], False), []
    with glancing() as session:
        pulled = _pull(session, envelope, pushed)
        return pulled, media.wanted(session, g.device.install, g.device.member)


def _pull(session: Any, envelope: dict[str, Any], pushed: push.Pushed) -> pull.Pulled:
    cursor = 0 if pushed.reset else envelope["cursor"]
    if g.device.draining:
        return pull.farewell(g.device, cursor)
    want = envelope["want"] or {}
    return pull.changes(session, g.device.member, cursor, want.get("bytes"))


def _answer(
    settings: Settings, pushed: push.Pushed, pulled: pull.Pulled, wanted: list[dict[str, Any]]
) -> Response:
    body = {
        "epoch": pushed.epoch,
        "received_at": clock.iso(pushed.received_at),
        "time": clock.iso(clock.now()),
        "offset_ms": pushed.offset_ms,
        "results": [verdict.wire(language) for verdict in pushed.verdicts],
        "receipt": pushed.receipt,
        "media": wanted,
        "gaps": pushed.gaps,
        "changes": pulled.changes,
        "cursor": pulled.cursor,
        "more": pulled.more,
        "reset": pushed.reset,
        "reenrol": pushed.forked,
        "next_after_s": rules.spread(settings.next_after_s, random.random()),
        "min_app": settings.min_app or None,
    }
    return Response(msgspec.json.encode(body), mimetype="application/json")


@blp.route("/sync/have")
class Have(MethodView):
    @device_only
    @blp.arguments(schemas.HaveArgs)
    @blp.response(200, schemas.HaveView)
    def post(self, args: dict[str, Any]) -> Response:
        """Which of the ids that a device still holds the server does not know."""
        with reading() as session:
            return jsonify(unknown=unknown_ids(session, args["ids"]))


@blp.route("/sync/receipts")
class Receipts(MethodView):
    @device_only
    @blp.arguments(schemas.ReceiptArgs, location="query")
    @blp.response(200, schemas.ReceiptsView)
    def get(self, args: dict[str, Any]) -> Response:
        """Lost receipts again, with the lines that their roots cover."""
        with reading() as session:
            install = installs.of_member(session, args["install"], g.device)
            return jsonify(receipts.given(session, install, args["from_"]))


@blp.route("/sync/key")
class Key(MethodView):
    @public
    @blp.response(200, schemas.KeyView)
    def get(self) -> Response:
        """The public key that receipts are signed with: base64 of 32 raw bytes."""
        with reading() as session:
            now_epoch = epoch(session)
        return jsonify(alg="Ed25519", key=keys.signer().public_base64(), epoch=now_epoch)
