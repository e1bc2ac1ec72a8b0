"""`first_sync`: a device that has nothing yet pulls a long feed."""

import random
from collections.abc import Iterator

from bench import street
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.phones import Phone
from bench.taken import taken


def measure(stage: Stage, round_: int) -> Iterator[Record]:
    """Seconds, CPU seconds of the server's processes, bytes with headers both ways, pages.

    The phone starts at cursor 0; `changes` also counts what else its member's feed holds.
    """
    worker = stage.workers[-1 - round_]
    street.assign(worker, stage.size.feed)
    phone = Phone(worker, stage.server.port, random.Random(round_))
    took = taken(lambda: _pull(phone), stage.server.pids)
    phone.wire.close()
    if took.result < stage.size.feed:
        raise RuntimeError(f"{stage.size.feed} tasks expected, {took.result} changes came")
    figures = {
        "seconds": took.seconds,
        "cpu_s": took.there,
        "bytes": float(phone.wire.sent + phone.wire.received),
        "pages": float(len(phone.wire.seconds)),
        "changes": float(took.result),
    }
    yield stage.record("first_sync", 1, round_, figures)


def _pull(phone: Phone) -> int:
    """The number of changes that came, until a page says that there are no more."""
    changes = 0
    while True:
        answer = phone.exchange([])
        changes += len(answer["changes"])
        if not answer["more"]:
            return changes
