"""Every mistake is told with its line, path and code, in both languages."""

import re
from string import Formatter

import pytest

from server.packs.mistakes import Mistake, PackMistakes
from server.packs.reading import decode, read
from server.packs.sentences import CATALOGUE
from tests.packs.mistaken import CASES, HEAD, Case

OF_FILES = {code for code in CATALOGUE if code.startswith("csv_")} | {"encoding", "major_renamed"}


def mistakes(text: str) -> list[Mistake]:
    """What is wrong with the text; fails if nothing is."""
    with pytest.raises(PackMistakes) as caught:
        read(text)
    return caught.value.mistakes


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.path[:40]}")
def test_a_mistake_is_told_where_it_is(case: Case) -> None:
    told = [(one.code, one.line, one.path) for one in mistakes(case.whole)]
    assert (case.code, case.line, case.path) in told


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.path[:40]}")
def test_a_mistake_is_said_in_both_languages(case: Case) -> None:
    for one in mistakes(case.whole):
        for language in ("zh", "en"):
            wrong, right = one.said(language)
            assert wrong
            assert right
            assert not re.search(r"[{}]|Near\(|Named\(", wrong + right) or "{" in case.text
        assert (one.wrong, one.right) == one.said("zh")


def test_every_code_has_its_case() -> None:
    assert {case.code for case in CASES} == set(CATALOGUE) - OF_FILES


@pytest.mark.parametrize("code", CATALOGUE)
def test_both_languages_take_the_same_values(code: str) -> None:
    def fields(*texts: str) -> set[str]:
        parsed = (one for text in texts for one in Formatter().parse(text))
        return {name for _, name, _, _ in parsed if name}

    entry = CATALOGUE[code]
    assert fields(entry.zh_wrong, entry.zh_right) == fields(entry.en_wrong, entry.en_right)


def test_all_mistakes_are_told_at_once_in_the_order_of_lines() -> None:
    text = HEAD + (
        "posts: {a: {name: 甲, role: workr, level: grid}}\n"
        "deadlines: {default: {limit: [0, hour], yellow_at: 2}}\n"
        "notices: [{on: red, to: [leader]}, {on: red, to: [leader]}]\n"
        "kinds: {a: {name: 甲}, a: {name: 乙}}\n"
    )
    assert [(one.line, one.code) for one in mistakes(text)] == [
        (3, "choice_unknown"),
        (4, "amount_not_positive"),
        (4, "yellow_after_red"),
        (5, "notice_twice"),
        (6, "key_twice"),
    ]


def test_a_block_with_a_mistake_does_not_spoil_those_that_name_it() -> None:
    text = HEAD + "post: {a: {name: 甲, role: worker, level: grid}}\nplans: {}\n"
    assert [one.code for one in mistakes(text)] == ["unknown_key"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("post: {}", "posts"), ("deadline: {}", "deadlines"), ("notice: []", "notices")],
)
def test_the_word_that_was_meant_is_named(written: str, meant: str) -> None:
    (one,) = mistakes(HEAD + written)
    assert f"是不是 {meant}？" in one.right
    assert f"Did you mean {meant}?" in one.said("en")[1]


def test_a_day_is_not_guessed_to_be_a_natural_or_a_working_day() -> None:
    (one,) = mistakes(HEAD + "deadlines: {default: {limit: [3, day]}}")
    assert "是不是" not in one.right
    assert "natural_day" in one.right


def test_what_is_not_utf_8_is_told_with_its_line() -> None:
    with pytest.raises(PackMistakes) as caught:
        decode("pack:\n  name: 街道\n".encode("gb18030"))
    (one,) = caught.value.mistakes
    assert (one.code, one.line) == ("encoding", 2)
    assert decode("\ufeffpack: 街道".encode()) == "pack: 街道"
