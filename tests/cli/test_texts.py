"""The catalogue: both languages, the same values, nothing unused."""

import re
from pathlib import Path
from string import Formatter

import pytest

import server.cli
from server.cli.texts import TEXTS

HERE = Path(server.cli.__file__).parent
COMPOSED = (
    "check.",
    "advice.",
    "column.",
    "config.",
    "source.",
    "demo.",
    "fault.",
    "weekday.",
    "absence.",
)


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)} - {None}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_take_the_same_values(key: str) -> None:
    zh, en = TEXTS[key]
    assert zh
    assert en
    assert fields(zh) == fields(en)


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    source = "\n".join(path.read_text() for path in HERE.rglob("*.py") if path.name != "texts.py")
    used = set(re.findall(r'\bt\(\s*"([^"]+)"', source))
    assert used <= set(TEXTS)
    assert {key for key in TEXTS if not key.startswith(COMPOSED)} <= used
