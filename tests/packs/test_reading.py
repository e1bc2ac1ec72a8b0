"""What a pack says comes out as the frozen values of `definition`; damage is told, never thrown."""

from datetime import date, time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.packs import shipped
from server.packs.definition import (
    Amount,
    CalendarRules,
    Condition,
    Deadline,
    Demands,
    Emergency,
    EscalationStep,
    Extension,
    Minor,
    NoticeRule,
    Pack,
    Patrol,
    Plan,
    PostRule,
    Rhythm,
    Season,
    Shift,
    Span,
    Template,
    Unit,
    Zone,
)
from server.packs.reading import PackMistakes, read, salvage
from tests.packs.mistaken import BETWEEN, CASES, HEAD, TREE, Case

WHOLE = """\
pack: {id: street, version: 3, name: 街道, source: 办法, valid_from: 2026-01-01,
       timezone: Asia/Urumqi}
tree:
  levels: [{code: street, name: 街道, children: [3, 5]}, {code: grid, name: 网格}]
  size_target: {village: 400}
posts:
  head: {name: 主任, role: supervisor, level: street, backup: required}
  member: {name: 网格员, role: worker, level: grid, per_area: 1, most_areas: 2}
zones: {red: {name: 红区, every: [90, minute]}}
shift:
  from: 7:15
  to: 24:00
  partial_window: drop
  proof: [track]
  emergency: {snow: {name: 雪, from: 06:00, first_report: 07:30}}
patrol:
  hour: {name: 一小时, kind: min_minutes, on: work_day, minutes: [60, null], proof: [record]}
  twice: {name: 双巡, kind: times_per_day, times: 2, min_gap: [2, hour]}
calendar:
  hours: [08:30-12:00, 14:00-17:30]
  weekdays: [1, 2, 3, 4, 5, 6]
  seasons: [{from: 11-01, to: 02-28, hours: [09:00-16:00]}]
deadlines:
  red_asks_why: true
  default: {limit: [3, work_day]}
  by_level: {grid: {limit: [4, work_hour], yellow_at: 0.333}}
  by_kind: {check: {limit: [2, hour], accept_within: [30, minute],
                    extension: {times: 2, by: [1, natural_day]}}}
  by_category: {01-10: {limit: [4, hour]}}
kinds:
  check: {name: 核查, demands: {photos: [near, far], visit: {minutes: 5, metres: 50}}}
templates:
  look: {kind: check, title: 看一看, text: 仔细, priority: 2, demands: {},
         deadline: {limit: [1, hour]}}
plans:
  two_weeks:
    {name: 双周, template: look, post: member,
     rhythm: {every: [2, week], weekday: 5, at: 9:00, from: 2026-01-02}}
  first_monday:
    {name: 首个周一, template: look, post: member, rhythm: {every: [1, month], nth: 1, weekday: 1}}
escalation: [{level: grid, after: [1, work_day], to: street}]
notices: [{on: red, to: [assignee, leader]}]
catalogs:
  - standard: GB/T 47678.5-2026
    kind: event
    majors:
      - code: 06
        name: 市容环境
        minors:
          - {code: 010, name: 暴露垃圾, department: 环卫,
             conditions: [{code: 1, text: 少量, limit: [4, work_hour], closing: 清除}]}
          - {code: 999, name: 其他, is_local: true}
quality: [{measure: error_rate, below: 0.04}]
local_choices: {deadlines.default.limit: 依据没有写, catalogs.1.majors.1.minors.2: 本地增加}
"""


@pytest.fixture(scope="module")
def whole() -> Pack:
    return read(WHOLE.replace("01-10: ", "06010: "))


def test_the_head(whole: Pack) -> None:
    assert whole.ref == "street@3"
    assert (whole.name, whole.source, whole.valid_from) == ("街道", "办法", date(2026, 1, 1))
    assert whole.timezone == "Asia/Urumqi"
    assert [level.children for level in whole.levels] == [(3, 5), None]
    assert whole.size_target == {"village": 400}


def test_the_ground(whole: Pack) -> None:
    assert whole.posts == (
        PostRule("head", "主任", "supervisor", "street", backup="required"),
        PostRule("member", "网格员", "worker", "grid", 1, 2),
    )
    assert whole.zones == (Zone("red", "红区", Amount(90, Unit.MINUTE)),)
    snow = Emergency("snow", "雪", time(6), first_report=time(7, 30))
    assert whole.shift == Shift(time(7, 15), time(0), "drop", ("track",), (snow,))
    assert whole.patrol == (
        Patrol("hour", "一小时", "min_minutes", "work_day", minutes=(60, None), proof=("record",)),
        Patrol("twice", "双巡", "times_per_day", times=2, min_gap=Amount(2, Unit.HOUR)),
    )
    day = (Span(time(8, 30), time(12)), Span(time(14), time(17, 30)))
    winter = Season((11, 1), (2, 28), (Span(time(9), time(16)),))
    assert whole.calendar == CalendarRules(day, (winter,), frozenset({1, 2, 3, 4, 5, 6}))


def test_limits_are_exact(whole: Pack) -> None:
    limits = whole.deadlines
    assert limits.default == Deadline(Amount(3, Unit.WORK_DAY), Fraction(7, 10))
    assert limits.by_level["grid"].yellow_at == Fraction(333, 1000)
    assert limits.by_kind["check"] == Deadline(
        Amount(2, Unit.HOUR),
        accept_within=Amount(30, Unit.MINUTE),
        extension=Extension(2, Amount(1, Unit.NATURAL_DAY)),
    )
    assert limits.by_category["06010"].limit == Amount(4, Unit.HOUR)
    assert limits.red_asks_why is True


