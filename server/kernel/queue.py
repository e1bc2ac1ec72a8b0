"""The queue of jobs (作业队列): a row is put with what makes it needed, in the same transaction.

    waiting → running → done          what went well is swept by age
       ↑         ↓
       └──── fails, after a while     up to `most_tries` starts, then
                 ↓
              failed                  kept, until a person looks

Several processes take jobs at once. A taken job is leased: whoever is killed loses it to another
when the lease ends. Of one kind and key at most one row waits and at most one runs, so that a job
put again while it runs, runs once more after it.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    String,
    Update,
    and_,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from server.kernel import clock
from server.kernel.database import Id, Instant, Json, db, insert, writing
from server.kernel.ids import uuid7

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
MOST_TRIES = 3
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
LEASE_RAN_OUT = "lease_ran_out"
_IS_WAITING, _IS_RUNNING = text("state = 'waiting'"), text("state = 'running'")


class Job(db.Model):  # type: ignore[name-defined]
    """One thing to be done; `tries` counts its starts, `error` is a word about the last failure."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_waiting",
            "kind",
            "key",
            unique=True,
            sqlite_where=_IS_WAITING,
            postgresql_where=_IS_WAITING,
        ),
        Index(
            "ix_job_running",
            "kind",
            "key",
            sqlite_where=_IS_RUNNING,
            postgresql_where=_IS_RUNNING,
        ),
        Index("ix_job_due", "state", "due_at"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    payload: Mapped[Any] = mapped_column(Json, nullable=True)
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(Integer)
    most_tries: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    error: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class TryFailed(Exception):
    """A job could not be done this time; the argument is the word to keep about it."""


class Lost(Exception):
    """The lease ran out meanwhile; another worker does the job, or did it."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that is ours until its lease ends; this is start number `tries`."""

    id: str
    kind: str
    key: str
    payload: Any
    tries: int
    most_tries: int
    claimed_by: str

    @property
    def is_last(self) -> bool:
        """Whether there is no other try after this one."""
        return self.tries >= self.most_tries


_job = Job.__table__.c
_CLAIMED = (
    _job.id,
    _job.kind,
    _job.key,
    _job.payload,
    _job.tries,
    _job.most_tries,
    _job.claimed_by,
)


def put(
    session: Session,
    kind: str,
    key: str,
    payload: Any = None,
    at: datetime | None = None,
    most_tries: int = MOST_TRIES,
) -> None:
    """Have the job done after the commit, not before `at`; one that waits already stands for it."""
    put_all(session, kind, {key: payload}, at, most_tries)


def put_all(
    session: Session,
    kind: str,
    payloads: dict[str, Any],
    at: datetime | None = None,
    most_tries: int = MOST_TRIES,
) -> None:
    """The same for several keys; in order of key, so that two callers never wait for each other."""
    now = clock.now()
    rows = [
        _waiting_row(kind, key, payloads[key], at or now, now, most_tries)
        for key in sorted(payloads)
    ]
    if not rows:
        return
    made = insert(session, Job).values(rows)
    # Not DO NOTHING: a row that is being claimed right now would swallow what came after it.
    sooner = _sooner(session, made.excluded.due_at)
    again = {"due_at": sooner, "payload": made.excluded.payload}
    session.execute(
        made.on_conflict_do_update(
            index_elements=["kind", "key"], index_where=_IS_WAITING, set_=again
        )
    )


def _sooner(session: Session, due_at: Any) -> Any:
    least = func.least if session.get_bind().dialect.name == "postgresql" else func.min
    return least(_job.due_at, due_at)


def _waiting_row(
    kind: str, key: str, payload: Any, due_at: datetime, now: datetime, most_tries: int
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "kind": kind,
        "key": key,
        "payload": payload,
        "state": WAITING,
        "tries": 0,
        "most_tries": most_tries,
        "due_at": due_at,
        "created_at": now,
    }


def _is_due(now: datetime, job: Any) -> ColumnElement[bool]:
    """It waited long enough, or whoever ran it is gone."""
    return or_(
        and_(job.state == WAITING, job.due_at <= now),
        and_(job.state == RUNNING, job.leased_until <= now),
    )


def is_any_due(session: Session, kinds: Collection[str], now: datetime) -> bool:
    """Whether a look for a job can find one; costs no turn of the writer."""
    due = select(Job.id).where(Job.kind.in_(kinds), _is_due(now, Job))
    return session.scalar(due.limit(1)) is not None


def claim(
    session: Session, kinds: Collection[str], claimed_by: str, now: datetime, lease: timedelta
) -> Claimed | None:
    """The job of one of `kinds` that is due longest, leased until `now + lease`; None if none."""
    other = aliased(Job)
    twin = and_(other.kind == Job.kind, other.key == Job.key, other.id != Job.id)
    runs = select(other.id).where(twin, other.state == RUNNING).exists()
    due = select(Job.id).where(
        Job.kind.in_(kinds), _is_due(now, Job), Job.tries < Job.most_tries, ~runs
    )
    first = due.order_by(Job.due_at, Job.id).limit(1).with_for_update(skip_locked=True, of=Job)
    taken = (
        update(Job.__table__)
        .where(_job.id == first.scalar_subquery())
        .values(
            state=RUNNING,
            tries=_job.tries + 1,
            claimed_by=claimed_by,
            leased_until=now + lease,
        )
        .returning(*_CLAIMED)
    )
    row = session.execute(taken).first()
    return None if row is None else Claimed(*row)


@contextmanager
def ending(job: Claimed) -> Iterator[Session]:
    """A write transaction in which the job is done: its effect and its end come together.

    Lost, and nothing is written, if another worker has it.
    """
    with writing() as session:
        _end(session, job, state=DONE, done_at=clock.now(), error=None)
        yield session


def fail(session: Session, job: Claimed, error: str, now: datetime) -> None:
    """The try failed: once more after a pause, or `failed` after the last. Lost."""
    if job.is_last:
        _end(session, job, state=FAILED, error=error[:100], done_at=now)
        return
    _end(session, job, error=error[:100])
    _put_back(session, job.id, {"due_at": now + pause(job.tries)})


def pause(tries: int) -> timedelta:
    """How long to wait after so many failures: 10 s, 40 s, 160 s … up to an hour."""
    doublings = min(2 * (tries - 1), 12)
    return min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)


