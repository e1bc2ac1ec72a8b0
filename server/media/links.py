"""Links by which a page shows a copy of a photo without a token: short-lived, for one copy.

    /api/v1/media/<sha256>?size=thumb&until=<Unix seconds>&sig=<hex>

`sig` is an HMAC by the deployment's key over what is shown and until when; a link is made only for
who may see it, and never for the original.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import g, request

from server.grid.auth import device_or_person
from server.kernel import clock
from server.kernel.problems import Problem
from server.keys import cipher

LASTS = timedelta(minutes=10)
CONTEXT = "media.link"
SIGNED = ("size", "item", "until")


def made(sha256: str, size: str, item: str | None, now: datetime) -> tuple[str, datetime]:
    """(the query that opens the copy, until when it does)."""
    until = (now + LASTS).replace(microsecond=0)
    named = {"size": size, "until": str(int(until.timestamp()))} | ({"item": item} if item else {})
    signature = cipher().blind_index(_text(sha256, named), context=CONTEXT)
    return urlencode(named | {"sig": signature}), until


def or_by_link(view: Callable[..., Any]) -> Callable[..., Any]:
    """Devices and people as ever; whoever comes by a link is known by it alone."""
    guarded = device_or_person(view)

    @wraps(guarded)
    def enter(*args: Any, **kwargs: Any) -> Any:
        if "sig" not in request.args:
            return guarded(*args, **kwargs)
        _check(kwargs["sha256"])
        g.device = g.caller = None
        return view(*args, **kwargs)

    return enter


def seconds_left() -> int | None:
    """How long the link by which this request came still opens; None if it came without one."""
    if "sig" not in request.args:
        return None
    return max(1, int(int(request.args["until"]) - clock.now().timestamp()))


def _check(sha256: str) -> None:
    """Problems: unauthorized (not signed by us), link_expired."""
    named = {name: request.args[name] for name in SIGNED if name in request.args}
    given = request.args["sig"].encode()
    right = cipher().blind_indexes(_text(sha256, named), context=CONTEXT)
    if not any(hmac.compare_digest(given, signature.encode()) for signature in right):
        raise Problem("unauthorized")
    if int(named["until"]) <= clock.now().timestamp():
        raise Problem("link_expired")


def _text(sha256: str, named: dict[str, str]) -> str:
    return "\n".join([sha256, *(f"{name}={named.get(name, '')}" for name in SIGNED)])
