"""Names in the blocks that wait: cells, states, items, measures."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.packs import words
from server.packs.checks import found
from server.packs.checks.found import Found, twice, unknown
from server.packs.definition import Pack
from server.packs.mistakes import Path

LISTS_OF_CODES = {"forms": "fields", "checklists": "items", "score_sheets": "items"}


def cells(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    listed = pack.waiting.get("cells", [])
    codes = [str(one["code"]) for one in listed]
    levels, zones = [one.code for one in pack.levels], [one.code for one in pack.zones]
    yield from twice((("cells", no, "code"), code) for no, code in enumerate(codes))
    known = dict.fromkeys(codes)
    for no, cell in enumerate(listed):
        yield from unknown(("cells", no, "level"), cell["level"], levels, found.LEVELS)
        yield from unknown(("cells", no, "zone"), cell.get("zone"), zones, found.ZONES)
        if "parent" in cell and str(cell["parent"]) not in known:
            yield from unknown(("cells", no, "parent"), str(cell["parent"]), known, found.CELLS)


def codes(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """Fields, items: a code once in its list."""
    for block, inner in LISTS_OF_CODES.items():
        for code, one in pack.waiting.get(block, {}).items():
            listed = enumerate(one.get(inner, []))
            yield from twice(
                ((block, code, inner, no, "code"), item["code"]) for no, item in listed
            )


def states(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """Transitions go between states that are named."""
    flow = pack.waiting.get("case_flow", {})
    known = flow.get("states", [])
    yield from twice((("case_flow", "states", no), state) for no, state in enumerate(known))
    for no, step in enumerate(flow.get("transitions", [])):
        for end in ("from", "to"):
            path: Path = ("case_flow", "transitions", no, end)
            yield from unknown(path, step[end], known, found.STATES)


def measures(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """Bounds and score sheets name measures of the pack or those that every pack has."""
    known = [*pack.waiting.get("measures", {}), *words.MEASURES]
    for no, bound in enumerate(pack.waiting.get("quality", [])):
        yield from unknown(("quality", no, "measure"), bound["measure"], known, found.MEASURES)
    for code, sheet in pack.waiting.get("score_sheets", {}).items():
        for no, item in enumerate(sheet["items"]):
            path: Path = ("score_sheets", code, "items", no, "measure")
            yield from unknown(path, item.get("measure"), known, found.MEASURES)


def worksheets(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    posts = [post.code for post in pack.posts]
    for code, sheet in pack.waiting.get("worksheets", {}).items():
        yield from unknown(("worksheets", code, "by"), sheet.get("by"), posts, found.POSTS)
