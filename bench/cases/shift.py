"""`shift`: a whole shift (班次) in one exchange."""

import uuid
from collections.abc import Iterator
from functools import partial

from bench import street
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.figures import latency_ms
from bench.items import Notebook
from bench.load import Lines, all_hand_in, refuse_unless_all
from bench.phones import Phone
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


def measure(stage: Stage) -> Iterator[Record]:
    """Of a shift: bytes on the wire with headers, gzipped; exchanges; CPU ms of the server."""
    for clients, round_ in stage.crowds():
        phones = stage.phones[:clients]
        each = max(1, stage.size.shifts // clients)
        loads = [partial(phone.hand_in, _worked(phone, each)) for phone in phones]
        took = taken(partial(all_hand_in, loads), stage.server.pids)
        shifts = each * clients
        refuse_unless_all("accepted", took, ITEMS * shifts)
        seconds = [one for phone in phones for one in phone.wire.seconds]
        figures = {
            "sent_bytes": sum(phone.wire.sent for phone in phones) / shifts,
            "received_bytes": sum(phone.wire.received for phone in phones) / shifts,
            "round_trips": len(seconds) / shifts,
            "cpu_ms": took.there * 1000 / shifts,
        } | latency_ms(seconds)
        yield stage.record("shift", clients, round_, figures)


def _worked(phone: Phone, shifts: int) -> list[Lines]:
    """So many shifts, one after the other, of a phone that then waits to hand them in."""
    given = [street.assign(phone.worker, ACTIONS) for _ in range(shifts)]
    phone.ready()
    return [whole(phone.notebook, tasks) for tasks in given]
