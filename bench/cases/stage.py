"""What every case stands on: a served deployment with its street, and how much to measure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.cases.record import Record
from bench.deployment import Deployment, Server
from bench.phones import Phone
from bench.rounds import Rounds
from bench.street import Worker


@dataclass(frozen=True)
class Size:
    """How much each case measures, by so many `clients` at once, one number after the other.

    `exchanges`, `shifts`, `photos`, `batches` and `pages` are shared by the clients of one
    measurement, each has at least one; `feed` are the tasks of a new device, `push` those assigned
    at once. `grown` are the items that growth fills the store to, `listed` the items and the tasks
    that lists are made of; `clocked` are the tasks with a limit that lights and figures are told
    of. Cases that fill the store have one of their own if `apart`;
    else they come first, and what others measure is not what it would be.
    """

    clients: tuple[int, ...]
    rounds: Rounds
    exchanges: int
    shifts: int
    photos: int
    feed: int
    push: int
    batches: int
    grown: int
    listed: int
    clocked: int
    pages: int
    apart: bool


FULL = Size(
    clients=(1, 8, 32),
    rounds=Rounds(5, 12.0),
    exchanges=640,
    shifts=20,
    photos=128,
    feed=5_000,
    push=10_000,
    batches=32,
    grown=1_000_000,
    listed=1_000_000,
    clocked=250_000,
    pages=100,
    apart=True,
)
QUICK = Size(
    clients=(1, 3),
    rounds=Rounds(1, 12.0),
    exchanges=4,
    shifts=1,
    photos=2,
    feed=20,
    push=50,
    batches=1,
    grown=2_000,
    listed=2_000,
    clocked=1_000,
    pages=2,
    apart=False,
)


@dataclass(frozen=True)
class Stage:
    """One database under test, served."""

    deployment: Deployment
    server: Server
    workers: list[Worker]
    phones: list[Phone]
    size: Size

    def crowds(self) -> Iterator[tuple[int, int]]:
        """(clients, round): so many at once, each number of them for its rounds."""
        for clients in self.size.clients:
            for number in self.size.rounds:
                yield clients, number

    def record(self, case: str, clients: int, round_: int, figures: dict[str, float]) -> Record:
        return Record(case, self.deployment.database, clients, round_, figures)


Case = Callable[[Stage], Iterator[Record]]
