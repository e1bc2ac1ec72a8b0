"""What the tests of duty begin with: absences, a pack in force, jobs done, notices looked at."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import current_app

from server.config import Settings
from server.duty.models import Absence
from server.duty.rules import HAND_BACK
from server.grid.scope import Scope, scope_of, today
from server.jobs.consumer import do_next
from server.jobs.work import WORK
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.notices import queries as notices
from server.packs.definition import Pack
from server.tasks import governing
from server.tasks.governing import Governed
from server.tasks.models import Task, TaskEvent
from server.tasks.plain import PLAIN

ZONE = "Asia/Shanghai"


def slip(member: str, **fields: Any) -> str:
    """An absence that lasts from an hour ago to a day from now, approved; its id."""
    now = clock.now()
    known: dict[str, Any] = {
        "id": uuid7(),
        "member": member,
        "begins": now - timedelta(hours=1),
        "ends": now + timedelta(days=1),
        "open_tasks": HAND_BACK,
        "created_by": member,
        "created_at": now,
        "approved_by": member,
    }
    made = known | fields
    with writing() as session:
        session.add(Absence(**made))
    return str(made["id"])


def today_() -> date:
    return today(ZONE, clock.now())


def scope(member: str) -> Scope:
    """What the member reaches today."""
    with reading() as session:
        return scope_of(session, member, today_())


def settings() -> Settings:
    found: Settings = current_app.extensions["gewu_settings"]
    return found


def ran(job: Any, now: datetime | None = None) -> int:
    """What the job of the worker says that it did."""
    return int(job(settings(), now or clock.now()))


def queue_done() -> int:
    """Do all that waits in the queue; how many jobs."""
    done = 0
    while do_next(WORK):
        done += 1
    return done


def owner(task: str) -> str:
    with reading() as session:
        found = session.get(Task, task)
        assert found is not None
        return str(found.assignee)


def events(task: str) -> Sequence[TaskEvent]:
    """The events of the task in order."""
    with reading() as session:
        rows = session.query(TaskEvent).filter_by(task=task).order_by(TaskEvent.no).all()
        session.expunge_all()
        return rows


def acts(task: str) -> list[str]:
    return [event.action for event in events(task)]


def told(member: str, kind: str | None = None) -> list[tuple[str, str]]:
    """(kind, object) of the notices of the member, in order."""
    with reading() as session:
        rows = notices.listed(session, member, {"unread": False, "after": None, "limit": 500})
        return [(row.kind, row.object) for row in rows if kind in (None, row.kind)]


def rule_with(monkeypatch: pytest.MonkeyPatch, pack: Pack | None) -> None:
    """`pack` is in force everywhere, and time is plain."""
    found = governing.in_areas

    def in_areas(session: Any, areas: Any, at: datetime) -> dict[str, Governed]:
        known = found(session, areas, at)
        return {area: Governed(pack, PLAIN, one.level) for area, one in known.items()}

    monkeypatch.setattr(governing, "in_areas", in_areas)
