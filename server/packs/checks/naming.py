"""Names: what one block names in another must be there, and codes stand once."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.packs import words
from server.packs.checks import found
from server.packs.checks.found import Found, twice, unknown
from server.packs.definition import Demands, Pack
from server.packs.mistakes import Path, shown
from server.packs.schemas.base import GUESSED, near


def levels(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    yield from twice(
        (("tree", "levels", index, "code"), level.code) for index, level in enumerate(pack.levels)
    )


def posts(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    known = [level.code for level in pack.levels]
    for post in pack.posts:
        yield from unknown(("posts", post.code, "level"), post.level, known, found.LEVELS)


def patrol(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """What is visited is a class of subjects, a level or a post."""
    known = [*_classes(pack), *_levels(pack), *(post.code for post in pack.posts)]
    for one in pack.patrol:
        yield from unknown(("patrol", one.code, "of"), one.of, known, found.PLACES)
        if one.kind == "interval" and not pack.zones:
            yield Found(
                ("patrol", one.code, "kind"), "needed_here", {"what": one.code, "key": "zones"}
            )


def deadlines(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    for level in pack.deadlines.by_level:
        path: Path = ("deadlines", "by_level", level)
        yield from unknown(path, level, _levels(pack), found.LEVELS)
    for kind in pack.deadlines.by_kind:
        yield from unknown(("deadlines", "by_kind", kind), kind, _kinds(pack), found.KINDS)


def categories(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """A category with its own limit is a minor, if the pack lists the minors."""
    known = [
        key
        for catalog in pack.catalogs
        for major in catalog.majors
        for minor in major.minors
        for key in (f"{major.code}-{minor.code}", f"{major.code}{minor.code}")
    ]
    for category in pack.deadlines.by_category if known else ():
        path: Path = ("deadlines", "by_category", category)
        yield from unknown(path, category, known, found.MINORS)


def templates(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    for template in pack.templates:
        path: Path = ("templates", template.code, "kind")
        yield from unknown(path, template.kind, _kinds(pack), found.KINDS)


def demands(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    for kind in pack.kinds:
        yield from _demands(pack, ("kinds", kind.code, "demands"), kind.demands)
    for template in pack.templates:
        if template.demands is not None:
            yield from _demands(pack, ("templates", template.code, "demands"), template.demands)


def _demands(pack: Pack, path: Path, asked: Demands) -> Iterator[Found]:
    forms, checklists = pack.waiting.get("forms", {}), pack.waiting.get("checklists", {})
    yield from unknown((*path, "form"), asked.form, forms, found.FORMS)
    yield from unknown((*path, "checklist"), asked.checklist, checklists, found.CHECKLISTS)


def plans(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    templates_, posts_ = [one.code for one in pack.templates], [one.code for one in pack.posts]
    for plan in pack.plans:
        path: Path = ("plans", plan.code)
        yield from unknown((*path, "template"), plan.template, templates_, found.TEMPLATES)
        yield from unknown((*path, "post"), plan.post, posts_, found.POSTS)
        classes = _classes(pack)
        yield from unknown((*path, "subject_class"), plan.subject_class, classes, found.CLASSES)


def local_choices(pack: Pack, data: Mapping[str, Any]) -> Iterator[Found]:
    """Each names something that is in the file; lists count from 1."""
    if not pack.local_choices:
        return
    known = dict.fromkeys(shown(path) for path in _paths(data, ()))
    strange = [chosen for chosen in pack.local_choices if chosen not in known]
    for number, chosen in enumerate(strange):
        meant = near(chosen, known if number < GUESSED else ())
        values = {"value": chosen, "near": meant}
        yield Found(("local_choices", chosen), "path_unknown", values)


def _paths(value: Any, path: Path) -> Iterator[Path]:
    yield path
    steps = enumerate(value) if isinstance(value, list) else ()
    for step, inner in value.items() if isinstance(value, Mapping) else steps:
        yield from _paths(inner, (*path, step))


def _levels(pack: Pack) -> list[str]:
    return [level.code for level in pack.levels]


def _kinds(pack: Pack) -> list[str]:
    return [*(kind.code for kind in pack.kinds), *words.BUILT_IN_KINDS]


def _classes(pack: Pack) -> list[str]:
    subjects = pack.waiting.get("subjects", {})
    return [*subjects, *(code for one in subjects.values() for code in one.get("classes", {}))]
