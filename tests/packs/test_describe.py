"""A pack as people read it."""

import pytest

from server.packs import shipped
from server.packs.describe import Row, sections
from server.packs.reading import read


def rows(name: str, language: str) -> dict[str, list[Row]]:
    return {one.title: one.rows for one in sections(read(shipped.text(name)), language)}


def test_zones_and_shift_in_both_languages() -> None:
    zh, en = rows("xiaoshan", "zh"), rows("xiaoshan", "en")
    assert Row("红区", "间隔", "1 小时") in zh["巡查间隔"]
    assert Row("红区", "every", "1 h") in en["Patrol intervals"]
    assert Row("", "开始", "07:15") in zh["班次"]
    assert Row("", "证明", "测试案卷、轨迹") in zh["班次"]
    assert Row("", "proof", "test_case, track") in en["Shift"]


def test_what_was_chosen_locally_says_why() -> None:
    made = rows("xiaoshan", "zh")
    default = [row for row in made["时限"] if row.item == "default"]
    assert {row.reason for row in default} == {"处置时限由当地按小类规定，依据没有给出"}
    by_label = {(row.item, row.label): row.reason for row in made["时限"]}
    assert by_label["核实", "办理时限"] and by_label["核实", "黄灯点"]
    posts = {(row.item, row.label): row.reason for row in made["岗位"]}
    assert posts["collector", "每格人数"] and not posts["collector", "角色"]
    assert all(
        row.reason for row in made["周期计划"] if row.label == "周期" and "09:00" in row.value
    )


def test_rhythms_are_words() -> None:
    plans = {
        row.item: row.value for row in rows("chashan", "zh")["周期计划"] if row.label == "周期"
    }
    assert plans["每月第一个周一街道例会"] == "每月 第 1 个周一 09:00"
    english = rows("chashan", "en")["Plans"]
    assert "every month Monday no. 1 09:00" in {row.value for row in english}


@pytest.mark.parametrize("name", shipped.names())
def test_no_value_is_left_as_the_program_writes_it(name: str) -> None:
    for language in ("zh", "en"):
        for title, listed in rows(name, language).items():
            assert title
            for row in listed:
                assert row.value
                assert "(" not in row.value or title in ("规则包", "Pack"), row
                assert "Unit." not in row.value


def test_posts_go_by_their_codes() -> None:
    made = rows("chashan", "zh")["岗位"]
    reason = "依据没有写谁是 B 岗，由挂点人员代"
    assert Row("room_head", "名称", "网格室主任") in made
    assert Row("room_head", "B 岗由谁担任", "street_contact、community_contact", reason) in made
