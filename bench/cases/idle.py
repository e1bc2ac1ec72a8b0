"""`idle`: an exchange that brings nothing and finds nothing new."""

from collections.abc import Iterator
from functools import partial

from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.figures import latency_ms
from bench.load import at_once
from bench.phones import Phone
from bench.taken import taken


def measure(stage: Stage) -> Iterator[Record]:
    """CPU ms of the server's processes, bytes with headers both ways, latency in ms."""
    for clients, round_ in stage.crowds():
        phones = stage.phones[:clients]
        each = max(1, stage.size.exchanges // clients)
        for phone in phones:
            phone.ready()
        acts = [partial(_idle, phone, each) for phone in phones]
        took = taken(partial(at_once, acts), stage.server.pids)
        seconds = [one for phone in phones for one in phone.wire.seconds]
        figures = {
            "cpu_ms": took.there * 1000 / len(seconds),
            "bytes": sum(phone.wire.sent + phone.wire.received for phone in phones) / len(seconds),
        } | latency_ms(seconds)
        yield stage.record("idle", clients, round_, figures)


def _idle(phone: Phone, times: int) -> None:
    for _ in range(times):
        phone.exchange([])
