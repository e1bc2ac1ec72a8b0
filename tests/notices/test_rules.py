"""What notices say."""

import string
from zoneinfo import ZoneInfo

import pytest

from server.notices import rules

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("kind", rules.TEXTS)
def test_both_languages_say_the_same_things(kind: str) -> None:
    zh, en = (
        {name for _, name, _, _ in string.Formatter().parse(t) if name} for t in rules.TEXTS[kind]
    )
    assert zh == en
    assert len(kind) <= 32


def test_what_is_missing_is_left_blank_and_braces_in_a_title_are_text() -> None:
    assert rules.said("task_red", {}, "zh", SHANGHAI) == "红灯：，期限  已过"
    assert rules.said("task_assign", {"title": "{due} {0}"}, "zh", SHANGHAI) == "新任务：{due} {0}"


def test_without_a_limit_no_time_is_told() -> None:
    said = rules.said("task_yellow", {"title": "井盖", "due": None}, "en", SHANGHAI)
    assert said == "Yellow light: 井盖, due "
