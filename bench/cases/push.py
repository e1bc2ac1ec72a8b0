"""`push`: tasks assigned by the service, in this process."""

from collections.abc import Iterator

from bench import street
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.sample import PER
from bench.taken import taken


def measure(stage: Stage, round_: int) -> Iterator[Record]:
    """CPU seconds per 10,000 tasks, the database included; one transaction a worker."""
    each = max(1, stage.size.push // len(stage.workers))
    count = each * len(stage.workers)

    def assign() -> None:
        for worker in stage.workers:
            street.assign(worker, each)

    took = taken(assign, stage.deployment.database_pids)
    cpu = (took.here + took.there) / count * PER
    yield stage.record(
        "push", 1, round_, {"cpu_s_per_10000": cpu, "tasks_per_s": count / took.seconds}
    )
