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
    Shape,
)
from server.packs.schemas.ground import name
from server.packs.schemas.scores import (
    ConversionShape,
    MeasureShape,
    QualityShape,
    SanctionShape,
    ScoreSheetShape,
    codes,
)
from server.packs.schemas.times import Day
from server.packs.schemas.values import AmountOf, Choice, Code, Flag, Number, Text, Whole

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
