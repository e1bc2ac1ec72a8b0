"""`shift`: a whole shift (班次) in one exchange."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from bench import street
from bench.cases.record import Record
from bench.cases.stage import Stage, ready
from bench.items import AGO, Notebook, mono
from bench.street import Worker
from bench.taken import taken

CHUNKS, POINTS, REPORTS, ACTIONS = 40, 3, 20, 10
ITEMS = 2 + CHUNKS + REPORTS + ACTIONS


class ShiftBook(Notebook):
    """Writes the shift of docs/protocol.md, section 11."""

    def whole(self, tasks: list[str]) -> list[bytes]:
        """`ITEMS` lines: 2 check-ins, 40 track chunks, 20 reports, one action for each task."""
        self._lines = []
        self._at = datetime.now(UTC).astimezone() - AGO
        self._mono = mono() - int(AGO.total_seconds() * 1000)
        shift = str(uuid.uuid4())
        plan = [{"what": "上午巡查", "count": 2}]
        self._write("shift_start", {"shift": shift, "plan": plan, "note": None})
        for _ in range(CHUNKS):
            points = self._points()[:POINTS]
            self._write("track", {"shift": shift, "points": points, "gaps": []})
        for _ in range(REPORTS):
            self._report()
        for task in tasks:
            self._write("task_action", self._action(task, "accept"), task=task)
        self._write("shift_end", {"shift": shift, "results": [], "note": None})
        return self._lines


def lines(worker: Worker, book: ShiftBook) -> list[bytes]:
    """A shift on tasks given now; needs the app's context."""
    return book.whole(street.assign(worker, ACTIONS))


def measure(stage: Stage, round_: int) -> Iterator[Record]:
    """Bytes on the wire with headers, gzipped; exchanges; CPU ms of the server's processes."""
    phone = stage.phones[0]
    book = ShiftBook(phone.worker, random.Random(round_))
    phone.notebook = book
    shifts = [lines(phone.worker, book) for _ in range(stage.size.shifts)]
    ready([phone])
    took = taken(lambda: phone.hand_in(shifts), stage.server.pids)
    if took.result != {"accepted": ITEMS * len(shifts)}:
        raise RuntimeError(f"{ITEMS * len(shifts)} × accepted expected, {dict(took.result)} told")
    figures = {
        "sent_bytes": phone.sent / len(shifts),
        "received_bytes": phone.received / len(shifts),
        "round_trips": len(phone.seconds) / len(shifts),
        "cpu_ms": took.there * 1000 / len(shifts),
    }
    yield stage.record("shift", 1, round_, figures)
