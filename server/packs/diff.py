"""What changes for whom between two versions of a pack."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.packs.definition import Pack
from server.packs.facts import LABELS, SECTIONS, Fact, facts, minors, told, waiting
from server.packs.mistakes import Named
from server.packs.wording import NOTHING, say

EVERYBODY = Named("所有人", "everybody")
OWNERS = Named("任务责任人", "who owns such tasks")
REPORTERS = Named("上报的人", "who reports")
NOBODY_YET = Named("尚未执行", "nobody yet")
RECEIVERS = {
    "assignee": Named("责任人", "the owner"),
    "backup": Named("B 岗", "the backup"),
    "leader": Named("网格长", "the leader"),
    "supervisor": Named("监督员", "the supervisor"),
}
Whom = tuple[str | Named, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the fact before and after (None: was not, is no more), and whom it concerns."""

    old: Fact | None
    new: Fact | None
    whom: Whom

    @property
    def fact(self) -> Fact:
        fact = self.new or self.old
        assert fact is not None
        return fact

    def said(self, language: str) -> tuple[str, str, str, str]:
        """(what, before, after, whom): `巡查间隔 红区 间隔`, `1 小时`, `2 小时`, `网格员`."""
        label = LABELS.get(self.fact.label)
        words = [say(SECTIONS[self.fact.section], language), self.fact.item]
        words += [say(label, language)] if label else []
        before, after = (
            say(NOTHING, language) if one is None else told(one, language)
            for one in (self.old, self.new)
        )
        whom = ("、" if language == "zh" else ", ").join(say(one, language) for one in self.whom)
        return " ".join(word for word in words if word), before, after, whom


def changes(old: Pack, new: Pack) -> list[Change]:
    """Every fact that is other, new or gone, in the order of the sections."""
    before, after = _keyed(old), _keyed(new)
    found = []
    for key in dict.fromkeys([*after, *before]):
        one, other = before.get(key), after.get(key)
        if one is None or other is None or one.value != other.value:
            found.append(Change(one, other, _whom(old, new, other or one)))
    order = list(SECTIONS)
    return sorted(found, key=lambda change: order.index(change.fact.section))


def _keyed(pack: Pack) -> dict[tuple[str, str, str], Fact]:
    listed = [*facts(pack), *(one for each in pack.catalogs for one in minors(each))]
    return {(one.section, one.code, one.label): one for one in (*listed, *waiting(pack))}


def _whom(old: Pack, new: Pack, fact: Fact | None) -> Whom:
    """The posts (of either version) that a fact concerns."""
    assert fact is not None
    found = dict.fromkeys(one for pack in (old, new) for one in _concerned(pack, fact))
    return tuple(found) or (_FALLBACK.get(fact.section, EVERYBODY),)


_FALLBACK = {
    "deadlines": OWNERS,
    "kinds": OWNERS,
    "templates": OWNERS,
    "catalogs": REPORTERS,
    "waiting": NOBODY_YET,
}


def _concerned(pack: Pack, fact: Fact) -> Iterable[str | Named]:
    if fact.section in ("zones", "shift", "patrol"):
        return [post.name for post in pack.posts if post.role == "worker"]
    if fact.section == "posts":
        return [post.name for post in pack.posts if post.code == fact.code]
    if fact.section == "notices":
        return [RECEIVERS[one] for rule in pack.notices if rule.on == fact.code for one in rule.to]
    if fact.section in ("kinds", "templates", "plans"):
        return _planned(pack, fact)
    return _at_levels(pack, _levels(pack, fact))


def _planned(pack: Pack, fact: Fact) -> list[str]:
    """The posts whose plans make tasks of this template or kind, or are this plan."""
    kinds = {one.code: one.kind for one in pack.templates}
    meant = {
        "kinds": lambda plan: kinds.get(plan.template) == fact.code,
        "templates": lambda plan: plan.template == fact.code,
        "plans": lambda plan: plan.code == fact.code,
    }[fact.section]
    posts = {plan.post for plan in pack.plans if meant(plan)}
    return [post.name for post in pack.posts if post.code in posts]


def _levels(pack: Pack, fact: Fact) -> set[str]:
    if fact.section == "tree":
        return {fact.code}
    if fact.section == "escalation":
        return {fact.code} | {one.to for one in pack.escalation if one.level == fact.code}
    if fact.code.startswith("by_level."):
        return {fact.code.removeprefix("by_level.")}
    return set()


def _at_levels(pack: Pack, levels: set[str]) -> list[str]:
    return [post.name for post in pack.posts if post.level in levels]
