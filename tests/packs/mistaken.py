"""Packs with one mistake each: the text, and the line, path and code that must be told."""

from dataclasses import dataclass

HEAD = """\
pack: {id: x, version: 1, name: 示例}
calendar: {hours: [08:30-12:00, 14:00-17:30]}
"""
TREE = """\
tree: {levels: [{code: street, name: 街}, {code: community, name: 社区}, {code: grid, name: 格}]}
posts:
  head: {name: 主任, role: supervisor, level: street}
  member: {name: 网格员, role: worker, level: grid}
"""


@dataclass(frozen=True)
class Case:
    """One mistaken pack; `text` follows HEAD, so its first line is the third."""

    code: str
    line: int
    path: str
    text: str
    head: str = HEAD

    @property
    def whole(self) -> str:
        return self.head + self.text


def alone(text: str, code: str, line: int = 1, path: str = "") -> Case:
    return Case(code, line, path, text, head="")


def limit(text: str) -> str:
    return f"deadlines:\n  default: {{{text}}}\n"


def plan(rhythm: str, more: str = ", post: member") -> str:
    template = "templates: {t: {kind: general, title: 例会}}\n"
    return TREE + template + f"plans:\n  p: {{name: 例会, template: t, rhythm: {rhythm}{more}}}\n"


def steps(*lines: str) -> str:
    return TREE + "escalation:\n" + "".join(f"  - {line}\n" for line in lines)


def backed(**backups: str) -> str:
    """The posts of TREE, of which some name their backups; the first two in lines 5 and 6."""
    text = TREE
    for post, named in backups.items():
        text = text.replace(f"  {post}: {{", f"  {post}: {{backups: [{named}], ")
    return text


def minors(standard: str, *lines: str, rest: str = "") -> str:
    listed = "".join(f"          - {line}\n" for line in lines)
    major = f"      - code: '01'\n        name: 市容\n        minors:\n{listed}"
    return f"catalogs:\n  - standard: {standard}\n    kind: event\n{rest}    majors:\n{major}"


def sheet(text: str) -> str:
    return f"score_sheets:\n  s:\n    name: 考核\n{text}"


ITEMS = "    items: [{code: a, name: 甲, full: 60}, {code: b, name: 乙, full: 40}]\n"

YAML = [
    alone("", "empty"),
    alone("# 只有注释\n", "empty"),
    alone(f"pack: {'x' * (1 << 20)}", "too_large"),
    alone("pack: {id: x\n", "syntax", 2),
    alone("pack:\n  id: a\n bad: [\n", "syntax", 3),
    alone("a: 1\nb: c: d\n", "syntax", 2),
    alone("pack:\n\tid: a\n", "tab", 2),
    alone("pack: \x07\n", "characters"),
    alone('pack: "\\uD800"\n', "characters", 1, "pack"),
    alone('a: "\\U99999999"\n', "syntax"),
    alone("%YAML 1." + "1" * 5000 + "\n---\na: 1\n", "syntax"),
    alone("[" * 100, "too_deep", 1, ".".join("1" * 16)),
    alone("pack:\n  id: a\n  name：甲\n  version: 1\n", "wide_sign", 3),
    alone("pack: {id: a，name: 甲： ]\n", "wide_sign"),
    Case("wide_sign", 4, "kinds.a", "kinds:\n  a: {}\n".replace("{}", "name：甲")),
    Case("wide_sign", 3, "kinds", "kinds: 甲：乙\n"),
    Case("several_documents", 3, "---", "---\na: 1\n"),
    Case("tag", 3, "notices", "notices: !!python/object/apply:os.system [ls]\n"),
    Case("tag", 3, "notices", "notices: !mine []\n"),
    Case("anchor", 4, "kinds.a", "kinds:\n  a: &one {name: 甲}\n"),
    Case("anchor", 5, "kinds.b", "kinds:\n  a: {name: 甲}\n  b: *one\n"),
    Case("key_twice", 5, "kinds.a", "kinds:\n  a: {name: 甲}\n  a: {name: 乙}\n"),
    Case("key_not_text", 3, "kinds", "kinds: {[a]: {name: 甲}}\n"),
    Case("key_not_text", 3, "kinds", "kinds: {'': {name: 甲}}\n"),
]

