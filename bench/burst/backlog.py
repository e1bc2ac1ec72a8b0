"""What a phone wrote without a network: one shift (班次) of mixed items, photos on reports."""

import json
import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any

from bench.burst.photos import TYPE
from bench.items import AGO, CHAIN, Notebook, mono
from bench.street import Worker

ORDER = (
    "report",
    "track",
    "task_action",
    "report",
    "visit",
    "track",
    "task_action",
    "report",
    "form",
    "report",
)
"""What lies between the sign-in and the sign-out, over and over."""


def tasks_needed(items: int) -> int:
    """How many tasks a phone acts on that hands in so many items."""
    actions = list(islice(cycle(ORDER), max(0, items - 2))).count("task_action")
    return -(-actions // len(CHAIN))


def reports_of(items: int) -> int:
    """How many reports are among so many items."""
    return list(islice(cycle(ORDER), max(0, items - 2))).count("report")


class Backlog(Notebook):
    """The notebook of one phone that comes back."""

    def __init__(self, worker: Worker, rng: random.Random) -> None:
        super().__init__(worker, rng)
        self._media: Iterator[list[dict[str, Any]]] = iter(())
        self.items_of: dict[str, str] = {}

    def lines(
        self, items: int, tasks: Sequence[str], hashes: Sequence[str], size: int
    ) -> list[bytes]:
        """So many lines; the photos with these hashes, of `size` bytes each, lie on the reports.

        `tasks`: as many as `tasks_needed`. Afterwards `items_of` tells the item that names a hash.
        """
        self._lines = []
        self._at = datetime.now(UTC).astimezone() - AGO
        self._mono = mono() - int(AGO.total_seconds() * 1000)
        self._media = _dealt(hashes, reports_of(items), size)
        steps = iter([(task, step) for task in tasks for step in CHAIN])
        shift = str(uuid.uuid4())
        self._write("shift_start", {"shift": shift, "plan": [], "note": None})
        for kind in islice(cycle(ORDER), items - 2):
            self._one(kind, shift, steps)
        self._write("shift_end", {"shift": shift, "results": [], "note": None})
        return self._lines

    def _one(self, kind: str, shift: str, steps: Iterator[tuple[str, str]]) -> None:
        if kind == "report":
            self._report()
        elif kind == "track":
            self._write("track", {"shift": shift, "points": self._points(), "gaps": []})
        elif kind == "task_action":
            task, step = next(steps)
            self._write("task_action", self._action(task, step), task=task)
        else:
            self._write(kind, self._visit() if kind == "visit" else self._form())

    def _write(self, kind: str, body: dict[str, Any], **more: Any) -> None:
        media = next(self._media, []) if kind == "report" else []
        super()._write(kind, body, **(more | {"media": media} if media else more))
        if media:
            item = json.loads(self._lines[-1])["id"]
            self.items_of |= {entry["sha256"]: item for entry in media}


def _dealt(hashes: Sequence[str], reports: int, size: int) -> Iterator[list[dict[str, Any]]]:
    """The `media` of each report, as even as it goes."""
    entries = [{"sha256": one, "size": size, "type": TYPE, "role": "near"} for one in hashes]
    return iter([entries[number::reports] for number in range(reports)])
