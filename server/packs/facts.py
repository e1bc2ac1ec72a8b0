"""A pack taken apart into single facts, for showing it and for holding two versions together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from server.packs.definition import Catalog, Deadline, Pack
from server.packs.mistakes import Named
from server.packs.wording import say, word


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: `path` as in the file, `item` what it is about, `label` which of its properties.

    `section`, `code`, `label` tell facts of two versions to be the same one.
    """

    section: str
    code: str
    label: str
    path: str
    item: str
    value: Any


SECTIONS: dict[str, Named] = {
    "pack": Named("规则包", "Pack"),
    "tree": Named("层级", "Levels"),
    "posts": Named("岗位", "Posts"),
    "zones": Named("巡查间隔", "Patrol intervals"),
    "shift": Named("班次", "Shift"),
    "patrol": Named("巡查频次", "Rhythms of patrol"),
    "calendar": Named("作息", "Working hours"),
    "deadlines": Named("时限", "Limits"),
    "kinds": Named("任务类型", "Kinds of tasks"),
    "templates": Named("任务模板", "Templates"),
    "plans": Named("周期计划", "Plans"),
    "escalation": Named("升级", "Escalation"),
    "notices": Named("通知", "Notices"),
    "catalogs": Named("目录", "Catalogues"),
    "waiting": Named("已记下、尚未执行", "Kept, not yet run"),
}

LABELS: dict[str, Named] = {
    "accept_within": Named("签收时限", "to be accepted within"),
    "after": Named("多久未签收", "not accepted after"),
    "backup": Named("AB 岗", "backup"),
    "backups": Named("B 岗由谁担任", "backups"),
    "begin": Named("开始", "begin"),
    "children": Named("下级数量", "children"),
    "conditions": Named("立案条件", "conditions"),
    "deadline": Named("时限", "limit"),
    "demands": Named("办结要求", "demands"),
    "end": Named("结束", "end"),
    "every": Named("间隔", "every"),
    "expects": Named("应有大类、小类", "majors and minors expected"),
    "extension": Named("延期", "extension"),
    "first_report": Named("首次上报", "first report"),
    "hours": Named("作息", "hours"),
    "kind": Named("类型", "kind"),
    "level": Named("层级", "level"),
    "limit": Named("办理时限", "limit"),
    "listed": Named("已列大类、小类", "majors and minors listed"),
    "min_gap": Named("至少相隔", "least gap"),
    "minutes": Named("分钟", "minutes"),
    "most_areas": Named("一人最多网格", "most areas of one person"),
    "name": Named("名称", "name"),
    "of": Named("对象", "of"),
    "on": Named("哪些日子", "on"),
    "partial_window": Named("余时", "partial window"),
    "per_area": Named("每格人数", "per area"),
    "post": Named("岗位", "post"),
    "priority": Named("优先级", "priority"),
    "proof": Named("证明", "proof"),
    "red_asks_why": Named("红灯须说明", "red asks why"),
    "rhythm": Named("周期", "rhythm"),
    "role": Named("角色", "role"),
    "seasons": Named("季节作息", "seasons"),
    "size_target": Named("网格户数", "households of a cell"),
    "source": Named("依据", "source"),
    "subject_class": Named("对象类别", "subject class"),
    "template": Named("模板", "template"),
    "text": Named("内容", "text"),
    "times": Named("次数", "times"),
    "timezone": Named("时区", "time zone"),
    "title": Named("标题", "title"),
    "to": Named("给", "to"),
    "up_to": Named("升到", "up to"),
    "valid_from": Named("适用起", "valid from"),
    "weekdays": Named("工作日", "working weekdays"),
    "yellow_at": Named("黄灯点", "yellow at"),
}

WRITTEN = {"begin": "from", "end": "to"}
"""Properties that are called otherwise in the file."""

CHOSEN = {"role", "backup", "on", "partial_window", "proof", "kind", "to"}
"""Properties whose values are words to choose from."""

CODED: dict[str, tuple[str, ...]] = {
    "posts": ("name", "role", "level", "per_area", "most_areas", "backup", "backups"),
    "zones": ("name", "every"),
    "patrol": ("name", "kind", "on", "times", "min_gap", "minutes", "every", "of", "proof"),
    "kinds": ("name", "demands"),
    "templates": ("kind", "title", "text", "priority", "demands"),
    "plans": ("name", "template", "rhythm", "post", "subject_class"),
}
"""Sections that are mappings by code, with the properties of what they hold."""


def told(fact: Fact, language: str) -> str:
    """The value of a fact as a person reads it."""
    value = word(fact.value, language) if fact.label in CHOSEN else fact.value
    return say(value, language)


def facts(pack: Pack) -> list[Fact]:
    """What a pack says, in the order of its sections; minors of catalogues are only counted."""
    return [
        *_head(pack),
        *_tree(pack),
        *(one for section in ("posts", "zones") for one in _coded(pack, section)),
        *_shift(pack),
        *_coded(pack, "patrol"),
        *_calendar(pack),
        *_deadlines(pack),
        *(one for section in ("kinds", "templates", "plans") for one in _coded(pack, section)),
        *_ways(pack),
        *_catalogs(pack),
    ]