SHAPES = [
    alone("[]\n", "not_mapping"),
    alone("just a text\n", "not_mapping"),
    alone("calendar: {hours: [08:30-12:00]}\n", "missing", 1, "pack"),
    alone("pack: {id: x, version: 1, name: a}\n", "missing", 1, "calendar"),
    Case("null_value", 3, "posts", "posts:\n"),
    Case("unknown_key", 3, "post", "post: {}\n"),
    Case(
        "unknown_key",
        6,
        "posts.member.rol",
        TREE.replace("role: worker", "role: worker, rol: x"),
    ),
    Case("not_mapping", 3, "posts", "posts: []\n"),
    Case("not_mapping", 3, "kinds.a", "kinds: {a: 甲}\n"),
    Case("not_list", 3, "notices", "notices: {on: red}\n"),
    Case("list_length", 3, "tree.levels", "tree: {levels: []}\n"),
    Case("not_text", 3, "kinds.a.name", "kinds: {a: {name: 1.5}}\n"),
    Case("not_text", 3, "kinds.a.name", "kinds: {a: {name: true}}\n"),
    Case("text_length", 3, "kinds.a.name", "kinds: {a: {name: ' '}}\n"),
    Case("code_format", 3, "kinds.A b", "kinds: {A b: {name: 甲}}\n"),
    Case("code_format", 3, "templates.t.kind", "templates: {t: {kind: 3, title: 甲}}\n"),
    Case(
        "category_format",
        3,
        "deadlines.by_category.01 10",
        "deadlines: {by_category: {01 10: {limit: [1, hour]}}}\n",
    ),
    Case(
        "not_whole",
        3,
        "templates.t.priority",
        "templates: {t: {kind: general, title: 甲, priority: high}}\n",
    ),
    Case(
        "not_whole",
        3,
        "templates.t.priority",
        "templates: {t: {kind: general, title: 甲, priority: true}}\n",
    ),
    Case(
        "out_of_range",
        3,
        "templates.t.priority",
        "templates: {t: {kind: general, title: 甲, priority: 4}}\n",
    ),
    Case("out_of_range", 4, "deadlines.default.limit", limit("limit: [100001, hour]")),
    Case("not_number", 4, "deadlines.default.yellow_at", limit("limit: [1, hour], yellow_at: 70%")),
    Case("not_flag", 3, "deadlines.red_asks_why", "deadlines: {red_asks_why: yes}\n"),
    Case("choice_unknown", 6, "posts.member.role", TREE.replace("role: worker", "role: workr")),
    Case("choice_unknown", 4, "notices.1.on", "notices:\n  - {on: yelow, to: [assignee]}\n"),
    Case(
        "choice_unknown", 4, "notices.1.to.2", "notices:\n  - {on: yellow, to: [assignee, boss]}\n"
    ),
    Case("not_time", 3, "shift.from", "shift: {from: 25:00, to: 20:15}\n"),
    Case("not_time", 3, "shift.from", "shift: {from: 435, to: 20:15}\n"),
    # What begins at 24:00 would begin a day too early.
    Case("midnight_begins", 3, "shift.from", "shift: {from: 24:00, to: 20:15}\n"),
    Case("midnight_begins", 9, "plans.p.rhythm.at", plan("{every: [1, day], at: 24:00}")),
    alone(HEAD.replace("08:30-12:00", "24:00-12:00"), "midnight_begins", 2, "calendar.hours.1"),
    alone(HEAD.replace("14:00-17:30", "14:00"), "not_span", 2, "calendar.hours.2"),
    alone(HEAD.replace("14:00-17:30", "14:00-27:30"), "not_span", 2, "calendar.hours.2"),
    # A calendar without any working time, in each way that it can be written.
    alone(HEAD.replace("08:30-12:00, 14:00-17:30", ""), "list_length", 2, "calendar.hours"),
    alone(HEAD.replace("30]}", "30], weekdays: []}"), "list_length", 2, "calendar.weekdays"),
    alone(
        HEAD.replace("30]}", "30], seasons: [{from: 01-01, to: 12-31, hours: []}]}"),
        "list_length",
        2,
        "calendar.seasons.1.hours",
    ),
    alone(HEAD.replace("name:", "valid_from: 2026-13-01, name:"), "not_date", 1, "pack.valid_from"),
    alone(HEAD.replace("name:", "valid_from: 2026, name:"), "not_date", 1, "pack.valid_from"),
    alone(
        HEAD.replace("}\n", ", timezone: Asia/Shanghi}\n", 1),
        "zone_time_unknown",
        1,
        "pack.timezone",
    ),
    alone(
        HEAD.replace("30]}", "30], seasons: [{from: 06-31, to: 09-30, hours: [08:00-12:00]}]}"),
        "not_month_day",
        2,
        "calendar.seasons.1.from",
    ),
    alone(
        HEAD.replace("30]}", "30], seasons: [{from: 02-29, to: 09-30, hours: [08:00-12:00]}]}"),
        "leap_day",
        2,
        "calendar.seasons.1.from",
    ),
    Case("not_amount", 4, "deadlines.default.limit", limit("limit: 3")),
    Case("not_amount", 4, "deadlines.default.limit", limit("limit: [work_day, 3]")),
    Case("unit_unknown", 4, "deadlines.default.limit", limit("limit: [3, workday]")),
    Case("amount_not_positive", 4, "deadlines.default.limit", limit("limit: [0, work_day]")),
    Case("amount_not_positive", 4, "deadlines.default.limit", limit("limit: [-1, work_day]")),
    Case(
        "amount_not_positive",
        4,
        "deadlines.default.extension.by",
        limit("limit: [1, work_day], extension: {times: 1, by: [0, work_day]}"),
    ),
    Case(
        "out_of_range",
        4,
        "deadlines.default.extension.times",
        limit("limit: [1, work_day], extension: {times: 0, by: [1, work_day]}"),
    ),
    Case(
        "yellow_after_red",
        4,
        "deadlines.default.yellow_at",
        limit("limit: [1, hour], yellow_at: 1.01"),
    ),
    Case(
        "yellow_after_red",
        4,
        "deadlines.default.yellow_at",
        limit("limit: [1, hour], yellow_at: 0"),
    ),
    Case(
        "not_period",
        7,
        "patrol.v.every",
        TREE + "patrol: {v: {name: 走访, kind: visit_every, of: grid, every: [3, month]}}\n",
    ),
    Case(
        "range_reversed",
        3,
        "tree.levels.1.children",
        "tree: {levels: [{code: a, name: 甲, children: [10, 6]}]}\n",
    ),
    Case(
        "needed_here",
        7,
        "patrol.v.times",
        TREE + "patrol: {v: {name: 巡查, kind: times_per_day}}\n",
    ),
    Case(
        "unused_here",
        7,
        "patrol.v.times",
        TREE + "patrol: {v: {name: 巡查, kind: min_minutes, minutes: [60, null], times: 2}}\n",
    ),
    Case("rhythm_never", 9, "plans.p.rhythm.day", plan("{every: [1, month], day: 0}")),
    Case("rhythm_never", 9, "plans.p.rhythm.nth", plan("{every: [1, month], nth: 6, weekday: 1}")),
    Case("rhythm_never", 9, "plans.p.rhythm.nth", plan("{every: [1, month], nth: 0, weekday: 1}")),
    Case("rhythm_never", 9, "plans.p.rhythm.weekday", plan("{every: [1, week], weekday: 8}")),
    Case("rhythm_incomplete", 9, "plans.p.rhythm", plan("{every: [1, week]}")),
    Case("rhythm_incomplete", 9, "plans.p.rhythm", plan("{every: [1, month], weekday: 1}")),
    Case(
        "rhythm_incomplete",
        9,
        "plans.p.rhythm",
        plan("{every: [1, month], day: 1, weekday: 1, nth: 1}"),
    ),
    Case("rhythm_no_start", 9, "plans.p.rhythm.every", plan("{every: [2, week], weekday: 1}")),
    Case("unused_here", 9, "plans.p.rhythm.day", plan("{every: [1, week], weekday: 1, day: 3}")),
    Case("needed_here", 9, "plans.p.post", plan("{every: [1, day]}", more="")),
    Case("code_format", 6, "posts.member.backups.1", backed(member="Head")),
]

