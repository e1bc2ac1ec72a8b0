"""Mistakes of a rule pack: where, what is wrong, what would be right; all of them at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.packs.sentences import CATALOGUE

Path = tuple[str | int, ...]
"""Where something stands in a pack: keys of mappings, numbers (from 0) in lists."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: `line` from 1, `path` such as `deadlines.default.yellow_at`, a stable `code`."""

    line: int
    path: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def wrong(self) -> str:
        """What is wrong, in Chinese."""
        return self.said("zh")[0]

    @property
    def right(self) -> str:
        """What would be right, in Chinese."""
        return self.said("zh")[1]

    def said(self, language: str) -> tuple[str, str]:
        """(what is wrong, what would be right) in `zh` or `en`."""
        entry = CATALOGUE[self.code]
        filled = {key: _plain(value, language) for key, value in self.values.items()}
        if language == "en":
            return entry.en_wrong.format(**filled), entry.en_right.format(**filled)
        return entry.zh_wrong.format(**filled), entry.zh_right.format(**filled)


class PackMistakes(Exception):
    """A text is no rule pack; `mistakes` has every one, by line."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda one: (one.line, one.path, one.code))
        super().__init__(f"{len(self.mistakes)} mistakes")


@dataclass(frozen=True, slots=True)
class Near:
    """The known word nearest to what was written, if any: "did you mean"."""

    word: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A part of a pack, named in both languages."""

    zh: str
    en: str


def shown(path: Path) -> str:
    """The path as people read it; lists count from 1: `escalation.1.after`."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)


def _plain(value: Any, language: str) -> Any:
    if isinstance(value, Near):
        return _meant(value, language)
    if isinstance(value, Named):
        return value.en if language == "en" else value.zh
    if isinstance(value, (list, tuple)):
        return ("、" if language == "zh" else ", ").join(map(str, value)) or "—"
    return value


def _meant(near: Near, language: str) -> str:
    if near.word is None:
        return ""
    return f"Did you mean {near.word}? " if language == "en" else f"是不是 {near.word}？"
