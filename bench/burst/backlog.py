"""What a phone wrote without a network: one shift (班次) of mixed items, photos on reports."""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any

from bench.film import TYPE
from bench.items import CHAIN, Notebook
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
        lines = self.begin()
        self._media = _dealt(hashes, reports_of(items), size)
        steps = iter([(task, step) for task in tasks for step in CHAIN])
        shift = str(uuid.uuid4())
        self.write("shift_start", {"shift": shift, "plan": [], "note": None})
        writers: dict[str, Callable[[], object]] = {
            "report": self.report,
            "track": partial(self.track, shift),
            "task_action": lambda: self.action(*next(steps)),
            "visit": self.visit,
            "form": self.form,
        }
        for kind in islice(cycle(ORDER), items - 2):
            writers[kind]()
        self.write("shift_end", {"shift": shift, "results": [], "note": None})
        return lines

    def write(self, kind: str, body: dict[str, Any], **more: Any) -> str:
        """Photos that wait lie on the next report."""
        media = next(self._media, []) if kind == "report" else []
        item = super().write(kind, body, **(more | {"media": media} if media else more))
        self.items_of |= {entry["sha256"]: item for entry in media}
        return item


def _dealt(hashes: Sequence[str], reports: int, size: int) -> Iterator[list[dict[str, Any]]]:
    """The `media` of each report, as even as it goes."""
    entries = [{"sha256": one, "size": size, "type": TYPE, "role": "near"} for one in hashes]
    return iter([entries[number::reports] for number in range(reports)])