BETWEEN = [
    alone(HEAD.replace("08:30-12:00", "12:00-08:30"), "hours_reversed", 2, "calendar.hours.1"),
    alone(HEAD.replace("14:00-17:30", "11:00-17:30"), "hours_overlap", 2, "calendar.hours.2"),
    alone(HEAD.replace("14:00-17:30", "07:00-08:30"), "hours_unordered", 2, "calendar.hours.2"),
    alone(
        HEAD.split("calendar")[0]
        + "calendar:\n  hours: [08:30-12:00]\n  seasons:\n"
        + "    - {from: 11-01, to: 02-28, hours: [09:00-12:00]}\n"
        + "    - {from: 02-28, to: 09-30, hours: [08:00-12:00]}\n",
        "seasons_overlap",
        6,
        "calendar.seasons.2",
    ),
    Case("shift_reversed", 3, "shift.to", "shift: {from: 20:15, to: 07:15}\n"),
    Case(
        "shift_reversed",
        3,
        "shift.emergency.snow.to",
        "shift: {from: 07:15, to: 20:15, emergency: {snow: {name: 雪, from: 06:00, to: 05:00}}}\n",
    ),
    Case(
        "report_too_early",
        3,
        "shift.emergency.snow.first_report",
        "shift: {from: 07:15, to: 20:15, emergency: "
        "{snow: {name: 雪, from: 06:00, first_report: 05:30}}}\n",
    ),
    Case(
        "zone_longer_than_shift",
        4,
        "zones.red.every",
        "shift: {from: 08:00, to: 10:00}\nzones: {red: {name: 红, every: [121, minute]}}\n",
    ),
    Case("reference_unknown", 5, "posts.head.level", TREE.replace("level: street", "level: stret")),
    Case(
        "reference_unknown",
        7,
        "patrol.v.of",
        TREE + "patrol: {v: {name: 走访, kind: visit_every, of: shop, every: P3M}}\n",
    ),
    Case("needed_here", 7, "patrol.v.kind", TREE + "patrol: {v: {name: 巡查, kind: interval}}\n"),
    Case(
        "reference_unknown",
        7,
        "deadlines.by_level.town",
        TREE + "deadlines: {by_level: {town: {limit: [1, hour]}}}\n",
    ),
    Case(
        "reference_unknown",
        3,
        "deadlines.by_kind.check",
        "deadlines: {by_kind: {check: {limit: [1, hour]}}}\n",
    ),
    Case(
        "reference_unknown",
        3,
        "deadlines.by_category.01-11",
        "deadlines: {by_category: {01-11: {limit: [1, hour]}}}\n"
        + minors("甲", "{code: '10', name: 垃圾}"),
    ),
    Case("reference_unknown", 3, "templates.t.kind", "templates: {t: {kind: chek, title: 甲}}\n"),
    Case(
        "reference_unknown",
        3,
        "kinds.a.demands.form",
        "kinds: {a: {name: 甲, demands: {form: f}}}\n",
    ),
    Case(
        "reference_unknown",
        3,
        "templates.t.demands.checklist",
        "templates: {t: {kind: general, title: 甲, demands: {checklist: c}}}\n",
    ),
    Case(
        "reference_unknown",
        9,
        "plans.p.template",
        plan("{every: [1, day]}").replace("template: t", "template: u"),
    ),
    Case("reference_unknown", 9, "plans.p.post", plan("{every: [1, day]}", ", post: membr")),
    Case(
        "reference_unknown",
        9,
        "plans.p.subject_class",
        plan("{every: [1, day]}", ", subject_class: shop"),
    ),
    Case(
        "code_twice",
        3,
        "tree.levels.2.code",
        "tree: {levels: [{code: a, name: 甲}, {code: a, name: 乙}]}\n",
    ),
    Case("reference_unknown", 6, "posts.member.backups.1", backed(member="haed")),
    Case("code_twice", 6, "posts.member.backups.2", backed(member="head, head")),
    Case("backup_cycle", 6, "posts.member.backups.1", backed(member="member")),
    Case("backup_cycle", 5, "posts.head.backups.1", backed(member="head", head="member")),
    Case("backup_cycle", 6, "posts.member.backups.1", backed(member="head", head="member")),
    Case(
        "backup_cycle",
        7,
        "posts.third.backups.2",
        backed(member="head", head="third")
        + "  third: {name: 三, role: operator, level: grid, backups: [fourth, member]}\n"
        + "  fourth: {name: 四, role: operator, level: grid}\n",
    ),
    Case(
        "unused_here",
        6,
        "posts.member.backups",
        backed(member="head").replace("level: grid}", "level: grid, backup: none}"),
    ),
    Case(
        "accept_after_limit",
        4,
        "deadlines.default.accept_within",
        limit("limit: [2, hour], accept_within: [120, minute]"),
    ),
    Case(
        "accept_after_limit",
        3,
        "templates.t.deadline.accept_within",
        "templates: {t: {kind: general, title: 甲, deadline: "
        "{limit: [2, work_day], accept_within: [2, work_day]}}}\n",
    ),
    Case(
        "escalation_cycle",
        8,
        "escalation.1.to",
        steps(
            "{level: grid, after: [1, hour], to: street}",
            "{level: street, after: [1, hour], to: grid}",
        ),
    ),
    Case(
        "escalation_cycle", 8, "escalation.1.to", steps("{level: grid, after: [1, hour], to: grid}")
    ),
    Case(
        "escalation_down",
        8,
        "escalation.1.to",
        steps("{level: street, after: [1, hour], to: grid}"),
    ),
    Case(
        "escalation_dead_end",
        8,
        "escalation.1.to",
        steps("{level: grid, after: [1, hour], to: community}"),
    ),
    # Whoever is there only looks on.
    Case(
        "escalation_dead_end",
        8,
        "escalation.1.to",
        steps("{level: grid, after: [1, hour], to: street}").replace("supervisor", "department"),
    ),
    Case(
        "escalation_twice",
        9,
        "escalation.2.level",
        steps(
            "{level: grid, after: [1, hour], to: street}",
            "{level: grid, after: [2, hour], to: street}",
        ),
    ),
    Case(
        "reference_unknown",
        8,
        "escalation.1.to",
        steps("{level: grid, after: [1, hour], to: town}"),
    ),
    Case(
        "reference_unknown",
        8,
        "escalation.1.level",
        steps("{level: gird, after: [1, hour], to: street}"),
    ),
    Case(
        "notice_twice",
        5,
        "notices.2.on",
        "notices:\n  - {on: red, to: [leader]}\n  - {on: red, to: [assignee]}\n",
    ),
    Case(
        "catalog_twice",
        5,
        "catalogs.2",
        "catalogs:\n  - {standard: 甲, kind: event}\n  - {standard: 甲, kind: event}\n",
    ),
    Case(
        "minor_format",
        10,
        "catalogs.1.majors.1.minors.1.code",
        minors("GB/T 30428.2-2013", "{code: '010', name: 垃圾}"),
    ),
    Case(
        "minor_format",
        10,
        "catalogs.1.majors.1.minors.1.code",
        minors("GB/T 47678.5-2026", "{code: '10', name: 垃圾}"),
    ),
    Case(
        "minor_not_local",
        10,
        "catalogs.1.majors.1.minors.1.code",
        minors("GB/T 47678.5-2026", "{code: '080', name: 垃圾}"),
    ),
    Case(
        "code_twice",
        11,
        "catalogs.1.majors.1.minors.2.code",
        minors("甲", "{code: '10', name: 垃圾}", "{code: 10, name: 渣土}"),
    ),
    Case(
        "major_format",
        7,
        "catalogs.1.majors.1.code",
        minors("甲", "{code: '10', name: 垃圾}").replace("'01'", "1"),
    ),
    Case(
        "expects_differ",
        6,
        "catalogs.1.expects",
        minors("甲", "{code: '10', name: 垃圾}", rest="    expects: {majors: 1, minors: 2}\n"),
    ),
    Case(
        "path_unknown",
        3,
        "local_choices.calendar.hors",
        "local_choices: {calendar.hors: 依据没有写}\n",
    ),
    Case(
        "path_unknown",
        3,
        "local_choices.calendar.hours.3",
        "local_choices: {calendar.hours.3: 依据没有写}\n",
    ),
]

