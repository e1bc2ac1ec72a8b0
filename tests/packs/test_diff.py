"""What changes for whom."""

import pytest

from server.packs import shipped
from server.packs.diff import changes
from server.packs.reading import read

TEXT = shipped.text("xiaoshan")
Said = tuple[str, str, str, str]


def said(old: str, new: str, language: str = "zh") -> list[Said]:
    return [change.said(language) for change in changes(read(old), read(new))]


CHANGES: list[tuple[str, str, Said]] = [
    (
        "红区, every: [1, hour]",
        "红区, every: [2, hour]",
        ("巡查间隔 红区 间隔", "1 小时", "2 小时", "采集员"),
    ),
    ("  to: 20:15", "  to: 19:00", ("班次 结束", "20:15", "19:00", "采集员")),
    (
        "from: 06:00, first_report: 07:30",
        "from: 06:00, first_report: 07:00",
        ("班次 冰雪天气 首次上报", "07:30", "07:00", "采集员"),
    ),
    (
        "collector: {name: 采集员, role: worker, level: grid, per_area: 1",
        "collector: {name: 采集员, role: worker, level: grid, per_area: 2",
        ("岗位 collector 每格人数", "1", "2", "采集员"),
    ),
    (
        "name: 标段负责人, role: leader",
        "name: 标段负责人, role: supervisor",
        ("岗位 lot_manager 角色", "网格长", "监督员", "标段负责人"),
    ),
    (
        "backups: [lot_manager]",
        "backups: [lot_manager, operator]",
        ("岗位 collector B 岗由谁担任", "lot_manager", "lot_manager、operator", "采集员"),
    ),
    (
        "operator: {name: 受理员",
        "operator: {name: 受理席",
        ("岗位 operator 名称", "受理员", "受理席", "受理员、受理席"),
    ),
    (
        "{code: lot, name: 标段}",
        "{code: lot, name: 公司}",
        ("层级 lot 名称", "标段", "公司", "标段负责人"),
    ),
    (
        "hours: [08:30-12:00, 14:00-17:30]",
        "hours: [08:30-12:00]",
        ("作息 作息", "08:30-12:00、14:00-17:30", "08:30-12:00", "所有人"),
    ),
    (
        "    limit: [2, work_day]",
        "    limit: [3, work_day]",
        ("时限 default 办理时限", "2 工作日", "3 工作日", "任务责任人"),
    ),
    (
        "check: {limit: [2, hour], yellow_at: 0.7}",
        "check: {limit: [2, hour], yellow_at: 0.5}",
        ("时限 核查 黄灯点", "70 %", "50 %", "任务责任人"),
    ),
    (
        "name: 核查, demands: {photos: [near, far]}",
        "name: 核查, demands: {photos: [near]}",
        ("任务类型 核查 办结要求", "照片 near、far", "照片 near", "任务责任人"),
    ),
    (
        "title: 每周讲评, text",
        "title: 周评, text",
        ("任务模板 周评 标题", "每周讲评", "周评", "监督员"),
    ),
    (
        "weekday: 5, at: 09:00",
        "weekday: 4, at: 09:00",
        ("周期计划 周五讲评 周期", "每周 周五 09:00", "每周 周四 09:00", "监督员"),
    ),
    (
        "day: 9}",
        "day: 9, from: 2012-02-01}",
        (
            "周期计划 季度结算，首月 10 日前 周期",
            "每 3 月 9 日 08:00",
            "每 3 月 9 日 08:00 2012-02-01 起",
            "监督员",
        ),
    ),
    (
        "after: [30, minute], to: lot",
        "after: [60, minute], to: lot",
        ("升级 责任网格 多久未签收", "30 分钟", "60 分钟", "标段负责人、采集员"),
    ),
    (
        "- {on: yellow, to: [assignee, leader]}",
        "- {on: yellow, to: [assignee]}",
        ("通知 yellow 给", "责任人、网格长", "责任人", "责任人、网格长"),
    ),
    (
        "majors: 6, minors: 61",
        "majors: 6, minors: 62",
        ("目录 CJ/T 214-2007 event 应有大类、小类", "6、61", "6、62", "上报的人"),
    ),
    ("min: 104", "min: 110", ("已记下、尚未执行 quality.2.min", "104", "110", "尚未执行")),
]


@pytest.mark.parametrize(("old", "new", "told"), CHANGES, ids=[one[2][0] for one in CHANGES])
def test_one_change_is_told_once(old: str, new: str, told: Said) -> None:
    assert TEXT.count(old) == 1
    assert said(TEXT, TEXT.replace(old, new)) == [told]


def test_a_change_is_said_in_english_too() -> None:
    new = TEXT.replace("红区, every: [1, hour]", "红区, every: [2, hour]")
    assert said(TEXT, new, "en") == [("Patrol intervals 红区 every", "1 h", "2 h", "采集员")]


def test_posts_of_one_name_are_told_apart_by_their_codes() -> None:
    second = "  collector_2: {name: 采集员, role: worker, level: grid}\n"
    old = TEXT.replace("\nzones:", f"{second}\nzones:", 1)
    new = old.replace("collector_2: {name: 采集员", "collector_2: {most_areas: 3, name: 采集员")
    assert said(old, new) == [("岗位 collector_2 一人最多网格", "无", "3", "采集员")]


def test_what_comes_and_what_goes() -> None:
    new = TEXT.replace("  blue: {name: 蓝区, every: [4, hour]}\n", "")
    assert said(TEXT, new) == [
        ("巡查间隔 蓝区 名称", "蓝区", "无", "采集员"),
        ("巡查间隔 蓝区 间隔", "4 小时", "无", "采集员"),
    ]
    assert said(new, TEXT)[1] == ("巡查间隔 蓝区 间隔", "无", "4 小时", "采集员")


def test_the_order_of_steps_is_no_change() -> None:
    first = "  - {level: grid, after: [30, minute], to: lot}\n"
    second = "  - {level: lot, after: [2, work_hour], to: center}\n"
    assert said(TEXT, TEXT.replace(first + second, second + first)) == []


def test_minors_of_a_catalogue_are_compared_by_their_codes() -> None:
    def catalog(minor: str) -> str:
        listed = f"majors: [{{code: 01, name: 市容, minors: [{minor}]}}]"
        old = "kind: event, expects: {majors: 6, minors: 61}"
        return TEXT.replace(old, f"kind: event, {listed}")

    one = catalog("{code: 10, name: 垃圾}")
    other = catalog("{code: 10, name: 暴露垃圾}")
    key = "目录 CJ/T 214-2007 event 01-10 名称"
    assert said(one, other) == [(key, "垃圾", "暴露垃圾", "上报的人")]


@pytest.mark.parametrize("name", shipped.names())
def test_a_pack_is_as_itself(name: str) -> None:
    assert said(shipped.text(name), shipped.text(name)) == []