def _of(
    section: str, code: str, path: str, item: str, what: Any, labels: tuple[str, ...]
) -> Iterator[Fact]:
    for label in labels:
        value = getattr(what, label)
        if value is not None and value not in ((), ""):
            yield Fact(section, code, label, f"{path}.{WRITTEN.get(label, label)}", item, value)


def _head(pack: Pack) -> Iterator[Fact]:
    labels = ("name", "source", "valid_from", "timezone")
    return _of("pack", "", "pack", "", pack, labels)


def _tree(pack: Pack) -> Iterator[Fact]:
    for index, level in enumerate(pack.levels, 1):
        path = f"tree.levels.{index}"
        yield from _of("tree", level.code, path, level.code, level, ("name", "children"))
    if pack.size_target:
        yield Fact("tree", "", "size_target", "tree.size_target", "", pack.size_target)


def _coded(pack: Pack, section: str) -> Iterator[Fact]:
    for one in getattr(pack, section):
        path, item = f"{section}.{one.code}", _item(section, one)
        yield from _of(section, one.code, path, item, one, CODED[section])
        if section == "templates" and one.deadline is not None:
            yield from _deadline(section, one.code, f"{path}.deadline", item, one.deadline)


def _item(section: str, one: Any) -> str:
    """What it is called; posts go by their codes, by which people hold them."""
    return str(one.code if section == "posts" else getattr(one, "name", None) or one.title)


def _shift(pack: Pack) -> Iterator[Fact]:
    if pack.shift is None:
        return
    labels = ("begin", "end", "partial_window", "proof")
    yield from _of("shift", "", "shift", "", pack.shift, labels)
    for mode in pack.shift.emergencies:
        path = f"shift.emergency.{mode.code}"
        labels = ("name", "begin", "end", "first_report")
        yield from _of("shift", mode.code, path, mode.name, mode, labels)


def _calendar(pack: Pack) -> Iterator[Fact]:
    labels = ("hours", "seasons", "weekdays")
    return _of("calendar", "", "calendar", "", pack.calendar, labels)


def _deadlines(pack: Pack) -> Iterator[Fact]:
    rules = pack.deadlines
    if rules.default is not None:
        yield from _deadline("deadlines", "default", "deadlines.default", "default", rules.default)
    for name in ("by_level", "by_kind", "by_category"):
        for code, deadline in getattr(rules, name).items():
            item = named(pack, name, code)
            path = f"{name}.{code}"
            yield from _deadline("deadlines", path, f"deadlines.{path}", item, deadline)
    if rules.red_asks_why:
        yield Fact("deadlines", "", "red_asks_why", "deadlines.red_asks_why", "", True)


def _deadline(section: str, code: str, path: str, item: str, deadline: Deadline) -> Iterator[Fact]:
    labels = ("limit", "yellow_at", "accept_within", "extension")
    return _of(section, code, path, item, deadline, labels)


def named(pack: Pack, name: str, code: str) -> str:
    """What a limit is by: the name of the level or kind, or the category itself."""
    listed: Mapping[str, Any] = {"by_level": pack.levels, "by_kind": pack.kinds}
    found = [one.name for one in listed.get(name, ()) if one.code == code]
    return str(found[0]) if found else code


def _ways(pack: Pack) -> Iterator[Fact]:
    for index, step in enumerate(pack.escalation, 1):
        item = named(pack, "by_level", step.level)
        path = f"escalation.{index}"
        yield Fact("escalation", step.level, "after", f"{path}.after", item, step.after)
        yield Fact("escalation", step.level, "up_to", f"{path}.to", item, step.to)
    for index, notice in enumerate(pack.notices, 1):
        yield Fact("notices", notice.on, "to", f"notices.{index}.to", notice.on, notice.to)


def _catalogs(pack: Pack) -> Iterator[Fact]:
    for index, catalog in enumerate(pack.catalogs, 1):
        path, item = f"catalogs.{index}", f"{catalog.standard} {catalog.kind}"
        yield from _of("catalogs", item, path, item, catalog, ("expects",))
        if catalog.majors:
            count = (len(catalog.majors), sum(len(one.minors) for one in catalog.majors))
            yield Fact("catalogs", item, "listed", f"{path}.majors", item, count)


def minors(catalog: Catalog) -> Iterator[Fact]:
    """The facts of every minor of a catalogue."""
    for major in catalog.majors:
        for minor in major.minors:
            key = f"{catalog.standard} {catalog.kind} {major.code}-{minor.code}"
            yield Fact("catalogs", key, "name", "", key, minor.name)
            said = [(one.code, one.text, one.limit, one.closing) for one in minor.conditions]
            if said:
                yield Fact("catalogs", key, "conditions", "", key, said)


def waiting(pack: Pack) -> Iterator[Fact]:
    """The leaves of the blocks that wait; what has a code in a list is found by it."""
    for path, value in _leaves(pack.waiting, ()):
        yield Fact("waiting", ".".join(path), "", ".".join(path), ".".join(path), value)


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping) and value:
        for key, one in value.items():
            yield from _leaves(one, (*path, key))
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value, 1):
            yield from _leaves(one, (*path, str(one.get("code", number))))
    else:
        yield path, value
