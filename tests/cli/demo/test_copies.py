"""Copies are counted when they are settled; one that never comes holds nobody up."""

from collections import Counter
from typing import Any

import pytest

from server.cli.demo import copies


class Worker:
    """Answers for each photo what is next in its row; the last answer stays."""

    def __init__(self, **answers: list[str | None]) -> None:
        self._answers = answers

    def refusal(self, path: str, body: dict[str, Any]) -> str | None:
        answers = self._answers[path.split("/")[2]]
        if body["size"] == "stamped":
            return answers[-1]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.mark.parametrize(
    ("answers", "thumbs", "stamped"),
    [
        ({}, 0, 0),
        ({"a": [None], "b": [None]}, 2, 2),
        ({"a": ["copy_pending", "copy_pending", None]}, 1, 1),
        ({"a": [None, "copy_impossible"], "b": ["copy_impossible"]}, 1, 0),
        ({"a": [None], "b": ["copy_pending"]}, 1, 1),
    ],
)
def test_what_is_counted(
    monkeypatch: pytest.MonkeyPatch, answers: Any, thumbs: int, stamped: int
) -> None:
    monkeypatch.setattr(copies, "PAUSE_S", 0)
    patience_s = 0.2
    counted = copies.count(Worker(**answers), answers, patience_s)  # type: ignore[arg-type]
    assert counted == Counter(thumb=thumbs, stamped=stamped)
