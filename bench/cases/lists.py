"""`lists`: items and tasks as a supervisor's browser asks for them, page by page."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from bench import street
from bench.cases.asking import asked
from bench.cases.filling import count, fill_items, fill_tasks
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.wire import Wire
from server.items.models import Item
from server.kernel.database import reading
from server.tasks.models import Task
from server.tasks.standing import ASSIGNED


def measure(stage: Stage) -> Iterator[Record]:
    """CPU ms and latency of a page of each list, the first one and one in the middle.

    As many items and as many tasks are stored as `listed` says.
    """
    fill_items(stage, stage.size.listed)
    fill_tasks(stage, stage.size.listed)
    head = street.head()
    middles = {"items": _middle(Item), "tasks": _middle(Task)}
    views = _views(stage, head)
    for clients, round_ in stage.crowds():
        wires = [Wire(stage.server.port) for _ in range(clients)]
        for view, narrowed in views.items():
            name = view.partition("/")[0]
            for page, more in (("first", {}), ("middle", {"after": middles[name]})):
                path = f"/api/v1/{name}?{urlencode(narrowed | more)}"
                found = asked(stage, wires, head.token, path)
                figures = {f"{view} {page} {figure}": value for figure, value in found.items()}
                yield stage.record("lists", clients, round_, figures)


def _views(stage: Stage, head: street.Head) -> dict[str, dict[str, str]]:
    """What the browser asks for, by the list and what it is narrowed by."""
    member = stage.workers[0].member
    return {
        "items": {},
        "items/area": {"area": head.community},
        "items/member": {"member": member},
        "tasks": {},
        "tasks/area": {"area": head.community},
        "tasks/member": {"assignee": member},
        "tasks/state": {"state": ASSIGNED},
    }


def _middle(model: Any) -> str:
    """The id with as many rows before it as after it."""
    row = select(model.id).order_by(model.id).offset(count(model) // 2).limit(1)
    with reading() as session:
        return str(session.scalars(row).one())
