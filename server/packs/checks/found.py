"""What a check finds."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from server.packs.mistakes import Named, Path
from server.packs.schemas.base import near


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake at a path, with the values of its sentence."""

    path: Path
    code: str
    values: dict[str, Any] = field(default_factory=dict)


LEVELS = Named("层级 tree.levels", "tree.levels")
POSTS = Named("岗位 posts", "posts")
ZONES = Named("片区 zones", "zones")
KINDS = Named("任务类型 kinds", "kinds")
TEMPLATES = Named("任务模板 templates", "templates")
FORMS = Named("表单 forms", "forms")
CHECKLISTS = Named("检查表 checklists", "checklists")
CLASSES = Named("对象类别 subjects", "subjects")
MINORS = Named("目录小类 catalogs", "catalogs")
STATES = Named("案卷状态 case_flow.states", "case_flow.states")
MEASURES = Named("指标 measures", "measures")
PLACES = Named("对象类别、层级、岗位", "subjects, levels and posts")
CELLS = Named("网格 cells", "cells")
SHOWN_NAMES = 12


def unknown(path: Path, value: str | None, known: Collection[str], what: Named) -> Iterator[Found]:
    """A mistake if something is named that is not there."""
    if value is None or value in known:
        return
    shown = [*islice(known, SHOWN_NAMES), *(["…"] if len(known) > SHOWN_NAMES else [])]
    yield Found(
        path,
        "reference_unknown",
        {"value": value, "near": near(value, known), "known": shown, "what": what},
    )


def twice(paths: Iterable[tuple[Path, str]]) -> Iterator[Found]:
    """A mistake at each path whose code was there before."""
    seen: set[str] = set()
    for path, code in paths:
        if code in seen:
            yield Found(path, "code_twice", {"value": code})
        seen.add(code)
