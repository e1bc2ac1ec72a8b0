"""Ways through the work: escalation that ends, acceptance before the limit, notices said once."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.packs.checks import found
from server.packs.checks.found import Found, unknown
from server.packs.checks.hours import minutes
from server.packs.definition import Amount, Deadline, Pack
from server.packs.mistakes import Path
from server.packs.words import TAKERS


def escalation(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """Steps go up the levels, one from each, without a circle, to where somebody is."""
    order = [level.code for level in pack.levels]
    ups: dict[str, str] = {}
    for index, step in enumerate(pack.escalation):
        path: Path = ("escalation", index)
        yield from unknown((*path, "level"), step.level, order, found.LEVELS)
        yield from unknown((*path, "to"), step.to, order, found.LEVELS)
        if step.level in ups:
            yield Found((*path, "level"), "escalation_twice", {"level": step.level})
        ups.setdefault(step.level, step.to)
    for index, step in enumerate(pack.escalation):
        path = ("escalation", index, "to")
        circle = _circle(step.level, ups)
        if circle:
            yield Found(path, "escalation_cycle", {"way": " → ".join(circle)})
        elif {step.level, step.to} <= set(order):
            yield from _upwards(pack, path, step.level, step.to, order)


def _circle(start: str, ups: Mapping[str, str]) -> list[str]:
    """The way from `start` back to it, or nothing."""
    way = [start]
    while way[-1] in ups and len(way) <= len(ups):
        way.append(ups[way[-1]])
        if way[-1] == start:
            return way
    return []


def _upwards(pack: Pack, path: Path, level: str, to: str, order: list[str]) -> Iterator[Found]:
    if order.index(to) > order.index(level):
        yield Found(path, "escalation_down", {"level": level, "to": to})
    if to not in {post.level for post in pack.posts if post.role in TAKERS}:
        yield Found(path, "escalation_dead_end", {"to": to})


def acceptance(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """Acceptance (签收) is due before the work is."""
    for path, deadline in _deadlines(pack):
        within = deadline.accept_within
        if within is not None and _not_shorter(within, deadline.limit):
            yield Found((*path, "accept_within"), "accept_after_limit")


def _not_shorter(one: Amount, other: Amount) -> bool:
    """Whether `one` is surely no shorter; amounts of different clocks are not compared."""
    if one.unit == other.unit:
        return one.number >= other.number
    mine, theirs = minutes(one), minutes(other)
    return mine is not None and theirs is not None and mine >= theirs


def _deadlines(pack: Pack) -> Iterator[tuple[Path, Deadline]]:
    rules = pack.deadlines
    if rules.default is not None:
        yield ("deadlines", "default"), rules.default
    for name in ("by_level", "by_kind", "by_category"):
        for code, deadline in getattr(rules, name).items():
            yield ("deadlines", name, code), deadline
    for template in pack.templates:
        if template.deadline is not None:
            yield ("templates", template.code, "deadline"), template.deadline


def notices(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    seen: set[str] = set()
    for index, notice in enumerate(pack.notices):
        if notice.on in seen:
            yield Found(("notices", index, "on"), "notice_twice", {"value": notice.on})
        seen.add(notice.on)
