"""What every case stands on: a served deployment with its street, and how much to measure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.cases.record import Record
from bench.deployment import Deployment, Server
from bench.phones import Phone
from bench.rounds import Rounds
from bench.street import Worker

CLIENTS = (1, 8, 32)


@dataclass(frozen=True)
class Size:
    """How much each case measures.

    `exchanges`, `shifts` and `photos` are shared by the clients of one measurement, each has at
    least one; `feed` are the tasks of a new device, `push` those assigned at once; `batches` are
    those of each client.
    """

    rounds: Rounds
    exchanges: int
    shifts: int
    photos: int
    feed: int
    push: int
    batches: int


FULL = Size(Rounds(5, 12.0), 640, 20, 128, 5_000, 10_000, 4)
QUICK = Size(Rounds(1, 12.0), 4, 1, 2, 20, 50, 1)


@dataclass(frozen=True)
class Stage:
    """One database under test, served."""

    deployment: Deployment
    server: Server
    workers: list[Worker]
    phones: list[Phone]
    size: Size

    def record(self, case: str, clients: int, round_: int, figures: dict[str, float]) -> Record:
        return Record(case, self.deployment.database, clients, round_, figures)


Case = Callable[[Stage], Iterator[Record]]


def by_rounds(measure: Callable[[Stage, int], Iterator[Record]]) -> Case:
    """The case that is measured round by round, each by one call."""

    def measured(stage: Stage) -> Iterator[Record]:
        for number in stage.size.rounds:
            yield from measure(stage, number)

    return measured
