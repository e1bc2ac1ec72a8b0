"""What every case stands on: a served deployment with its street, and how much to measure."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from bench.cases.record import Record
from bench.cases.wire import CountedPhone
from bench.deployment import Deployment, Server
from bench.street import Worker

CLIENTS = (1, 8, 32)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Size:
    """How much each case measures.

    `exchanges`, `shifts` and `photos` are shared by the clients of one measurement, each has at
    least one; `feed` are the tasks of a new device, `push` those assigned at once.
    """

    rounds: int
    exchanges: int
    shifts: int
    photos: int
    feed: int
    push: int


FULL, QUICK = Size(5, 640, 20, 128, 5_000, 10_000), Size(1, 4, 1, 2, 20, 50)


@dataclass(frozen=True)
class Stage:
    """One database under test, served."""

    deployment: Deployment
    server: Server
    workers: list[Worker]
    phones: list[CountedPhone]
    size: Size

    def record(self, case: str, clients: int, round_: int, figures: dict[str, float]) -> Record:
        return Record(case, self.deployment.database, clients, round_, figures)


Case = Callable[[Stage, int], Iterator[Record]]
"""Measures one round of a case."""


def ready(phones: Sequence[CountedPhone]) -> None:
    """Connections are open and nothing is left on the feeds."""
    for phone in phones:
        phone.reconnect()
        phone.catch_up()
        phone.forget()


def at_once(phones: Sequence[CountedPhone], act: Callable[[CountedPhone], Result]) -> list[Result]:
    """Every phone acts, in a thread of its own."""
    with ThreadPoolExecutor(len(phones)) as pool:
        return list(pool.map(act, phones))
