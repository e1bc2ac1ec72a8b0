"""`first_sync`: a device that has nothing yet pulls a long feed."""

import random
from collections.abc import Iterator
from functools import partial

from bench import street
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.load import WrongAnswer, at_once
from bench.phones import Phone
from bench.street import Worker
from bench.taken import taken


def measure(stage: Stage) -> Iterator[Record]:
    """Of a phone: CPU seconds of the server, bytes with headers both ways, pages; seconds of all.

    Each phone is new and starts at cursor 0. All are of one worker, whose feed is long;
    `changes` also counts what else it holds.
    """
    worker = stage.workers[-1]
    street.assign(worker, stage.size.feed)
    for clients, round_ in stage.crowds():
        phones = [_new_phone(stage, worker) for _ in range(clients)]
        acts = [partial(_pull, phone) for phone in phones]
        took = taken(partial(at_once, acts), stage.server.pids)
        if min(took.result) < stage.size.feed:
            raise WrongAnswer(f"{stage.size.feed} tasks expected, {took.result} changes came")
        figures = {
            "seconds": took.seconds,
            "cpu_s": took.there / clients,
            "bytes": sum(phone.wire.sent + phone.wire.received for phone in phones) / clients,
            "pages": sum(len(phone.wire.seconds) for phone in phones) / clients,
            "changes": sum(took.result) / clients,
        }
        yield stage.record("first_sync", clients, round_, figures)
        for phone in phones:
            phone.wire.close()


def _new_phone(stage: Stage, worker: Worker) -> Phone:
    return Phone(street.with_new_phone(worker), stage.server.port, random.Random(0))


def _pull(phone: Phone) -> int:
    """The number of changes that came, until a page says that there are no more."""
    changes = 0
    while True:
        answer = phone.exchange([])
        changes += len(answer["changes"])
        if not answer["more"]:
            return changes
