"""How values of a pack are said to people, in Chinese and English."""

from collections.abc import Mapping
from datetime import date, time
from fractions import Fraction
from typing import Any

from server.packs.definition import Amount, Demands, Extension, Rhythm, Season, Span, Unit
from server.packs.mistakes import Named

UNITS = {
    Unit.MINUTE: Named("分钟", "min"),
    Unit.HOUR: Named("小时", "h"),
    Unit.WORK_HOUR: Named("工作小时", "working h"),
    Unit.WORK_DAY: Named("工作日", "working days"),
    Unit.NATURAL_DAY: Named("自然日", "days"),
}
RHYTHMS = {
    "work_day": Named("工作日", "working day"),
    "day": Named("天", "day"),
    "week": Named("周", "week"),
    "month": Named("月", "month"),
}
WEEKDAYS = (
    Named("周一", "Monday"),
    Named("周二", "Tuesday"),
    Named("周三", "Wednesday"),
    Named("周四", "Thursday"),
    Named("周五", "Friday"),
    Named("周六", "Saturday"),
    Named("周日", "Sunday"),
)
NOTHING = Named("无", "none")
WORDS = {
    "worker": "网格员",
    "leader": "网格长",
    "operator": "坐席",
    "supervisor": "监督员",
    "department": "部门",
    "auditor": "审计",
    "admin": "管理员",
    "assignee": "责任人",
    "backup": "B 岗",
    "assign": "派发",
    "yellow": "黄灯",
    "red": "红灯",
    "escalated": "升级",
    "returned": "退回",
    "required": "必设",
    "optional": "可设",
    "none": "不设",
    "drop": "不计",
    "keep": "照计",
    "prorate": "按比例计",
    "interval": "按片区间隔",
    "times_per_day": "每天几次",
    "min_minutes": "至少几分钟",
    "visit_every": "定期走访",
    "day": "每天",
    "work_day": "工作日",
    "week": "每周",
    "month": "每月",
    "sign": "签到",
    "track": "轨迹",
    "photo": "照片",
    "record": "记录",
    "test_case": "测试案卷",
}
"""The words that a pack chooses from, in Chinese."""


def say(value: Any, language: str) -> str:
    """The value as a person reads it; `zh` or `en`."""
    if isinstance(value, Named):
        return value.en if language == "en" else value.zh
    if value is None or value == ():
        return say(NOTHING, language)
    if isinstance(value, bool):
        return say(Named("是", "yes") if value else Named("否", "no"), language)
    for kind, said in _SAID.items():
        if isinstance(value, kind):
            return str(said(value, language))
    return str(value)


def word(value: Any, language: str) -> Any:
    """A chosen word, or several, in the language; what is none stays as it is."""
    if language == "en":
        return value
    if isinstance(value, tuple):
        return tuple(WORDS.get(one, one) for one in value)
    return WORDS.get(value, value) if isinstance(value, str) else value


def _amount(value: Amount, language: str) -> str:
    return f"{value.number} {say(UNITS[value.unit], language)}"


def _share(value: Fraction, _: str) -> str:
    return f"{float(value * 100):g} %"


def _time(value: time, _: str) -> str:
    return value.strftime("%H:%M")


def _span(value: Span, language: str) -> str:
    end = "24:00" if value.end == time(0) else _time(value.end, language)
    return f"{_time(value.begin, language)}-{end}"


def _season(value: Season, language: str) -> str:
    begin, end = ("{:02}-{:02}".format(*day) for day in (value.begin, value.end))
    return f"{begin}…{end} {say(value.hours, language)}"


def _extension(value: Extension, language: str) -> str:
    by = _amount(value.by, language)
    return f"{value.times} × {by}"


def _demands(value: Demands, language: str) -> str:
    asked = {
        Named("照片", "photos"): say(value.photos, language) if value.photos else None,
        Named("表单", "form"): value.form,
        Named("检查表", "checklist"): value.checklist,
        Named("到场分钟", "minutes there"): value.visit_minutes,
        Named("到场米数", "within metres"): value.visit_metres,
    }
    parts = [f"{say(what, language)} {one}" for what, one in asked.items() if one is not None]
    return "; ".join(parts) or say(NOTHING, language)


def _rhythm(value: Rhythm, language: str) -> str:
    unit = say(RHYTHMS[value.unit], language)
    count = "" if value.count == 1 else f" {value.count} "
    every = f"every {count.strip()} {unit}" if language == "en" else f"每{count}{unit}"
    days = [_nth(value, language), _day(value, language), _time(value.at, language)]
    if value.from_day is not None:
        days.append(f"from {value.from_day}" if language == "en" else f"{value.from_day} 起")
    return " ".join(part for part in (" ".join(every.split()), *days) if part)


def _nth(value: Rhythm, language: str) -> str:
    if value.weekday is None:
        return ""
    weekday = say(WEEKDAYS[value.weekday - 1], language)
    if value.nth is None:
        return weekday
    if value.nth == -1:
        return f"last {weekday}" if language == "en" else f"最后一个{weekday}"
    return f"{weekday} no. {value.nth}" if language == "en" else f"第 {value.nth} 个{weekday}"


def _day(value: Rhythm, language: str) -> str:
    if value.day is None:
        return ""
    return f"on day {value.day}" if language == "en" else f"{value.day} 日"


def _weekdays(value: frozenset[int], language: str) -> str:
    return _list([WEEKDAYS[day - 1] for day in sorted(value)], language)


def _list(value: Any, language: str) -> str:
    return ("、" if language == "zh" else ", ").join(say(one, language) for one in value)


def _mapping(value: Mapping[str, Any], language: str) -> str:
    return _list([f"{key}: {say(one, language)}" for key, one in value.items()], language)


_SAID: dict[type, Any] = {
    Amount: _amount,
    Fraction: _share,
    time: _time,
    date: lambda value, _: value.isoformat(),
    Span: _span,
    Season: _season,
    Extension: _extension,
    Demands: _demands,
    Rhythm: _rhythm,
    tuple: _list,
    list: _list,
    frozenset: lambda value, language: _list(
        [WEEKDAYS[day - 1] for day in sorted(value)], language
    ),
    Mapping: _mapping,
}
