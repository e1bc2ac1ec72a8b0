"""The shapes of a rule pack, made once: what may be written, and the values that come of it.

`base` faults, mappings, lists · `values` times, amounts, choices · `ground` tree, posts, hours ·
`work` limits, tasks, plans, catalogues · `waiting` blocks that are checked but not yet run.
"""

from server.packs.schemas.base import Block, Coded, Listed, Shape
from server.packs.schemas.ground import (
    CalendarShape,
    HeadShape,
    PatrolShape,
    PostShape,
    ShiftShape,
    TreeShape,
    ZoneShape,
)
from server.packs.schemas.values import ByText, Text
from server.packs.schemas.waiting import WAITING
from server.packs.schemas.work import (
    CatalogShape,
    DeadlinesShape,
    EscalationShape,
    KindShape,
    NoticeShape,
    PlanShape,
    TemplateShape,
)


class _Whole(Shape):
    makes = dict


PackShape = _Whole.from_dict(
    {
        "pack": Block(HeadShape, required=True),
        "tree": Block(TreeShape),
        "posts": Coded(PostShape, "岗位 posts"),
        "zones": Coded(ZoneShape, "片区颜色 zones"),
        "shift": Block(ShiftShape),
        "patrol": Coded(PatrolShape, "巡查频次 rhythms of patrol"),
        "calendar": Block(CalendarShape, required=True),
        "deadlines": Block(DeadlinesShape),
        "kinds": Coded(KindShape, "任务类型 kinds of tasks"),
        "templates": Coded(TemplateShape, "任务模板 templates of tasks"),
        "plans": Coded(PlanShape, "周期计划 recurring plans"),
        "escalation": Listed(Block(EscalationShape), "升级 escalation", most=50),
        "notices": Listed(Block(NoticeShape), "通知 notices", most=50),
        "catalogs": Listed(Block(CatalogShape), "部件、事件目录 directories", most=20),
        **WAITING,
        "local_choices": ByText(
            Text("为什么 why", 500),
            "依据没有规定、由本地选定的数 numbers that the source does not give",
        ),
    },
    name="PackShape",
)
PACK = PackShape()

__all__ = ["PACK", "WAITING"]
