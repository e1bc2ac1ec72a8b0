"""Who is told that a task was given (派单) or returned (退回), where the pack in force says so."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from server.duty import audience, queries
from server.duty.rules import Ground
from server.duty.service.telling import about, titles
from server.kernel import clock
from server.notices import service as notices
from server.tasks import governing
from server.tasks.standing import Standing


def given(session: Session, tasks: Sequence[Standing]) -> None:
    """These tasks were given. A listener of `tasks_given`."""
    _tell(session, audience.ASSIGN, tasks)


def returned(session: Session, tasks: Sequence[Standing]) -> None:
    """These tasks came back to their workers. A listener of `tasks_returned`."""
    _tell(session, audience.RETURNED, tasks)


def _tell(session: Session, on: str, tasks: Sequence[Standing]) -> None:
    """However many they are, with the same few statements; with none where nobody is named."""
    now = clock.now()
    who = {
        task: audience.words(on, governed.pack.notices if governed.pack else ())
        for task, governed in governing.of_tasks(session, tasks, now).items()
    }
    heard = {task.id: task for task in tasks if who[task.id]}
    if not heard:
        return
    areas = {task.terms.area for task in heard.values()}
    ground = queries.ground(session, areas, now, governing.day_of(now))
    told = [
        about(f"task_{on}", member, row)
        for row in titles(session, heard)
        for member in _hearers(who[row.id], heard[row.id], ground)
    ]
    notices.tell(session, told)


def _hearers(who: Iterable[str], task: Standing, ground: Ground) -> list[str]:
    return audience.members(who, task.assignee, ground, task.terms.area)
