"""A rule pack from its YAML text, or every mistake in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA

from server.packs import checks
from server.packs.definition import Pack
from server.packs.mistakes import Mistake, PackMistakes, Path
from server.packs.plain import Document, plain
from server.packs.schemas import PACK, WAITING
from server.packs.schemas.base import GUESSED, Fault, near

__all__ = ["Mistake", "PackMistakes", "decode", "read", "salvage"]

STAND_INS: dict[str, Any] = {
    "pack": {"id": "x", "version": 1, "name": "x"},
    "calendar": {"hours": ["08:30-12:00"]},
}
"""What is put in for a block that must be there, so that the others can be checked."""


def decode(raw: bytes) -> str:
    """The text of a file; PackMistakes if it is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PackMistakes([Mistake(line, "", "encoding")]) from error


def read(text: str) -> Pack:
    """The pack that `text` says; PackMistakes has every mistake with its line.

    A block with mistakes is left out while the others are held against each other.
    """
    document = plain(text)
    if document.data is None:
        raise PackMistakes(document.mistakes.values())
    blocks, broken = _blocks(document)
    pack = _pack(blocks, document.data)
    for found in checks.run(pack, document.data, broken):
        document.add(found.path, found.code, **found.values)
    if document.mistakes:
        raise PackMistakes(document.mistakes.values())
    return pack


def salvage(text: str) -> Pack:
    """What can be read of a text that `read` refuses and took once; never raises.

    Blocks with mistakes of their own are left out, and `left_out` names them; what blocks say of
    each other counts as it was taken then.
    """
    document = plain(text)
    _, broken = _blocks(document)
    given = document.data if isinstance(document.data, Mapping) else {}
    data = STAND_INS | {key: value for key, value in given.items() if key not in broken}
    known = frozenset(PACK.load_fields)
    return replace(_pack(PACK.load(data), data), left_out=known & broken if given else known)


def _blocks(document: Document) -> tuple[dict[str, Any], frozenset[str]]:
    """The blocks without mistakes, loaded; the names of the others."""
    before = {path[0] for path in document.mistakes if path}
    try:
        return PACK.load(document.data), frozenset(map(str, before))
    except ValidationError as error:
        _note(document, (), error.messages)
        given = document.data if isinstance(document.data, Mapping) else {}
        broken = before | set(_keys(error.messages)) | _meant(given)
        sound = {key: value for key, value in given.items() if key not in broken}
        return PACK.load(STAND_INS | sound), frozenset(map(str, broken))


def _keys(messages: Any) -> list[Any]:
    return list(messages) if isinstance(messages, Mapping) else []


def _meant(given: Mapping[str, Any]) -> set[str]:
    """The blocks that were probably meant by names that are not known."""
    known = PACK.load_fields
    strange = [key for key in given if key not in known][:GUESSED]
    words = {near(key, known).word for key in strange}
    return {word for word in words if word is not None}


def _note(document: Document, path: Path, messages: Any) -> None:
    """Turn marshmallow's tree of messages into mistakes."""
    if isinstance(messages, Fault):
        document.add(path, messages.code, **messages.values)
    elif isinstance(messages, Mapping):
        for key, inner in messages.items():
            _note(document, path if key == SCHEMA else (*path, key), inner)
    else:
        for inner in messages:
            _note(document, path, inner)


def _pack(blocks: dict[str, Any], data: Any) -> Pack:
    """The pack of its loaded blocks; those that wait stay as they are written."""
    told = {name: block for name, block in blocks.items() if name not in (*WAITING, "pack", "tree")}
    waiting = {name: data[name] for name in WAITING if name in blocks}
    return Pack(**blocks["pack"], **blocks.get("tree", {}), waiting=waiting, **told)
