"""The catalogue of what can go wrong, and that the house speaks of nothing else."""

import re
from pathlib import Path

import pytest

from server.kernel.problems import CATALOGUE, Problem, invalid, text

SERVER = Path(__file__).parents[2] / "server"
SOURCES = {path: path.read_text() for path in SERVER.rglob("*.py")}
RAISED = re.compile(
    r"""\bProblem\(\s*"(\w+)"|\binvalid\(\s*[^,()]+,\s*"(\w+)"|LineRefused\(\s*"(\w+)\""""
)


def test_a_problem_carries_what_the_caller_can_be_told() -> None:
    problem = Problem("busy", errors={"a": ["b"]}, retry_after=5, extra={"limits": {"x": 1}})
    assert (problem.code, str(problem)) == ("busy", "busy")
    assert (problem.entry.status, problem.entry.retryable) == (503, True)
    assert (problem.errors, problem.retry_after) == ({"a": ["b"]}, 5)
    assert problem.extra == {"limits": {"x": 1}}


def test_without_more_there_is_no_more() -> None:
    problem = Problem("not_found")
    assert (problem.errors, problem.retry_after, problem.extra) == ({}, None, {})


def test_a_code_that_is_not_in_the_catalogue_is_no_problem() -> None:
    with pytest.raises(KeyError):
        Problem("made_up")


@pytest.mark.parametrize(
    ("detail", "told"), [("", "username_taken"), ("li is taken", "li is taken")]
)
def test_a_problem_of_one_field(detail: str, told: str) -> None:
    problem = invalid("username", "username_taken", detail)
    assert (problem.code, problem.errors) == ("username_taken", {"username": [told]})


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "没有找到"), ("en", "Not found"), ("fr", "没有找到")]
)
def test_texts_are_chinese_unless_english_is_asked_for(language: str, said: str) -> None:
    assert text("not_found", language) == said


def test_every_code_that_the_house_names_is_in_the_catalogue() -> None:
    named = {
        code
        for source in SOURCES.values()
        for match in RAISED.findall(source)
        for code in match
        if code
    }
    assert len(named) > 30
    assert named - set(CATALOGUE) == set()


def test_every_code_of_the_catalogue_is_used() -> None:
    elsewhere = "\n".join(code for path, code in SOURCES.items() if path.name != "problems.py")
    assert {code for code in CATALOGUE if f'"{code}"' not in elsewhere} == set()


def test_a_device_that_is_told_to_wait_may_send_again() -> None:
    waiting = {code for code, entry in CATALOGUE.items() if entry.status in (423, 429, 503, 507)}
    assert {code for code in waiting if not CATALOGUE[code].retryable} == set()