WAITING = [
    Case(
        "options_missing",
        3,
        "forms.f.fields.1.options",
        "forms: {f: {name: 表, fields: [{code: a, name: 甲, type: choice}]}}\n",
    ),
    Case(
        "code_twice",
        3,
        "forms.f.fields.2.code",
        "forms: {f: {name: 表, fields: "
        "[{code: a, name: 甲, type: text}, {code: a, name: 乙, type: text}]}}\n",
    ),
    Case("weights_differ", 6, "score_sheets.s.total", sheet("    total: 99\n" + ITEMS)),
    Case(
        "grades_unordered",
        7,
        "score_sheets.s.grades.2",
        sheet(ITEMS + "    grades: [[优, 85], [良, 85], [差, null]]\n"),
    ),
    Case(
        "grades_unordered",
        6,
        "score_sheets.s.grades.2",
        sheet("    grades: [[差, null], [优, 85], [无, null]]\n" + ITEMS),
    ),
    Case(
        "grades_open",
        6,
        "score_sheets.s.grades.2",
        sheet("    grades: [[优, 85], [良, 60]]\n" + ITEMS),
    ),
    Case("list_length", 6, "score_sheets.s.grades.1", sheet("    grades: [[优]]\n" + ITEMS)),
    Case("one_bound", 4, "quality.1", "quality:\n  - {measure: error_rate, max: 1, below: 2}\n"),
    Case("one_bound", 4, "quality.1", "quality:\n  - {measure: error_rate}\n"),
    Case(
        "reference_unknown", 4, "quality.1.measure", "quality:\n  - {measure: eror_rate, max: 1}\n"
    ),
    Case(
        "reference_unknown",
        6,
        "score_sheets.s.items.1.measure",
        sheet("    items: [{code: a, name: 甲, measure: unheard}]\n"),
    ),
    Case(
        "out_of_range", 3, "conversion.1.ratio", "conversion: [{from: a, to: b, ratio: [0, 1]}]\n"
    ),
    Case(
        "reference_unknown",
        4,
        "case_flow.transitions.1.to",
        "case_flow: {states: [a, b],\n  transitions: [{from: a, to: c}]}\n",
    ),
    Case("code_twice", 3, "case_flow.states.2", "case_flow: {states: [a, a]}\n"),
    Case(
        "reference_unknown",
        7,
        "cells.1.zone",
        TREE + "cells: [{code: '1', name: 一, level: grid, zone: red}]\n",
    ),
    Case(
        "reference_unknown",
        7,
        "cells.1.parent",
        TREE + "cells: [{code: '1', name: 一, level: grid, parent: '2'}]\n",
    ),
    Case(
        "code_twice",
        7,
        "cells.2.code",
        TREE + "cells: [{code: '1', name: 一, level: grid}, {code: 1, name: 二, level: grid}]\n",
    ),
    Case("reference_unknown", 3, "worksheets.w.by", "worksheets: {w: {name: 日志, by: nobody}}\n"),
    Case("choice_unknown", 3, "roles.r.role", "roles: {r: {name: 甲, role: boss}}\n"),
    Case("missing", 3, "retention.f.days", "retention: {f: {then: delete}}\n"),
]

CASES = [*YAML, *SHAPES, *BETWEEN, *WAITING]
