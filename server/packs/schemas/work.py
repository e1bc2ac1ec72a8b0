"""Shapes of the work: limits, kinds, templates, plans, escalation, notices, catalogues."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from server.packs import words
from server.packs.definition import (
    Catalog,
    Condition,
    Deadline,
    Deadlines,
    Demands,
    EscalationStep,
    Extension,
    Major,
    Minor,
    NoticeRule,
    Plan,
    Rhythm,
    TaskKind,
    Template,
)
from server.packs.mistakes import Named
from server.packs.schemas.base import Block, CodedShape, Fault, Listed, Mapped, Shape
from server.packs.schemas.ground import fits_kind, name
from server.packs.schemas.times import Clock, Day
from server.packs.schemas.values import (
    AmountOf,
    ByCategory,
    Choice,
    Code,
    Counted,
    Flag,
    Text,
    Whole,
    YellowAt,
)


class ExtensionShape(Shape):
    """延期 extension."""

    makes = Extension

    times = Whole("最多几次 how often at most", 1, 100, required=True)
    by = AmountOf("每次最多延多久 how long each time", required=True)


class DeadlineShape(Shape):
    """时限 a limit."""

    makes = Deadline

    limit = AmountOf("办理时限 limit, such as [3, work_day]", required=True)
    yellow_at = YellowAt("黄灯点，占时限的比例 yellow from this share of the limit; 0.7")
    accept_within = AmountOf("签收时限 to be accepted within")
    extension = Block(ExtensionShape)


class DeadlinesShape(Shape):
    """时限：类别、任务类型、层级、默认，先到先用 limits; the most particular holds."""

    makes = Deadlines

    default = Block(DeadlineShape, "默认 the default")
    by_level = Mapped(Block(DeadlineShape), "按层级 by level")
    by_kind = Mapped(Block(DeadlineShape), "按任务类型 by kind of task")
    by_category = ByCategory(Block(DeadlineShape), "按事部件类别 by category, such as 01-10")
    red_asks_why = Flag("红灯须说明原因 red asks for an explanation")


class VisitShape(Shape):
    """到场要求 a visit on the spot."""

    minutes = Whole("至少几分钟 least minutes", 1, 1440)
    metres = Whole("多少米以内 within so many metres", 1, 100_000)

    def made(self, data: dict[str, Any], original: Any) -> dict[str, Any]:
        return {f"visit_{key}": value for key, value in data.items()}


class DemandsShape(Shape):
    """办结要求 what must be there when a task is done."""

    photos = Listed(Choice(words.PHOTOS), "照片 photos by their role", most=20)
    form = Code("表单 form")
    checklist = Code("检查表 checklist")
    visit = Block(VisitShape)

    def made(self, data: dict[str, Any], original: Any) -> Demands:
        return Demands(**data.pop("visit", {}), **data)


class KindShape(CodedShape):
    """任务类型 a kind of task."""

    makes = TaskKind

    name = name()
    demands = Block(DemandsShape)


class TemplateShape(CodedShape):
    """任务模板 a task that is given again and again."""

    makes = Template

    kind = Code("任务类型 kind", required=True)
    title = name("标题 title")
    text = Text("内容 text", 2000)
    priority = Whole("优先级，3 最先 priority, 3 comes first", 0, 3)
    demands = Block(DemandsShape)
    deadline = Block(DeadlineShape)


RHYTHM_KEYS: dict[str, tuple[set[str], set[str]]] = {
    "work_day": (set(), set()),
    "day": (set(), set()),
    "week": (set(), {"weekday"}),
    "month": (set(), {"weekday", "day", "nth"}),
}


class RhythmShape(Shape):
    """周期 when it is due again."""

    every = Counted("每隔，例如 [1, week] every so many", words.RHYTHM_UNITS, required=True)
    weekday = Whole("1 周一 Monday … 7 周日 Sunday", 1, 7, "rhythm_never")
    day = Whole("几号，31 为月末 day of the month, 31 the last", 1, 31, "rhythm_never")
    nth = Whole(
        "第几个星期几，-1 最后 the nth weekday of the month, -1 the last", -1, 5, "rhythm_never"
    )
    at = Clock("时刻 time of day; 08:00")
    from_day = Day("从哪天数起 from which day is counted", data_key="from")

    @validates_schema(pass_original=True, skip_on_field_errors=True)
    def _fits(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        number, unit = data["every"]
        fits_kind(unit, RHYTHM_KEYS, original)
        if data.get("nth") == 0:
            raise ValidationError(
                {"nth": [Fault("rhythm_never", {"value": 0, "least": 1, "most": 5})]}
            )
        if not _says_day(unit, data):
            raise ValidationError([Fault("rhythm_incomplete")])
        if number > 1 and unit != "month" and "from_day" not in data:
            raise ValidationError({"every": [Fault("rhythm_no_start")]})

    def made(self, data: dict[str, Any], original: Any) -> Rhythm:
        count, unit = data.pop("every")
        return Rhythm(unit, count, **data)


def _says_day(unit: str, data: dict[str, Any]) -> bool:
    if unit == "week":
        return "weekday" in data
    if unit == "month":
        by_weekday = {"weekday", "nth"} & set(data)
        return not by_weekday if "day" in data else len(by_weekday) == 2
    return True


class PlanShape(CodedShape):
    """周期计划 a recurring plan."""

    makes = Plan

    name = name()
    template = Code("任务模板 template", required=True)
    rhythm = Block(RhythmShape, required=True)
    post = Code("给哪个岗位 for this post")
    subject_class = Code("每个此类对象一件 one for each subject of this class")

    @validates_schema(pass_original=True, skip_on_field_errors=True)
    def _for_somebody(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        if not {"post", "subject_class"} & set(data):
            what = Named("计划", "A plan")
            raise ValidationError({"post": [Fault("needed_here", {"what": what, "key": "post"})]})


class EscalationShape(Shape):
    """升级 a step up."""

    makes = EscalationStep

    level = Code("在哪一层级 at this level", required=True)
    after = AmountOf("多久没有签收 after so long without acceptance", required=True)
    to = Code("升到哪一层级 up to this level", required=True)


class NoticeShape(Shape):
    """通知 who is told when."""

    makes = NoticeRule

    on = Choice(words.MOMENTS, "何时 when", required=True)
    to = Listed(Choice(words.RECEIVERS), "谁 whom", 1, required=True)


class ConditionShape(Shape):
    """立案条件 a case of a minor."""

    makes = Condition

    code = Text("代码 code", 32, required=True)
    text = Text("条件 condition", 1000, required=True)
    limit = AmountOf("时限 limit")
    closing = Text("结案条件 closing condition", 1000)


class MinorShape(Shape):
    """小类 a minor."""

    makes = Minor

    code = Text("代码 code", 3, required=True)
    name = name()
    department = Text("责任部门 department", 100)
    is_local = Flag("地方扩展 local addition")
    conditions = Listed(Block(ConditionShape), "立案条件 conditions", most=100)


class MajorShape(Shape):
    """大类 a major."""

    makes = Major

    code = Text("代码 code", 2, required=True)
    name = name()
    minors = Listed(Block(MinorShape), "小类 minors")


class ExpectsShape(Shape):
    """应有数量 how many there are."""

    majors = Whole("大类 majors", 0, 1000, required=True)
    minors = Whole("小类 minors", 0, 100_000, required=True)

    def made(self, data: dict[str, Any], original: Any) -> tuple[int, int]:
        return data["majors"], data["minors"]


class CatalogShape(Shape):
    """部件或事件目录 a directory of components or events."""

    makes = Catalog

    standard = name("标准 standard, such as GB/T 30428.2-2013")
    kind = Choice(words.CATALOG_KINDS, "部件或事件 component or event", required=True)
    majors = Listed(Block(MajorShape), "大类 majors", most=99)
    expects = Block(ExpectsShape)
