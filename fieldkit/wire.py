"""The shapes of docs/protocol.md as the device writes and reads them. Pure."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldkit.errors import BadAnswer, InputError

# What a result's status does to a line (section 4); a line with any other status stays queued.
FINAL = {"accepted": "sent", "quarantined": "tray", "conflict": "tray", "stale": "tray"}


def encode(value: Mapping[str, Any]) -> bytes:
    """Compact UTF-8 JSON on one line. Raises InputError for what JSON cannot hold."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8")
    except (TypeError, ValueError) as error:
        raise InputError("not_json", reason=error) from error


def sha256(data: bytes) -> str:
    """Hex SHA-256: of an item, the hash of its line without the newline (section 2)."""
    return hashlib.sha256(data).hexdigest()


def decode_base64(text: str) -> bytes:
    """The bytes of a key or signature; nothing for what is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that have a value; the protocol leaves out what is not known."""
    return {key: value for key, value in values.items() if value is not None}


def item_line(
    *,
    id: str,
    seq: int,
    kind: str,
    schema: int,
    at: str,
    mono: int | None,
    boot: str | None,
    body: Mapping[str, Any],
    loc: Mapping[str, Any] | None = None,
    task: str | None = None,
    media: Sequence[Mapping[str, Any]] = (),
    prev: str | None = None,
) -> bytes:
    """One item as it goes over the wire, without its newline (section 4)."""
    fields = without_none(
        {
            "id": id,
            "seq": seq,
            "kind": kind,
            "schema": schema,
            "at": at,
            "mono": mono,
            "boot": boot,
            "loc": None if loc is None else without_none(loc),
            "task": task,
            "media": [without_none(entry) for entry in media] or None,
            "prev": prev,
        }
    )
    return encode(fields | {"body": body})


def request_body(envelope: Mapping[str, Any], lines: Sequence[bytes]) -> bytes:
    """Line 1 the envelope, then one line per item, each ended by a newline (section 4)."""
    return b"".join(line + b"\n" for line in (encode(envelope), *lines))


@dataclass(frozen=True)
class Answer:
    """The answer of one exchange (section 4)."""

    epoch: str
    cursor: int
    results: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    media: list[dict[str, Any]]
    receipt: dict[str, Any] | None
    offset_ms: int | None
    more: bool
    reset: bool
    reenrol: bool
    next_after_s: int | None
    min_app: str | None


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object. Raises BadAnswer for anything else."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise BadAnswer(str(error)) from error
    if not isinstance(value, dict):
        raise BadAnswer("not a JSON object")
    return value


def read_answer(body: bytes) -> Answer:
    """Parse an exchange's answer. Raises BadAnswer, and then nothing of it is applied."""
    value = read_object(body)
    epoch, cursor = value.get("epoch"), value.get("cursor")
    if not isinstance(epoch, str) or not isinstance(cursor, int):
        raise BadAnswer("epoch or cursor is missing")
    receipt = value.get("receipt")
    return Answer(
        epoch=epoch,
        cursor=cursor,
        results=_objects(value, "results"),
        changes=[_change(change) for change in _objects(value, "changes")],
        media=_objects(value, "media"),
        receipt=receipt if isinstance(receipt, dict) else None,
        offset_ms=_integer(value.get("offset_ms")),
        more=value.get("more") is True,
        reset=value.get("reset") is True,
        reenrol=value.get("reenrol") is True,
        next_after_s=_integer(value.get("next_after_s")),
        min_app=value.get("min_app"),
    )


def _objects(value: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    entries = [] if value.get(key) is None else value[key]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadAnswer(f"{key} is not a list of objects")
    return entries


def _change(change: dict[str, Any]) -> dict[str, Any]:
    """A change of the feed; one that cannot be kept whole must not move the cursor."""
    if not isinstance(change.get("seq"), int) or not {"kind", "id", "op"} <= change.keys():
        raise BadAnswer("a change lacks seq, kind, id or op")
    return change


def _integer(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None
