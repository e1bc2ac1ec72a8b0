"""`idle`: an exchange that brings nothing and finds nothing new."""

from collections.abc import Iterator
from functools import partial

from bench.cases.record import Record
from bench.cases.stage import CLIENTS, Stage, at_once, ready
from bench.cases.wire import CountedPhone
from bench.report import latency_ms
from bench.taken import taken


def measure(stage: Stage, round_: int) -> Iterator[Record]:
    """CPU ms of the server's processes, bytes with headers both ways, latency in ms."""
    for clients in CLIENTS:
        phones = stage.phones[:clients]
        each = max(1, stage.size.exchanges // clients)
        ready(phones)
        took = taken(partial(at_once, phones, partial(_idle, times=each)), stage.server.pids)
        seconds = [one for phone in phones for one in phone.seconds]
        figures = {
            "cpu_ms": took.there * 1000 / len(seconds),
            "bytes": sum(phone.sent + phone.received for phone in phones) / len(seconds),
        } | latency_ms(seconds)
        yield stage.record("idle", clients, round_, figures)


def _idle(phone: CountedPhone, times: int) -> None:
    for _ in range(times):
        phone.exchange([])