def test_the_work(whole: Pack) -> None:
    demands = Demands(("near", "far"), visit_minutes=5, visit_metres=50)
    assert whole.kinds[0].demands == demands
    hour = Deadline(Amount(1, Unit.HOUR))
    assert whole.templates == (Template("look", "check", "看一看", "仔细", 2, Demands(), hour),)
    fortnight = Rhythm("week", 2, weekday=5, at=time(9), from_day=date(2026, 1, 2))
    monday = Rhythm("month", weekday=1, nth=1)
    assert whole.plans == (
        Plan("two_weeks", "双周", "look", fortnight, "member"),
        Plan("first_monday", "首个周一", "look", monday, "member"),
    )
    assert whole.escalation == (EscalationStep("grid", Amount(1, Unit.WORK_DAY), "street"),)
    assert whole.notices == (NoticeRule("red", ("assignee", "leader")),)


def test_catalogue_codes_keep_their_zeros(whole: Pack) -> None:
    (catalog,) = whole.catalogs
    (major,) = catalog.majors
    few = Condition("1", "少量", Amount(4, Unit.WORK_HOUR), "清除")
    assert (major.code, major.name) == ("06", "市容环境")
    assert major.minors == (
        Minor("010", "暴露垃圾", "环卫", conditions=(few,)),
        Minor("999", "其他", is_local=True),
    )


def test_blocks_that_wait_stay_as_written(whole: Pack) -> None:
    assert whole.waiting == {"quality": [{"measure": "error_rate", "below": 0.04}]}
    assert whole.local_choices["deadlines.default.limit"] == "依据没有写"


def test_a_pack_may_be_small() -> None:
    pack = read(HEAD)
    assert (pack.ref, pack.levels, pack.deadlines.default) == ("x@1", (), None)
    assert pack.timezone == "Asia/Shanghai"
    assert read(HEAD + TREE).posts[1].backup == "optional"


def survives(text: str) -> None:
    """A pack or its mistakes come out, and nothing else."""
    try:
        read(text)
    except PackMistakes as told:
        assert isinstance(salvage(text), Pack)
        assert told.mistakes
        lines = text.count("\n") + 1
        for one in told.mistakes:
            assert 1 <= one.line <= lines + 1
            assert one.wrong
            assert one.said("en")[1]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(shipped.names()), st.data())
def test_a_damaged_line_never_throws(name: str, data: st.DataObject) -> None:
    lines = shipped.text(name).splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(("drop", "twice", "dedent", "cut", "other")))
    line = lines[index]
    cut = data.draw(st.integers(0, len(line)))
    other = data.draw(st.text(alphabet="abz:-[]{}!&*|>'\"%@#?, 0179.街\t", max_size=12))
    lines[index : index + 1] = {
        "drop": [],
        "twice": [line, line],
        "dedent": [line.removeprefix("  ")],
        "cut": [line[:cut]],
        "other": [line[:cut] + other],
    }[how]
    survives("\n".join(lines))


VALUES = st.recursive(
    st.sampled_from(["null", "true", "-1", "0", "2.5", "abc", "'街 道'", "07:15", "[1, hour]", "~"])
    | st.text(alphabet="ab01:-. 街", max_size=6).map(lambda text: f"'{text}'"),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda some: f"[{', '.join(some)}]")
        | st.dictionaries(
            st.sampled_from(["code", "name", "kind", "from", "to", "limit", "items", "a", "every"]),
            inner,
            max_size=3,
        ).map(lambda some: "{" + ", ".join(f"{key}: {one}" for key, one in some.items()) + "}")
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(shipped.names()), st.data())
def test_a_block_of_anything_never_throws(name: str, data: st.DataObject) -> None:
    blocks = shipped.text(name).split("\n\n")
    index = data.draw(st.integers(0, len(blocks) - 1))
    head = [line for line in blocks[index].splitlines() if line[:1].isalpha()]
    key = head[0].split(":")[0]
    blocks[index] = f"{key}: {data.draw(VALUES)}"
    survives("\n\n".join(blocks))


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.from_regex("[a-z_]{1,12}", fullmatch=True), VALUES, max_size=6))
def test_any_mapping_never_throws(given_: dict[str, str]) -> None:
    survives("\n".join(f"{key.rstrip(':')}: {value}" for key, value in given_.items()))


@pytest.mark.parametrize("name", shipped.names())
def test_of_a_sound_text_everything_is_salvaged(name: str) -> None:
    assert salvage(shipped.text(name)) == read(shipped.text(name))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.path}")
def test_of_a_mistaken_text_the_other_blocks_are_salvaged(case: Case) -> None:
    found = salvage(case.whole)
    with pytest.raises(PackMistakes) as refused:
        read(case.whole)
    blocks = {mistake.path.split(".")[0] for mistake in refused.value.mistakes}
    # A name that is not known may have meant a block, which is left out then.
    blocks |= {"posts"} if case.path == "post" else set()
    assert found.left_out <= blocks or "pack" in found.left_out
    if case in BETWEEN:
        assert found.left_out == frozenset()
