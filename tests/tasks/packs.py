"""A rule pack and working time that the tests of tasks share."""

from datetime import date, time
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from server.packs.definition import (
    Amount,
    CalendarRules,
    Deadline,
    Deadlines,
    Demands,
    EscalationStep,
    Extension,
    Pack,
    Span,
    TaskKind,
    Template,
    Unit,
)
from server.packs.worktime import WorkTime

HOURS = CalendarRules((Span(time(8, 30), time(12)), Span(time(14), time(17, 30))))
NATIONAL_DAY = {date(2026, 10, day) for day in range(1, 8)}


def is_workday(day: date) -> bool:
    """Monday to Friday but for the National Day of 2026 (国庆); 10 October is made up for."""
    return day == date(2026, 10, 10) or (day.isoweekday() < 6 and day not in NATIONAL_DAY)


WORKTIME = WorkTime(HOURS, is_workday, ZoneInfo("Asia/Shanghai"))


def days(number: int, **given: Any) -> Deadline:
    """A limit of so many working days."""
    return Deadline(Amount(number, Unit.WORK_DAY), **given)


PACK = Pack(
    id="test",
    version=2,
    name="测试规则",
    calendar=HOURS,
    deadlines=Deadlines(
        default=days(5),
        by_level={"street": days(4)},
        by_kind={"verify": Deadline(Amount(2, Unit.WORK_HOUR), Fraction(1, 2))},
        by_category={"cjj:event:0101": days(2, extension=Extension(1, Amount(1, Unit.WORK_DAY)))},
        red_asks_why=True,
    ),
    kinds=(TaskKind("check", "检查", Demands(photos=("near", "far"), form="fire")),),
    templates=(
        Template("bare", "check", "走访"),
        Template(
            "quick",
            "verify",
            "核查",
            demands=Demands(visit_minutes=10, visit_metres=50),
            deadline=Deadline(Amount(30, Unit.MINUTE), accept_within=Amount(10, Unit.MINUTE)),
        ),
    ),
    escalation=(EscalationStep("grid", Amount(1, Unit.WORK_DAY), "community"),),
)

TEXT = """pack: {id: test, version: 2, name: 测试规则}
calendar: {hours: [08:30-12:00, 14:00-17:30]}
tree:
  levels:
    - {code: street, name: 街道}
    - {code: community, name: 社区}
    - {code: grid, name: 网格}
posts:
  head: {name: 社区网格长, role: leader, level: community}
deadlines:
  red_asks_why: true
  default: {limit: [5, work_day], yellow_at: 0.7}
  by_level: {street: {limit: [4, work_day], yellow_at: 0.7}}
  by_kind:
    verify: {limit: [2, work_hour], yellow_at: 0.5}
    check: {limit: [2, work_day], yellow_at: 0.7, extension: {times: 1, by: [1, work_day]}}
kinds:
  check: {name: 检查, demands: {photos: [near, far]}}
  verify: {name: 核查}
templates:
  bare: {kind: check, title: 走访}
  quick:
    kind: verify
    title: 核查
    demands: {visit: {minutes: 10, metres: 50}}
    deadline: {limit: [30, minute], yellow_at: 0.7, accept_within: [10, minute]}
escalation:
  - {level: grid, after: [1, work_day], to: community}
local_choices: {deadlines: 测试, escalation: 测试, templates: 测试}
"""
"""A pack as it is installed: in the test of what holds in an area it is the real thing."""
