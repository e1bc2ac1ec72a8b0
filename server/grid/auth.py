"""Doors: who may enter a route. Every route says so, or the app does not start."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, NamedTuple

from flask import Flask, current_app, g, request
from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from server.grid import roles
from server.grid.models import Device, Member, PersonToken
from server.grid.scope import Scope, scope_of, today
from server.kernel import clock
from server.kernel.database import glancing, reading
from server.kernel.prepared import Prepared
from server.kernel.problems import Problem
from server.kernel.tokens import hash_token

GUARD = "__gewu_guard__"
_device = Device.__table__.c
_DEVICE = Prepared(
    select(_device.install, _device.member, _device.state).where(
        _device.token == bindparam("hashed"), _device.state != "revoked"
    )
)


class Caller(NamedTuple):
    """The person behind a session or API token; `scope` is limited to the route's roles."""

    member: str
    token: str
    kind: str
    scope: Scope


class DeviceCaller(NamedTuple):
    """The device behind a token; `draining` may only hand in."""

    install: str
    member: str
    draining: bool


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Anybody may enter: log-in, enrolment, health."""
    setattr(view, GUARD, "public")
    return view


def allow(*allowed: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """People holding a post of one of these roles today; `g.caller` tells who and how far."""

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.caller = _person(allowed)
            return view(*args, **kwargs)

        setattr(guarded, GUARD, frozenset(allowed))
        return guarded

    return guard


def device_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Devices, the draining ones too; `g.device` tells which."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.device = device_of_token(bearer())
        return view(*args, **kwargs)

    setattr(guarded, GUARD, "device")
    return guarded


def device_or_person(view: Callable[..., Any]) -> Callable[..., Any]:
    """Either; exactly one of `g.device` and `g.caller` is set."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.device = g.caller = None
        if bearer().startswith("gwd_"):
            g.device = device_of_token(bearer())
        else:
            g.caller = _person(roles.EVERYBODY)
        return view(*args, **kwargs)

    setattr(guarded, GUARD, "device or person")
    return guarded


def refuse_api_token() -> None:
    """`forbidden` unless the caller logged in: an API token gives no way to log in."""
    if g.caller.kind != "session":
        raise Problem("forbidden")


def bearer() -> str:
    """The bearer token of the request; never taken from the URL."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem("unauthorized")
    return token.strip()


def _person(allowed: Collection[str]) -> Caller:
    hashed = hash_token(bearer())
    with reading() as session:
        caller = _holder(session, PersonToken.token == hashed, allowed)
    if caller is None:
        raise Problem("unauthorized")
    if not caller.scope.holdings:
        raise Problem("forbidden")
    return caller


def again(session: Session, caller: Caller, allowed: Collection[str]) -> Caller | None:
    """The same caller with the reach of this moment; None if the token has ended."""
    return _holder(session, PersonToken.id == caller.token, allowed)


def _holder(
    session: Session, is_it: ColumnElement[bool], allowed: Collection[str]
) -> Caller | None:
    now = clock.now()
    row = session.execute(
        select(PersonToken.id, PersonToken.kind, PersonToken.member, PersonToken.expires_at)
        .join(Member, Member.id == PersonToken.member)
        .where(is_it, PersonToken.revoked_at.is_(None), Member.active)
    ).first()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    scope = scope_of(session, row.member, today(current_app.config["TIMEZONE"], now))
    return Caller(row.member, row.id, row.kind, scope.limited_to(allowed))


def device_of_token(token: str) -> DeviceCaller:
    """The device of a live token; `unauthorized` for any other."""
    with glancing() as session:
        row = _DEVICE.first(session, hashed=hash_token(token))
    if row is None:
        raise Problem("unauthorized")
    return DeviceCaller(row.install, row.member, row.state == "draining")


def refuse_unguarded(app: Flask) -> None:
    """RuntimeError naming the first route that does not say who may enter."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if guard_of(view, method) is None:
                raise RuntimeError(f"{method} {rule.rule} does not say who may enter")


def guard_of(view: Callable[..., Any], method: str) -> Any:
    """The guard of one method of a route, or None."""
    view_class = getattr(view, "view_class", None)
    target = view if view_class is None else getattr(view_class, method.lower(), None)
    return getattr(target, GUARD, None)