def give_up_lost(session: Session, kinds: Collection[str], now: datetime) -> list[Claimed]:
    """The jobs that killed their worker at their last try; they are `failed` now."""
    lost = and_(
        _job.kind.in_(kinds),
        _job.state == RUNNING,
        _job.leased_until <= now,
        _job.tries >= _job.most_tries,
    )
    given_up = update(Job.__table__).where(lost)
    given_up = given_up.values(state=FAILED, error=LEASE_RAN_OUT, done_at=now)
    return [Claimed(*row) for row in session.execute(given_up.returning(*_CLAIMED))]


def retry(session: Session, id_: str, now: datetime) -> bool:
    """Have a failed job tried afresh, as often as a new one; False if there is no such job."""
    failed = select(Job.id).where(Job.id == id_, Job.state == FAILED)
    if session.scalar(failed.with_for_update()) is None:
        return False
    _put_back(session, id_, {"due_at": now, "tries": 0, "done_at": None})
    return True


def sweep(session: Session, before: datetime) -> int:
    """Remove the jobs that were done before `before`; how many."""
    old = delete(Job.__table__).where(_job.state == DONE, _job.due_at < before)
    result: Any = session.execute(old.where(_job.done_at < before))
    return int(result.rowcount)


def _end(session: Session, job: Claimed, **values: Any) -> None:
    ended: Update = (
        update(Job.__table__)
        .where(
            _job.id == job.id,
            _job.state == RUNNING,
            _job.claimed_by == job.claimed_by,
            _job.tries == job.tries,
        )
        .values(leased_until=None, **values)
    )
    if session.execute(ended.returning(_job.id)).first() is None:
        raise Lost(job.id)


def _put_back(session: Session, id_: str, values: dict[str, Any]) -> None:
    """Make the row wait again, unless another one of its kind and key does already."""
    gone = delete(Job.__table__).where(_job.id == id_).returning(*_job)
    row = dict(session.execute(gone).mappings().one())
    row |= {"state": WAITING, "claimed_by": None, "leased_until": None} | values
    waiting = insert(session, Job).values(row)
    session.execute(
        waiting.on_conflict_do_nothing(index_elements=["kind", "key"], index_where=_IS_WAITING)
    )


# What people see


@dataclass(frozen=True, slots=True)
class Count:
    """How many jobs of a kind are in a state, and since when the oldest of them is due."""

    kind: str
    state: str
    jobs: int
    oldest: datetime


def counts(session: Session) -> list[Count]:
    """Every kind and state that there is."""
    columns = (Job.kind, Job.state, func.count(), func.min(Job.due_at))
    rows = session.execute(
        select(*columns).group_by(Job.kind, Job.state).order_by(Job.kind, Job.state)
    )
    return [Count(*row) for row in rows]


def failed(session: Session, limit: int) -> Sequence[Job]:
    """Jobs that were given up, the newest first."""
    given_up = select(Job).where(Job.state == FAILED).order_by(Job.done_at.desc(), Job.id.desc())
    return session.scalars(given_up.limit(limit)).all()
