"""What the tests of duty begin with: absences, a pack in force, jobs done, notices looked at."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete

from server.config import Settings
from server.duty.models import Absence
from server.duty.rules import HAND_BACK
from server.grid.models import AreaStamp
from server.grid.scope import Scope, scope_of, today
from server.jobs.consumer import do_next
from server.jobs.work import WORK
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.notices import queries as notices
from server.regime import service as regime
from server.regime.models import CalendarDay
from server.regime.service import stamp
from server.tasks.models import Task, TaskEvent
from tests.factories import LONG_AGO

ZONE = "Asia/Shanghai"
HOUR = timedelta(hours=1)
PACK = """calendar: {hours: [08:30-12:00, 14:00-17:30]}
tree:
  levels:
    - {code: street, name: 街道}
    - {code: community, name: 社区}
    - {code: grid, name: 网格}
posts:
  head: {name: 网格长, role: leader, level: community}
  chief: {name: 监督员, role: supervisor, level: street}
"""
UP = """escalation:
  - {level: grid, after: [2, hour], to: community}
  - {level: community, after: [4, hour], to: street}
"""
"""Up after 2 hours and after 4 more."""


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
    """(kind, object) of the notices of the member, the oldest first."""
    with reading() as session:
        rows = notices.listed(session, member, {"unread": False, "after": None, "limit": 500})
        return [(row.kind, row.object) for row in reversed(rows) if kind in (None, row.kind)]


def ruled(text: str = "", version: int = 1, area: str | None = None) -> None:
    """A pack with `text` in it holds in `area` or everywhere, since the longer ago the lower its
    version."""
    with writing() as session:
        if session.get(AreaStamp, 1) is None:
            session.add(AreaStamp(id=1, stamp=uuid7()))
    from_day = LONG_AGO + timedelta(days=version)
    chosen = [part for part in ("escalation", "deadlines", "notices") if f"{part}:" in text]
    local = "".join(f"  {part}: 测试\n" for part in chosen)
    head = f"pack: {{id: duty, version: {version}, name: 值守}}\n{PACK}{text}"
    head += f"local_choices:\n{local}" if local else ""
    with writing() as session:
        regime.install(
            session, "test", today_(), regime.Installation(head, from_day, area, past=True)
        )


def nobody_works() -> None:
    """Three years of rest are ordered, as no library and no pack can say them."""
    days = [today_() + timedelta(days=n) for n in range(1100)]
    with writing() as session:
        stamp.renew(session)
        session.add_all(CalendarDay(day=d, working=False, source="admin", note="") for d in days)


def work_goes_on() -> None:
    with writing() as session:
        stamp.renew(session)
        session.execute(delete(CalendarDay))
