"""Shapes of the blocks that wait: they are checked and kept as written, and not run yet."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from server.packs import words
from server.packs.schemas.base import (
    Block,
    Coded,
    CodedShape,
    Fact,
    Fault,
    Listed,
    Mapped,
    Shape,
    fault,
    short,
)
from server.packs.schemas.ground import name
from server.packs.schemas.values import (
    AmountOf,
    ByText,
    Choice,
    Code,
    Day,
    Flag,
    Number,
    Text,
    Whole,
)

FIELD_TYPES = (
    "text",
    "number",
    "date",
    "choice",
    "choices",
    "yes_no",
    "photo",
    "place",
    "phone",
    "id_number",
)
SENSITIVITIES = ("P0", "P1", "P2", "P3")
MEASURE_KINDS = ("count", "ratio", "mean", "distinct")
ROUNDINGS = ("floor", "ceil", "linear")
BOUNDS = ("max", "min", "below", "above")


def codes(says: str, **kwargs: Any) -> Listed:
    return Listed(Code(), says, most=500, **kwargs)


class RoleShape(CodedShape):
    """角色 a role."""

    name = name()
    role = Choice(words.ROLES, "系统角色 role in the server", required=True)
    rights = codes("权限 rights")


class CellShape(Shape):
    """网格 a cell."""

    code = Text("编码 code", 32, required=True)
    name = name()
    level = Code("层级 level", required=True)
    parent = Text("上级编码 code of its parent", 32)
    zone = Code("片区颜色 zone")
    kind = Code("种类 kind")


class ClassShape(CodedShape):
    """对象的一类 a class of subjects."""

    name = name()
    when = Text("条件 when a subject belongs to it", 1000)
    share = Number("目标占比 aimed share", 0, 1)


class SubjectShape(CodedShape):
    """对象：户、企业、场所 things that live longer than a visit."""

    name = name()
    fields_ = codes("字段 fields", data_key="fields")
    classes = Coded(ClassShape)


class FieldShape(Shape):
    """字段 a field of a form."""

    code = Code("代码 code", required=True)
    name = name()
    type = Choice(FIELD_TYPES, "类型 type", required=True)
    required = Flag("必填 required")
    options = Listed(Text("选项 option", 100), "选项 options", 1, 500)
    sensitivity = Choice(SENSITIVITIES, "敏感级别 P0 公开 public … P3 敏感 sensitive")

    @validates_schema(skip_on_field_errors=True)
    def _options(self, data: dict[str, Any], **_: Any) -> None:
        if data["type"] in ("choice", "choices") and "options" not in data:
            raise ValidationError({"options": [Fault("options_missing")]})


class FormShape(CodedShape):
    """表单 a form."""

    name = name()
    purpose = Text("目的 purpose", 500)
    legal_basis = Text("依据 legal basis", 500)
    photos = Listed(Choice(words.PHOTOS), "照片 photos by their role", most=20)
    fields_ = Listed(Block(FieldShape), "字段 fields", 1, 500, data_key="fields")


class CheckItemShape(Shape):
    """检查项 an item of a checklist."""

    code = Code("代码 code", required=True)
    name = name()
    hazard = Code("隐患等级 hazard level")
    photo = Flag("须拍照 photo needed")
    limit = AmountOf("整改时限 limit")


class ChecklistShape(CodedShape):
    """检查表 a checklist."""

    name = name()
    items = Listed(Block(CheckItemShape), "检查项 items", 1, 500, required=True)


class TransitionShape(Shape):
    """流转 a transition."""

    begin = Code("从 from", data_key="from", required=True)
    end = Code("到 to", data_key="to", required=True)
    by = Listed(Choice(words.ROLES), "谁可以 who may", 1)
    needs = codes("须有 what it needs")


class CaseFlowShape(Shape):
    """案卷流程 the life of a case."""

    states = codes("状态 states")
    transitions = Listed(Block(TransitionShape), "流转 transitions")
    close_needs = codes("结案须有 needed to close")
    evaluate_by = codes("谁评价 who evaluates")


class WorksheetShape(CodedShape):
    """工作单、日志 a worksheet."""

    name = name()
    cycle = Choice(words.CYCLES, "周期 cycle")
    by = Code("哪个岗位 post")
    at_sign_in = codes("签到时填 at sign-in")
    at_sign_out = codes("签退时填 at sign-out")
    fields_ = codes("字段 fields", data_key="fields")


class MeasureShape(CodedShape):
    """指标 a measure."""

    name = name()
    kind = Choice(MEASURE_KINDS, "算法 kind", required=True)
    of = Text("分子或所计 what is counted", 500, required=True)
    among = Text("分母 denominator", 500)
    cycle = Choice(words.CYCLES, "周期 cycle")


class ScoreItemShape(Shape):
    """计分项 an item of a score sheet."""

    code = Code("代码 code", required=True)
    name = name()
    kind = Choice(("score", "rating", "money"), "算法 kind")
    full = Number("满分或权重 full marks or weight", 0, 10_000)
    minus = Number("每次扣 deduction each time", 0, 10_000)
    per = Text("按什么扣 what it is deducted for", 100)
    step = Number("每差多少扣一次 step of the shortfall", 0, 1)
    target = Number("目标 target", 0, 1)
    step_rounding = Choice(ROUNDINGS, "不足一步 part of a step")
    floor = Number("最低，null 为不封底 least, null for none", -10_000, 10_000, allow_none=True)
    pay = Number("奖（负数为扣）元 yuan, negative takes", -1_000_000, 1_000_000)
    pay_per = Text("每次或每月 each or a month", 50)
    measure = Code("指标 measure")
    least = Number("至少 at least", 0)


class GradeBand(Fact):
    """`[优秀, 95]`: from this score on; the last band has null."""

    def taken(self, value: Any) -> tuple[str, float | None]:
        if not isinstance(value, list):
            raise fault("not_list")
        if len(value) != 2:
            raise fault("list_length", count=len(value), least=2, most=2)
        grade = Text(most=50).taken(value[0])
        return grade, None if value[1] is None else Number("", -10_000, 10_000).taken(value[1])

    def shape(self) -> dict[str, Any]:
        bound = {"anyOf": [{"type": "number"}, {"type": "null"}]}
        first = {"type": ["string", "integer"]}
        return {"type": "array", "prefixItems": [first, bound], "minItems": 2, "maxItems": 2}


class AwardShape(Shape):
    """奖励 an award."""

    money = Number("元 yuan", 0)
    per = Choice((*words.CYCLES, "person"), "每 per")
    text = Text("其他 other", 200)


class ScoreSheetShape(CodedShape):
    """考核表 a score sheet."""

    name = name()
    cycle = Choice(words.CYCLES, "周期 cycle")
    total = Number("总分 total", 0, 10_000)
    items = Listed(Block(ScoreItemShape), "计分项 items", 1, 500, required=True)
    bonus = Mapped(Number("加分 bonus", 0, 10_000, allow_none=True), "加分 bonus by its source")
    penalty = Mapped(
        Number("扣分 penalty", 0, 10_000, allow_none=True), "扣分 penalty by its source"
    )
    grades = Listed(GradeBand(), "等级，由高到低，含下限 grades from high to low", 1, 20)
    award = ByText(Block(AwardShape), "按等级奖励 award by grade")
    assessors = codes("谁评 who assesses")

    @validates_schema(skip_on_field_errors=True)
    def _adds_up(self, data: dict[str, Any], **_: Any) -> None:
        full = [one["full"] for one in data["items"] if "full" in one]
        if full and "total" in data and round(sum(full), 6) != round(data["total"], 6):
            wrong = Fault("weights_differ", {"sum": short(sum(full)), "total": data["total"]})
            raise ValidationError({"total": [wrong]})

    @validates_schema(skip_on_field_errors=True)
    def _grades_fall(self, data: dict[str, Any], **_: Any) -> None:
        faults = {}
        bands = data.get("grades", ())
        for index, ((_, above), (grade, bound)) in enumerate(
            zip(bands, bands[1:], strict=False), 1
        ):
            if above is None or (bound is not None and bound >= above):
                faults[index] = [Fault("grades_unordered", {"value": grade})]
        if bands and bands[-1][1] is not None:
            faults[len(bands) - 1] = [Fault("grades_open")]
        if faults:
            raise ValidationError({"grades": faults})


class Ratio(Fact):
    """`[3, 1]`: so many of the one count as so many of the other."""

    def taken(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise fault("not_list")
        if len(value) != 2:
            raise fault("list_length", count=len(value), least=2, most=2)
        return [Whole("", 1, 10_000).taken(one) for one in value]

    def shape(self) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 1, "maximum": 10_000}
        return {"type": "array", "items": number, "minItems": 2, "maxItems": 2}


class ConversionShape(Shape):
    """折算，如举手之劳 what counts as what."""

    begin = Code("几件这个 of these", data_key="from", required=True)
    end = Code("算几件那个 count as those", data_key="to", required=True)
    ratio = Ratio("例如 [3, 1] such as [3, 1]", required=True)
    rounding = Choice(ROUNDINGS, "取整 rounding")
    carry = Choice(("none", *words.CYCLES), "余数留到 the rest is carried within")


class QualityShape(Shape):
    """质量界限 a bound of a measure."""

    measure = Code("指标 measure", required=True)
    max = Number("不超过 at most")
    min = Number("不少于 at least")
    below = Number("低于 below")
    above = Number("高于 above")
    per = Choice(words.CYCLES, "周期 per")
    times = Whole("几次才算 how many times", 1, 1000)
    action = Text("后果 what follows", 200)

    @validates_schema(pass_original=True, skip_on_field_errors=True)
    def _bound(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        count = len(set(BOUNDS) & set(original))
        if count != 1:
            raise ValidationError([Fault("one_bound", {"count": count})])


class SanctionShape(CodedShape):
    """处分 a sanction."""

    name = name()
    when = Text("何时 when", 500)
    steps = Listed(
        Text("后果 what follows", 200), "第一次、第二次 first, second time", 1, 10, required=True
    )


class ReportShape(CodedShape):
    """台账、通报 a ledger or circular."""

    name = name()
    cycle = Choice(words.CYCLES, "周期 cycle")
    due = Text("何时 when", 200)
    columns = codes("列 columns")


class TrainingShape(CodedShape):
    """培训、考试 training and exams."""

    name = name()
    times = Whole("几次 how many", 0, 1000)
    per = Choice(words.CYCLES, "每 per")
    text = Text("说明 text", 500)


class RetentionShape(CodedShape):
    """保存期限 how long something is kept."""

    days = Whole("天数 days", 1, 36_500, required=True)
    then = Choice(("delete", "anonymise"), "到期 then", required=True)
    basis = Text("依据 legal basis", 500)
    from_day = Day("从哪天起 from which day", data_key="from")


WAITING: dict[str, Fact] = {
    "roles": Coded(RoleShape, "角色 roles"),
    "cells": Listed(Block(CellShape), "网格 cells", most=20_000),
    "subjects": Coded(SubjectShape, "对象 subjects"),
    "forms": Coded(FormShape, "表单 forms"),
    "checklists": Coded(ChecklistShape, "检查表 checklists"),
    "case_flow": Block(CaseFlowShape),
    "worksheets": Coded(WorksheetShape, "工作单 worksheets"),
    "measures": Coded(MeasureShape, "指标 measures"),
    "score_sheets": Coded(ScoreSheetShape, "考核表 score sheets"),
    "conversion": Listed(Block(ConversionShape), "折算 conversion", most=100),
    "quality": Listed(Block(QualityShape), "质量界限 quality", most=200),
    "sanctions": Coded(SanctionShape, "处分 sanctions"),
    "reports": Coded(ReportShape, "台账、通报 reports"),
    "training": Coded(TrainingShape, "培训 training"),
    "retention": Coded(RetentionShape, "保存期限 retention"),
}
"""The blocks that wait, by name."""
