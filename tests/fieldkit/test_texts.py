import re
import string
from pathlib import Path

import pytest

import fieldkit
from fieldkit import texts


def _places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", texts.TEXTS)
def test_both_languages_have_the_same_places(key: str) -> None:
    chinese, english = texts.TEXTS[key]
    assert _places(chinese) == _places(english)
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[\u4e00-\u9fff]", english)


def test_every_text_is_used_somewhere() -> None:
    folder = Path(fieldkit.__file__).parent
    source = "".join(
        path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.name != "texts.py"
    )
    assert [key for key in texts.TEXTS if f'"{key}"' not in source] == []


@pytest.mark.parametrize(
    ("chosen", "gewu", "lang", "expected"),
    [
        ("en", "zh", "zh_CN.UTF-8", "en"),
        (None, "en", "zh_CN.UTF-8", "en"),
        (None, "", "en_GB.UTF-8", "en"),
        (None, "", "C.UTF-8", "zh"),
        (None, "", "", "zh"),
    ],
)
def test_the_choice_then_gewu_lang_then_lang_then_chinese(
    monkeypatch, chosen, gewu, lang, expected
) -> None:
    monkeypatch.setenv("GEWU_LANG", gewu)
    monkeypatch.setenv("LANG", lang)
    texts.choose(chosen)
    assert texts.language() == expected
