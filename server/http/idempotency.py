"""`Idempotency-Key`: a creation that is sent again gets the first answer again.

The key is kept with the transaction that did the act, so there is no moment in which the act stands
and the key does not.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, json, jsonify, request
from sqlalchemy import Index, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from server import keys
from server.kernel import clock
from server.kernel.database import Instant, db, insert
from server.kernel.problems import Problem, invalid

KEY_LENGTH = 200


class IdempotencyKey(db.Model):  # type: ignore[name-defined]
    """The first answer given under a caller's key."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_at", "at"),)
    actor: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


def once(session: Session, actor: str, act: Callable[[], Any], status: int = 201) -> Response:
    """What `act` returned (a JSON-able body), now or the first time this key was used."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _answer(act(), status)
    if not 0 < len(key) <= KEY_LENGTH:
        raise invalid("Idempotency-Key", "invalid")
    known = _claim(session, actor, key, _fingerprint())
    if known is not None:
        response = _answer(json.loads(known), status)
        response.headers["Idempotent-Replayed"] = "true"
        return response
    body = act()
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.actor == actor, IdempotencyKey.key == key)
        .values(answer=json.dumps(body))
    )
    return _answer(body, status)


def _answer(body: Any, status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response


def _fingerprint() -> str:
    """Keyed, because a body may hold a password that could be guessed from a bare hash."""
    said = f"{request.method} {request.path}\n".encode() + request.get_data()
    digest = hashlib.sha256(said).hexdigest()
    keyed = keys.cipher().blind_index(digest, context="idempotency")
    return hashlib.sha256(keyed.encode()).hexdigest()


def _claim(session: Session, actor: str, key: str, fingerprint: str) -> str | None:
    """The answer kept under the key, or None if this request is the first to use it."""
    row = {"actor": actor, "key": key, "request": fingerprint, "at": clock.now()}
    claim = insert(session, IdempotencyKey).values(row).on_conflict_do_nothing()
    claimed = session.execute(claim.returning(IdempotencyKey.key)).first()
    if claimed:
        return None
    first = session.execute(
        select(IdempotencyKey.request, IdempotencyKey.answer).where(
            IdempotencyKey.actor == actor, IdempotencyKey.key == key
        )
    ).one()
    if first.request != fingerprint:
        raise Problem("idempotency_reused")
    return str(first.answer)
