"""From the bytes of a line to an item, or to the reason why not. Pure; never raises on content.

The JSON is read strictly (RFC 8259): no NaN, no 1e999, an object, no deeper than `DEPTH`.
"""

import hashlib
import json
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from marshmallow import Schema, ValidationError

from server.http.compiled import CANONICAL_ID, Check
from server.http.fields import SPOILT
from server.items.schemas import BODIES, ITEM, KINDS
from server.items.verdicts import Known
from server.kernel import ids

DEPTH = 32
DETAIL_LENGTH = 1000
NAME = re.compile(r"[!-~]{1,32}\Z")
PLAIN_ITEM = Check(ITEM)
PLAIN_BODIES = {which: Check(schema) for which, schema in BODIES.items()}
SPOILT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(slots=True)
class Line:
    """One line as sent, and what it turned out to be: `item` (with its `body` loaded), or `code`.

    `id`, `seq` and `kind` are filled as far as they can be read, also on a line with a code. A line
    that was answered before is not read: it has what was answered, `known`, instead of an item.
    """

    no: int
    raw: bytes
    sha256: str
    id: str | None = None
    seq: int | None = None
    kind: str | None = None
    item: dict[str, Any] | None = None
    content: str = ""
    code: str | None = None
    detail: str = ""
    known: Known | None = None


class _Claim(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(pattern=CANONICAL_ID)]


class LineRefused(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        clean = detail.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
        self.detail = clean[:DETAIL_LENGTH]


def read_line(no: int, raw: bytes, item_bytes: int) -> Line:
    """Judge one line; `item_bytes` is the longest line that is looked into."""
    line = Line(no, raw, hashlib.sha256(raw).hexdigest())
    if _read_plain(line, item_bytes):
        return line
    try:
        if len(raw) > item_bytes:
            raise LineRefused("too_large", f"{len(raw)} > {item_bytes} bytes")
        line.item = _load(line, parse(raw))
    except LineRefused as refused:
        line.code, line.detail = refused.code, refused.detail
    return line


def claimed_id(raw: bytes, item_bytes: int) -> str | None:
    """The id in a line of which nothing else is looked at; None if there is none to be seen."""
    if len(raw) > item_bytes:
        return None
    try:
        return _decode_claim(raw).id
    except (ValueError, RecursionError):
        return None


def _read_plain(line: Line, item_bytes: int) -> bool:
    """Take what is plainly right; the rest is left to `_load`, which can say what is wrong."""
    raw = line.raw
    if len(raw) > item_bytes:
        return False
    try:
        data = parse_plain(raw)
        item = PLAIN_ITEM(data)
        item["body"] = PLAIN_BODIES[item["kind"], item["schema"]](item["body"])
        line.content = content_hash(data)
    except (ValueError, LookupError, RecursionError):
        return False
    line.id, line.seq, line.kind, line.item = item["id"], item["seq"], item["kind"], item
    return True


def parse_plain(raw: bytes) -> Any:
    """The JSON in `raw`; ValueError for all that `parse` refuses, and for some that it takes."""
    if SPOILT_ESCAPE.search(raw):
        raise ValueError("perhaps spoilt")
    value = _decode_plain(raw)
    if _may_be_deep(raw) and not _shallow(value, DEPTH):
        raise ValueError("deep")
    return value


def _may_be_deep(raw: bytes) -> bool:
    return raw.count(b"[") + raw.count(b"{") > DEPTH


def parse(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`; LineRefused(`bad_json` or `schema_invalid`) if there is none."""
    try:
        value = _decode(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise LineRefused("bad_json", str(error)) from error
    if not isinstance(value, dict):
        raise LineRefused("bad_json", "not an object")
    if _may_be_deep(raw) and not _shallow(value, DEPTH):
        raise LineRefused("bad_json", f"deeper than {DEPTH}")
    if SPOILT_ESCAPE.search(raw) and not _clean(value):
        raise LineRefused("schema_invalid", "NUL or a lone surrogate in a text")
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number beyond all bounds")
    return number


_decode = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite).decode
_decode_plain = msgspec.json.Decoder().decode
_decode_claim = msgspec.json.Decoder(_Claim).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def _children(value: Any) -> Collection[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _shallow(value: Any, depth: int) -> bool:
    """Whether `value` nests no deeper than `depth`; walks level by level."""
    level = [value]
    while level:
        if depth < 0:
            return False
        level = [child for node in level for child in _children(node) if _children(child)]
        depth -= 1
    return True


def _clean(value: Any) -> bool:
    """Whether every text and name in `value` can be kept as UTF-8 without NUL."""
    nodes = [value]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            nodes += node
        if isinstance(node, str) and SPOILT.search(node):
            return False
        nodes += _children(node)
    return True


def _load(line: Line, data: dict[str, Any]) -> dict[str, Any]:
    """The item with its body loaded; fills what can be read of id, seq and kind on the way."""
    _note_names(line, data)
    body_schema = _body_schema(data.get("kind"), data.get("schema"))
    item = _loaded(ITEM, data)
    item["body"] = _loaded(body_schema, item["body"], "body")
    line.content = content_hash(data)
    return item


def _body_schema(kind: Any, schema: Any) -> Schema:
    if not isinstance(kind, str) or not isinstance(schema, int) or isinstance(schema, bool):
        raise LineRefused("schema_invalid", "kind is a text, schema a whole number")
    if kind not in KINDS:
        raise LineRefused("kind_unknown", kind)
    if (kind, schema) not in BODIES:
        raise LineRefused("schema_unknown", f"{kind} {schema}")
    return BODIES[kind, schema]


def _note_names(line: Line, data: dict[str, Any]) -> None:
    kind, seq, id_ = data.get("kind"), data.get("seq"), data.get("id")
    line.kind = kind if isinstance(kind, str) and NAME.match(kind) else None
    is_seq = isinstance(seq, int) and not isinstance(seq, bool) and 0 < seq < 2**53
    line.seq = seq if is_seq else None
    try:
        line.id = ids.canonical(id_) if isinstance(id_, str) else None
    except ValueError:
        line.id = None


def _loaded(schema: Schema, data: Any, where: str = "") -> dict[str, Any]:
    try:
        return schema.load(data)
    except ValidationError as error:
        messages = {where: error.messages} if where else error.messages
        raise LineRefused("schema_invalid", json.dumps(messages, ensure_ascii=False)) from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise LineRefused("schema_invalid", f"{where} {error}".strip()) from error


NUMBERING = frozenset(("id", "seq", "prev", "mono", "boot"))


def content_hash(data: dict[str, Any]) -> str:
    """Hex SHA-256 of what was captured, without what the envelope numbers: id, seq, prev, clocks.

    Two captures of one moment under two ids have the same; an edit of any captured field has not.
    """
    captured = {key: value for key, value in data.items() if key not in NUMBERING}
    return hashlib.sha256(_encode(captured)).hexdigest()
