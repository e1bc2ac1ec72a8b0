"""Shapes of the ground: the pack itself, tree, posts, zones, shift, patrol, calendar."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from server.packs import words
from server.packs.definition import (
    CalendarRules,
    Emergency,
    Level,
    Patrol,
    PostRule,
    Season,
    Shift,
    Zone,
)
from server.packs.mistakes import Named
from server.packs.schemas.base import Block, Coded, CodedShape, Fact, Fault, Listed, Mapped, Shape
from server.packs.schemas.times import Clock, Day, EndClock, Hours, MonthDay, Period, TimeZone
from server.packs.schemas.values import AmountOf, Choice, Code, LeastMost, Text, Whole


def name(says: str = "名称 name") -> Fact:
    return Text(says, 100, required=True)


class HeadShape(Shape):
    """规则包本身 the pack itself."""

    makes = dict

    id = Code("代码 code of the pack", required=True)
    version = Whole(
        "版本，每次改动加一 version, one more with each change", 1, 10**6, required=True
    )
    name = name()
    source = Text("依据 where the rules come from", 1000)
    valid_from = Day("从哪天起适用 from which day it holds")
    timezone = TimeZone("时区 time zone; Asia/Shanghai")


class LevelShape(Shape):
    """层级 a level of the tree."""

    makes = Level

    code = Code("代码 code", required=True)
    name = name()
    children = LeastMost("下级数量 least and most children of an area")


class TreeShape(Shape):
    """网格树：自上而下的层级 the tree, its levels from the top down."""

    makes = dict

    levels = Listed(Block(LevelShape), "自上而下 from the top down", 1, 12, required=True)
    size_target = Mapped(
        Whole("户数 households", 1), "各类网格的户数 households of a cell by its kind"
    )


class PostShape(CodedShape):
    """岗位 a post."""

    makes = PostRule

    name = name()
    role = Choice(words.ROLES, "系统角色 role in the server", required=True)
    level = Code("哪一层级 level", required=True)
    per_area = Whole("每个网格几人 how many an area", 1, 1000)
    most_areas = Whole("一人最多管几个 most areas of one person", 1, 1000)
    backup = Choice(words.BACKUPS, "AB 岗 backup")
    backups = Listed(Code(), "B 岗由哪些岗位担任，按先后 posts that stand in, in order", most=12)


class ZoneShape(CodedShape):
    """片区颜色 a zone."""

    makes = Zone

    name = name()
    every = AmountOf("多久走一遍 how often", words.ZONE_UNITS, required=True)


class EmergencyShape(CodedShape):
    """应急模式 a mode for storm or snow."""

    makes = Emergency

    name = name()
    begin = Clock("开始 begin", data_key="from", required=True)
    end = EndClock("结束 end", data_key="to")
    first_report = Clock("首次上报不晚于 first report by")


class ShiftShape(Shape):
    """班次 the hours of patrol."""

    makes = Shift

    begin = Clock("开始 begin", data_key="from", required=True)
    end = EndClock("结束 end", data_key="to", required=True)
    partial_window = Choice(
        words.PARTIAL_WINDOWS, "不足一个间隔的余时 a rest shorter than the interval"
    )
    proof = Listed(Choice(words.PROOFS), "到岗证明 proof of duty")
    emergencies = Coded(EmergencyShape, data_key="emergency")


PATROL_KEYS: dict[str, tuple[set[str], set[str]]] = {
    "interval": (set(), set()),
    "times_per_day": ({"times"}, {"min_gap"}),
    "min_minutes": ({"minutes"}, set()),
    "visit_every": ({"every", "of"}, {"minutes", "times"}),
}
"""What each kind of patrol needs, and what it may have."""


class PatrolShape(CodedShape):
    """巡查频次 a rhythm of patrols."""

    makes = Patrol

    name = name()
    kind = Choice(PATROL_KEYS, "方式 kind", required=True)
    on = Choice(words.PATROL_DAYS, "哪些日子 on which days")
    times = Whole("几次 how many times", 1, 100)
    min_gap = AmountOf("两次至少相隔 least time between two", words.ZONE_UNITS)
    minutes = LeastMost("分钟，最多可为 null minutes, the most may be null", open_end=True)
    every = Period("每隔多久 how far apart")
    of = Code("走访什么：对象类别、层级或岗位 subject class, level or post")
    proof = Listed(Choice(words.PROOFS), "证明 proof")

    @validates_schema(pass_original=True, skip_on_field_errors=True)
    def _fits(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        fits_kind(data["kind"], PATROL_KEYS, original)


def fits_kind(kind: str, table: Mapping[str, tuple[set[str], set[str]]], original: Any) -> None:
    """Faults for keys that the kind needs or has no use for."""
    every = set().union(*(needs | may for needs, may in table.values()))
    needs, may = table[kind]
    what = Named(kind, kind)
    missing = {
        key: [Fault("needed_here", {"what": what, "key": key})] for key in needs - set(original)
    }
    unused = (every - needs - may) & set(original)
    faults = missing | {key: [Fault("unused_here", {"what": what})] for key in unused}
    if faults:
        raise ValidationError(faults)


class SeasonShape(Shape):
    """作息季节 a season with other hours."""

    makes = Season

    begin = MonthDay("从 from", data_key="from", required=True)
    end = MonthDay("到，含当天 to, included", data_key="to", required=True)
    hours = Listed(Hours("一段 a stretch"), "作息 hours", 1, 12, required=True)


class CalendarShape(Shape):
    """作息 working hours."""

    makes = CalendarRules

    hours = Listed(
        Hours("一段 a stretch"), "每天的作息，按先后 hours of a day, in order", 1, 12, required=True
    )
    seasons = Listed(Block(SeasonShape), "夏令等季节 seasons", most=12)
    weekdays = Listed(
        Whole("1 周一 Monday … 7 周日 Sunday", 1, 7),
        "没有节假日数据的年份，星期几上班 working days of a week in years without data",
        1,
        7,
    )

    def made(self, data: dict[str, Any], original: Any) -> CalendarRules:
        if "weekdays" in data:
            data["weekdays"] = frozenset(data["weekdays"])
        return CalendarRules(**data)
