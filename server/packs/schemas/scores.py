"""Shapes of measures, score sheets and what follows from them; checked, and not run yet."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from server.packs import words
from server.packs.schemas.base import (
    Block,
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
from server.packs.schemas.values import ByText, Choice, Code, Number, Text, Whole

MEASURE_KINDS = ("count", "ratio", "mean", "distinct")
ROUNDINGS = ("floor", "ceil", "linear")
BOUNDS = ("max", "min", "below", "above")


def codes(says: str, **kwargs: Any) -> Listed:
    return Listed(Code(), says, most=500, **kwargs)


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
