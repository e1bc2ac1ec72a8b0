"""What a rule pack (规则包) says, as frozen values; `reading` makes them from YAML.

A number that the source of a regime does not give is named in `Pack.local_choices`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from fractions import Fraction
from typing import Any


class Unit(StrEnum):
    """Units of a limit (时限单位); those of work run in working time only."""

    MINUTE = "minute"
    HOUR = "hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NATURAL_DAY = "natural_day"


@dataclass(frozen=True, slots=True)
class Amount:
    """So many units of time; on the wire `[3, work_day]`."""

    number: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the tree (层级), from the top down; least and most children of an area."""

    code: str
    name: str
    children: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class PostRule:
    """A post (岗位): who holds it (`role` of the server), at which level, with which backup (AB岗).

    `per_area`: how many of them an area should have; `most_areas`: how many areas one person may
    hold; `backup`: `required`, `optional` or `none`; `backups`: codes of the posts that stand in,
    in this order, where no one person backs another.
    """

    code: str
    name: str
    role: str
    level: str
    per_area: int | None = None
    most_areas: int | None = None
    backup: str = "optional"
    backups: tuple[str, ...] = ()

    def fits(self, role: str, level: str, code: str | None) -> bool:
        """Whether a post that somebody holds is one of these; without a code by role and level."""
        return (role, level) == (self.role, self.level) and code in (None, self.code)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone (片区颜色) and how often its cells are walked."""

    code: str
    name: str
    every: Amount


@dataclass(frozen=True, slots=True)
class Emergency:
    """A mode ordered for storm or snow (应急模式): other hours, and the first report by then."""

    code: str
    name: str
    begin: time
    end: time | None = None
    first_report: time | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """The hours in which is patrolled; `partial_window`: `drop`, `keep` or `prorate`."""

    begin: time
    end: time
    partial_window: str = "prorate"
    proof: tuple[str, ...] = ()
    emergencies: tuple[Emergency, ...] = ()


@dataclass(frozen=True, slots=True)
class Patrol:
    """A rhythm of patrols (巡查频次): `kind` is `interval` (by zone), `times_per_day`,
    `min_minutes` (minutes a day) or `visit_every`."""

    code: str
    name: str
    kind: str
    on: str = "day"
    times: int | None = None
    min_gap: Amount | None = None
    minutes: tuple[int, int | None] | None = None
    every: str | None = None
    of: str | None = None
    proof: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one day, `begin` included, `end` not; `end` 00:00 is midnight after it."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class Season:
    """Other hours (夏令作息) from one (month, day) to another, both included, over New Year too."""

    begin: tuple[int, int]
    end: tuple[int, int]
    hours: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """Working hours (作息), in order; `weekdays` (1 Monday … 7) work in years without data."""

    hours: tuple[Span, ...]
    seasons: tuple[Season, ...] = ()
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True)
class Extension:
    """How often a limit may be extended (延期), each time by this much at most."""

    times: int
    by: Amount


@dataclass(frozen=True, slots=True)
class Deadline:
    """A limit (时限); yellow (黄灯) from the share `yellow_at` of it, red (红灯) from its end.

    `accept_within`: by when the worker must have accepted (签收).
    """

    limit: Amount
    yellow_at: Fraction = Fraction(7, 10)
    accept_within: Amount | None = None
    extension: Extension | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The most particular holds: by catalogue key, then task kind, then level, then the default.

    `red_asks_why`: red asks the owner for an explanation.
    """

    default: Deadline | None = None
    by_level: Mapping[str, Deadline] = field(default_factory=dict)
    by_kind: Mapping[str, Deadline] = field(default_factory=dict)
    by_category: Mapping[str, Deadline] = field(default_factory=dict)
    red_asks_why: bool = False


@dataclass(frozen=True, slots=True)
class Demands:
    """What must be there when a task is done (办结要求): photos by their role (`near`, `far`), a
    form, a checklist, a visit of so many minutes within so many metres."""

    photos: tuple[str, ...] = ()
    form: str | None = None
    checklist: str | None = None
    visit_minutes: int | None = None
    visit_metres: int | None = None


@dataclass(frozen=True, slots=True)
class TaskKind:
    """A kind of task (任务类型)."""

    code: str
    name: str
    demands: Demands = Demands()


@dataclass(frozen=True, slots=True)
class Template:
    """A task that is given again and again (任务模板); `deadline` before that of its kind."""

    code: str
    kind: str
    title: str
    text: str = ""
    priority: int = 0
    demands: Demands | None = None
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a plan is due again (周期): every `count` of `unit` (work_day, day, week, month).

    Weeks: on `weekday` (1 Monday … 7). Months: on `day` (31: the last of a shorter month), or on
    the `nth` (1 … 5, -1 the last) `weekday`; `from_day` is where counting begins. `at`: local time.
    """

    unit: str
    count: int = 1
    weekday: int | None = None
    day: int | None = None
    nth: int | None = None
    at: time = time(8)
    from_day: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A recurring plan (周期计划): a template for every post, area or subject that fits.

    `post`: code of a post rule; `subject_class`: one task for each subject of this class.
    """

    code: str
    name: str
    template: str
    rhythm: Rhythm
    post: str | None = None
    subject_class: str | None = None


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """After so long without acceptance at `level` the task goes up to `to` (升级)."""

    level: str
    after: Amount
    to: str


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """Who is told when (通知): `on` assign, yellow, red, escalated, returned; `to` assignee,
    backup, leader, supervisor."""

    on: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A case of a minor (立案条件) with its own limit and closing condition (结案条件)."""

    code: str
    text: str
    limit: Amount | None = None
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Minor:
    """A minor (小类) of the catalogue."""

    code: str
    name: str
    department: str = ""
    is_local: bool = False
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Major:
    """A major (大类) with its minors."""

    code: str
    name: str
    minors: tuple[Minor, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalog:
    """A directory of components (部件) or events (事件/事项); key = standard, kind, code.

    `expects`: how many (majors, minors) the regime counts, where it does not list them.
    """

    standard: str
    kind: str
    majors: tuple[Major, ...] = ()
    expects: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """One version of a rule pack; `waiting` holds the blocks that are checked but not yet run.

    `left_out` names the blocks that cannot be read any more, of an installed pack alone.
    """

    id: str
    version: int
    name: str
    calendar: CalendarRules
    source: str = ""
    valid_from: date | None = None
    timezone: str = "Asia/Shanghai"
    levels: tuple[Level, ...] = ()
    size_target: Mapping[str, int] = field(default_factory=dict)
    posts: tuple[PostRule, ...] = ()
    zones: tuple[Zone, ...] = ()
    shift: Shift | None = None
    patrol: tuple[Patrol, ...] = ()
    deadlines: Deadlines = Deadlines()
    kinds: tuple[TaskKind, ...] = ()
    templates: tuple[Template, ...] = ()
    plans: tuple[Plan, ...] = ()
    escalation: tuple[EscalationStep, ...] = ()
    notices: tuple[NoticeRule, ...] = ()
    catalogs: tuple[Catalog, ...] = ()
    waiting: Mapping[str, Any] = field(default_factory=dict)
    local_choices: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    @property
    def ref(self) -> str:
        """How records name it: `xiaoshan@1`."""
        return f"{self.id}@{self.version}"
