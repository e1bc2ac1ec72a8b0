"""From a request to an envelope and lines: transport only, the content of items is not judged."""

from itertools import repeat
from typing import Any

from flask import Request
from marshmallow import ValidationError

from server.config import Settings
from server.http.compiled import Check
from server.items.lines import LineRefused, parse, parse_plain
from server.kernel.problems import Problem
from server.sync.schemas import ENVELOPE

PROTOCOL = "1"
PLAIN_ENVELOPE = Check(ENVELOPE)
BLANK_LINES = 10
"""Lines that a batch may have for each item it may have."""


def read_exchange(request: Request, settings: Settings) -> tuple[dict[str, Any], list[bytes]]:
    """(the envelope, the raw item lines); Problem 400, 413, 415 or 426."""
    if request.headers.get("Gewu-Protocol", PROTOCOL) != PROTOCOL:
        raise Problem("protocol_version")
    first, _, rest = request.get_data().partition(b"\n")
    envelope = _envelope(first)
    # Counted before it is split: sixteen megabytes of newlines would be millions of lines.
    if rest.count(b"\n") > BLANK_LINES * settings.batch_items:
        raise _too_large(settings)
    lines = [line for line in rest.split(b"\n") if line.strip()]
    _check_size(lines, settings)
    return envelope, lines


def _envelope(line: bytes) -> dict[str, Any]:
    try:
        return PLAIN_ENVELOPE(parse_plain(line))
    except (ValueError, RecursionError):
        return _explained(line)


def _explained(line: bytes) -> dict[str, Any]:
    """The envelope as the schema reads it, or what the schema says against it."""
    try:
        return ENVELOPE.load(parse(line))
    except LineRefused as refused:
        raise Problem("envelope_invalid", errors={"_": [refused.detail]}) from refused
    except ValidationError as error:
        raise Problem("envelope_invalid", errors=error.messages_dict) from error


def _check_size(lines: list[bytes], settings: Settings) -> None:
    """413 above the batch's budget; a line longer than an item may be counts as one of that size.

    Such a line is set aside unread, and must not cost its neighbours a round trip.
    """
    if len(lines) > settings.batch_items or _counted(lines, settings) > settings.batch_bytes:
        raise _too_large(settings)


def _counted(lines: list[bytes], settings: Settings) -> int:
    return sum(map(min, map(len, lines), repeat(settings.item_bytes))) + len(lines)


def _too_large(settings: Settings) -> Problem:
    limits = {"batch_items": settings.batch_items, "batch_bytes": settings.batch_bytes}
    return Problem("batch_too_large", extra={"limits": limits})
