"""`shift`: a whole shift (班次) in one exchange."""

import uuid
from collections.abc import Iterator

from bench import street
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.items import Notebook
from bench.load import Lines, refuse_unless_all
from bench.taken import taken

CHUNKS, POINTS, REPORTS, ACTIONS = 40, 3, 20, 10
ITEMS = 2 + CHUNKS + REPORTS + ACTIONS


def whole(book: Notebook, tasks: list[str]) -> Lines:
    """The shift of docs/protocol.md, section 11: `ITEMS` lines, one action for each task."""
    lines = book.begin()
    shift = str(uuid.uuid4())
    plan = [{"what": "上午巡查", "count": 2}]
    book.write("shift_start", {"shift": shift, "plan": plan, "note": None})
    for _ in range(CHUNKS):
        book.track(shift, POINTS)
    for _ in range(REPORTS):
        book.report()
    for task in tasks:
        book.action(task, "accept")
    book.write("shift_end", {"shift": shift, "results": [], "note": None})
    return lines


def measure(stage: Stage, round_: int) -> Iterator[Record]:
    """Bytes on the wire with headers, gzipped; exchanges; CPU ms of the server's processes."""
    phone = stage.phones[0]
    given = [street.assign(phone.worker, ACTIONS) for _ in range(stage.size.shifts)]
    shifts = [whole(phone.notebook, tasks) for tasks in given]
    phone.ready()
    took = taken(lambda: phone.hand_in(shifts), stage.server.pids)
    refuse_unless_all("accepted", took, ITEMS * len(shifts))
    figures = {
        "sent_bytes": phone.wire.sent / len(shifts),
        "received_bytes": phone.wire.received / len(shifts),
        "round_trips": len(phone.wire.seconds) / len(shifts),
        "cpu_ms": took.there * 1000 / len(shifts),
    }
    yield stage.record("shift", 1, round_, figures)
