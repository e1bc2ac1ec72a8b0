"""Random histories of a street whose people go on leave, leave, come, and let tasks lie.

After each round of the worker: every task that is not finished has one owner, who is there as far
as anybody in the tree is, and its events tell its whole life without a gap.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from server import keys
from server.duty import jobs, queries
from server.duty.service import absences
from server.duty.service.absences import Desk
from server.grid import roles
from server.grid.models import Post
from server.grid.service import members, posts
from server.jobs import rooms
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.tasks import service
from server.tasks.service import Change
from server.tasks.standing import UNFINISHED
from tests import factories
from tests.duty import given
from tests.tasks import given as tasks

SETTINGS = settings(
    max_examples=12,
    stateful_step_count=40,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=list(HealthCheck),
)
ROUND = (
    rooms.turn_day,
    jobs.turn_absences,
    rooms.task_leases,
    jobs.relieve_ownerless,
    jobs.escalate_tasks,
    jobs.tell_lights,
)
EMPTIED = ("absence_task", "absence", "task_event", "notice", "task", "inbox", "job", "post")
DEPARTURES_MOST = 4
any_one = st.integers(0, 7)


class Machine(RuleBasedStateMachine):
    """One history; `people` may hold posts, leave and come back to nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.now = clock.now()
        self.street = factories.street()
        self.people = [*self.street.workers[:4], self.street.leader, self.street.supervisor]
        self.tasks: list[str] = []
        self.slips: list[str] = []
        self.settled, self.departures = False, 0
        for worker in (0, 0, 1, 1, 2, 3):
            self.push(worker, 12)
        for task in self.tasks[::2]:
            tasks.steps(tasks.row(task).assignee, task, ["accept"])

    @contextmanager
    def _act(self) -> Iterator[None]:
        """At the moment of the history; what may not be done changes nothing."""
        self.settled = False
        with clock.standing_at(self.now), suppress(Problem):
            yield

    def _person(self, which: int) -> str:
        return self.people[which % len(self.people)]

    def _task(self, which: int) -> str:
        return self.tasks[which % len(self.tasks)]

    @rule(worker=st.integers(0, 3), hours=st.integers(1, 60))
    def push(self, worker: int, hours: int) -> None:
        with self._act():
            if self._holds_post(self.street.workers[worker]):
                due = self.now + timedelta(hours=hours)
                self.tasks.append(tasks.task(self.street, worker, due=due))

    @precondition(lambda self: self.tasks)
    @rule(which=any_one, step=st.sampled_from(("accept", "decline", "complete")))
    def step(self, which: int, step: str) -> None:
        row = tasks.row(self._task(which))
        with self._act():
            tasks.steps(row.assignee, row.id, [step], row.assignment)

    @precondition(lambda self: self.tasks)
    @rule(which=any_one, worker=st.integers(0, 3), mode=st.sampled_from(("soft", "hard")))
    def reassign(self, which: int, worker: int, mode: str) -> None:
        task = self._task(which)
        with self._act():
            wish = Change(given.scope(self.street.admin), task, tasks.row(task).version)
            with writing() as session:
                service.reassign(session, wish, self.street.workers[worker], mode)

    @rule(
        which=any_one,
        begins=st.integers(-1, 20),
        hours=st.integers(2, 30),
        open_tasks=st.sampled_from(("keep", "hand_over", "hand_back")),
        backup=st.none() | any_one,
    )
    def leave(
        self, which: int, begins: int, hours: int, open_tasks: str, backup: int | None
    ) -> None:
        begin = self.now + timedelta(hours=begins)
        data = {
            "member": self._person(which),
            "begins": begin,
            "ends": begin + timedelta(hours=hours),
            "open_tasks": open_tasks,
            "backup": None if backup is None else self._person(backup),
        }
        with self._act(), writing() as session:
            self.slips.append(absences.create(session, self._desk(), data).id)

    @precondition(lambda self: self.slips)
    @rule(which=any_one)
    def come_back(self, which: int) -> None:
        with self._act(), writing() as session:
            absences.end(session, self._desk(), self.slips[which % len(self.slips)])

    def _desk(self) -> Desk:
        return Desk(given.scope(self.street.admin), given.ZONE, keys.cipher())

    @precondition(lambda self: self.departures < DEPARTURES_MOST)
    @rule(which=any_one)
    def end_post(self, which: int) -> None:
        self.departures += 1
        with self._act(), writing() as session:
            post = session.query(Post.id).filter_by(member=self._person(which), live=True).first()
            if post is not None:
                posts.end(session, given.scope(self.street.admin), post.id)

    @rule(which=st.none() | any_one, grid=st.integers(0, 3), backs=st.booleans())
    def give_post(self, which: int | None, grid: int, backs: bool) -> None:
        """To somebody new, or to one of the people besides."""
        if which is None:
            self.people.append(factories.member())
            which = len(self.people) - 1
        area = self.street.grids[grid]
        with self._act(), writing() as session:
            backed = session.query(Post.id).filter_by(area=area, backup_of=None, live=True).first()
            data = {
                "member": self._person(which),
                "area": area,
                "role": roles.WORKER,
                "from_day": given.today_(),
                "to_day": None,
                "backup_of": backed.id if backs and backed else None,
            }
            posts.create(session, given.scope(self.street.admin), data)

    @precondition(lambda self: self.departures < DEPARTURES_MOST)
    @rule(which=any_one)
    def go_for_good(self, which: int) -> None:
        self.departures += 1
        with self._act(), writing() as session:
            members.end(session, given.scope(self.street.admin), self._person(which))

    @rule(hours=st.sampled_from((0, 0, 1, 3, 9, 26)))
    def work(self, hours: int) -> None:
        """Time goes on, and the worker does its round."""
        self.now += timedelta(hours=hours)
        with self._act():
            for job in ROUND:
                job(given.settings(), self.now)
                given.queue_done()
        self.settled = True

    @rule(hours=st.integers(0, 3))
    def work_soon(self, hours: int) -> None:
        self.work(hours)

    @invariant()
    def every_event_is_there(self) -> None:
        for id_ in self.tasks:
            row, events = tasks.row(id_), given.events(id_)
            assert [event.no for event in events] == list(range(1, row.events + 1))
            last = events[-1]
            assert (last.assignee, last.assignment) == (row.assignee, row.assignment)
            assert last.to_state == row.state
            counted = [event.assignment for event in events]
            assert counted == sorted(counted)
            changes = [
                before.assignment != after.assignment
                for before, after in zip(events, events[1:], strict=False)
            ]
            assert sum(changes) == row.assignment - 1

    @invariant()
    def every_open_task_has_an_owner_who_can_act(self) -> None:
        if not self.settled:
            return
        for row in map(tasks.row, self.tasks):
            if row.state in UNFINISHED:
                assert self._holds_post(row.assignee), given.acts(row.id)

    def _holds_post(self, member: str) -> bool:
        with clock.standing_at(self.now), reading() as session:
            return queries.holds_post(session, member, given.today_())

    def teardown(self) -> None:
        with writing() as session:
            for table in EMPTIED:
                session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  names of our own


def test_every_history_is_a_good_one(app: Flask) -> None:
    given.ruled(given.UP)
    run_state_machine_as_test(Machine, settings=SETTINGS)
