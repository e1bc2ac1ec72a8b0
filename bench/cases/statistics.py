"""`statistics`: the figures of a street's tasks (办件统计) of 30 days, by area and by person."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from bench import street
from bench.cases.asking import asked
from bench.cases.clocked import fill_clocked
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.wire import Wire
from server.kernel import clock
from server.tasks.statistics import AREA, PERSON

PERIOD = timedelta(days=30)


def measure(stage: Stage) -> Iterator[Record]:
    """CPU ms and latency of the figures over `clocked` tasks, each with four events."""
    fill_clocked(stage, stage.size.clocked)
    head, wire, now = street.head(), Wire(stage.server.port), clock.now()
    period = {"from": clock.iso(now - PERIOD), "to": clock.iso(now), "area": head.street}
    for round_ in stage.size.rounds:
        for by in (AREA, PERSON):
            path = f"/api/v1/tasks/statistics?{urlencode(period | {'by': by})}"
            found = asked(stage, [wire], head.token, path)
            figures = {f"by {by} {figure}": value for figure, value in found.items()}
            yield stage.record("statistics", 1, round_, figures)
