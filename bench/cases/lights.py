"""`lights`: the open tasks of a street by their light, as a supervisor's browser asks for them."""

from collections.abc import Iterator
from urllib.parse import urlencode

from sqlalchemy import select

from bench import street
from bench.cases.asking import asked
from bench.cases.clocked import fill_clocked
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.wire import Wire
from server.kernel import clock
from server.kernel.database import reading
from server.tasks import lights
from server.tasks.clock import Light
from server.tasks.models import Task

LIGHTS = (Light.RED, Light.YELLOW, Light.GREEN)


def measure(stage: Stage) -> Iterator[Record]:
    """CPU ms and latency of a page of each light: of the street, and past the middle of its reds.

    Two of five of the `clocked` tasks are open. A page of a community is that of its red ones.
    """
    fill_clocked(stage, stage.size.clocked)
    head, wire = street.head(), Wire(stage.server.port)
    views = {str(light): {"light": str(light), "area": head.street} for light in LIGHTS}
    views["red middle"] = views["red"] | {"after": _middle()}
    views["red community"] = views["red"] | {"area": head.community}
    for round_ in stage.size.rounds:
        for view, narrowed in views.items():
            found = asked(stage, [wire], head.token, f"/api/v1/tasks?{urlencode(narrowed)}")
            figures = {f"{view} {figure}": value for figure, value in found.items()}
            yield stage.record("lights", 1, round_, figures)


def _middle() -> str:
    """The red task with as many before it as after it."""
    red = select(Task.id).where(lights.condition(Light.RED, clock.now())).order_by(Task.id)
    with reading() as session:
        ids = session.scalars(red).all()
    return ids[len(ids) // 2]
