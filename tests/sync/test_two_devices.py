"""Phones of one member, the office and the worker at one instant: what one brings the other sees,
and nobody waits for the other for ever."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import cycle
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.dispatch.pushes import driving
from server.dispatch.pushes.rules import Subject, Target
from server.duty.service import relief
from server.duty.service.relief import Taker
from server.items import schemas
from server.items import service as items
from server.items.models import Quarantine
from server.kernel import clock, feed
from server.kernel.database import db, writing
from server.kernel.ids import uuid7
from server.tasks import evidence
from tests import factories
from tests.dispatch import given as pushes
from tests.factories import Phone, Street
from tests.journeys.at_once import all_at_once
from tests.tasks import given
from tests.wire import exchange, line, post_lines

AGAIN, ROUNDS, TASKS = 8, 12, 6
FIRE = {"form": "fire", "data": {}}


@pytest.fixture
def phones(street: Street) -> list[Phone]:
    return [factories.device_for(street.workers[0]) for _ in range(2)]


def step(task: str, action: str, **more: Any) -> bytes:
    body = {"task": task, "assignment": 1, "base_version": 1, "action": action}
    return line("task_action", body | more)


def test_evidence_that_comes_in_the_instant_of_the_completion_is_seen(
    app: Flask, street: Street, phones: list[Phone]
) -> None:
    for _ in range(AGAIN):
        task, form = given.task(street, demands={"form": "fire"}), uuid7()
        exchange(app.test_client(), phones[0], step(task, "accept"))
        sent = [step(task, "complete", evidence=[form]), line("form", FIRE, id=form)]
        all_at_once(
            [
                partial(exchange, app.test_client(), phone, raw)
                for phone, raw in zip(phones, sent, strict=True)
            ]
        )
        seen = given.shown(street, task)
        assert (seen["state"], seen["flags"]) == ("done", [])


def test_so_is_evidence_that_a_person_has_judged_afresh_in_that_instant(
    app: Flask, street: Street, phones: list[Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["gewu_settings"]

    def replay(form: str) -> None:
        with app.app_context():
            with writing() as session:
                kept = session.scalars(select(Quarantine).where(Quarantine.item == form)).one()
                items.replay(session, kept, street.admin, settings)
            db.session.remove()

    for _ in range(AGAIN):
        task, form = given.task(street, demands={"form": "fire"}), uuid7()
        lines = step(task, "accept"), line("form", FIRE, id=form, schema=2)
        exchange(app.test_client(), phones[0], *lines)
        done = step(task, "complete", evidence=[form])
        with monkeypatch.context() as patch:
            patch.setitem(schemas.BODIES, ("form", 2), schemas.BODIES["form", 1])
            all_at_once(
                [partial(exchange, app.test_client(), phones[1], done), partial(replay, form)]
            )
        seen = given.shown(street, task)
        assert (seen["state"], seen["flags"]) == ("done", [])


class _Crowd:
    """All that may happen to the tasks of a member at once; `statuses` are those of the phones."""

    def __init__(self, app: Flask, street: Street, phones: Sequence[Phone]) -> None:
        self.app, self.street, self.phones = app, street, phones
        self.shifts = [uuid7() for _ in range(ROUNDS)]
        self.tasks = [
            [given.task(street, demands={"form": "fire"}) for _ in range(TASKS)]
            for _ in range(ROUNDS)
        ]
        self.forms = {task: uuid7() for tasks in self.tasks for task in tasks}

    def hand_in(self, phone: Phone, way: int) -> set[int]:
        """The rounds in this order, with the tasks of each in this order."""
        client, cursor, statuses = self.app.test_client(), 0, set()
        for number in range(ROUNDS)[::way]:
            lines = self._lines(number, way)
            answer = post_lines(client, phone, lines, cursor=cursor, want={"bytes": 6000})
            statuses.add(answer.status_code)
            cursor = (answer.get_json() or {}).get("cursor", cursor)
        return statuses

    def _lines(self, number: int, way: int) -> list[bytes]:
        tasks, others = self.tasks[number][::way], self.tasks[-1 - number][::way]
        kind = "shift_start" if way > 0 else "shift_end"
        return [
            line(kind, {"shift": self.shifts[number]}),
            line(kind, {"shift": self.shifts[-1 - number]}),
            line(),
            *(step(task, "accept") for task in tasks),
            *(step(task, "complete", evidence=[self.forms[task]]) for task in tasks),
            *(line("form", FIRE, id=self.forms[task]) for task in others[:2]),
        ]

    def do(self, act: Callable[[Session, int], None]) -> set[int]:
        """So many transactions of somebody who is at no phone."""
        with self.app.app_context():
            for number in range(3 * ROUNDS):
                with writing() as session:
                    act(session, number)
            db.session.remove()
        return {200}

    def give_to_and_fro(self, session: Session, number: int) -> None:
        """The office gives many of the tasks to another member and back."""
        every = [task for tasks in self.tasks for task in tasks]
        worker = self.street.workers[number % 2]
        relief.give(session, dict.fromkeys(every[1::3], Taker(worker)), "stand_in")

    def end_waiting(self, session: Session, number: int) -> None:
        """The worker judges what waited."""
        before = clock.now() + timedelta(hours=1)
        rows = evidence.waited_for(session, None, before)
        evidence.end_waiting(session, [row.id for row in rows], before)

    def sweep(self, session: Session, number: int) -> None:
        """The worker forgets what was taken away."""
        for member in sorted(self.street.workers[:2]):
            upto, _ = feed.counter(session, member)
            feed.sweep_tombstones(session, member, upto, clock.now() + timedelta(hours=1))


def test_nobody_waits_for_ever(app: Flask, street: Street, phones: list[Phone]) -> None:
    other = factories.device_for(street.workers[1])
    crowd = _Crowd(app, street, phones)
    subjects = [Subject(uuid7(), street.grids[number % 2]) for number in range(10 * ROUNDS)]
    push = pushes.push(street, Target(subjects=tuple(subjects)))
    found = all_at_once(
        [
            partial(crowd.hand_in, phones[0], 1),
            partial(crowd.hand_in, phones[1], -1),
            partial(crowd.hand_in, other, 1),
            partial(crowd.do, crowd.give_to_and_fro),
            partial(crowd.do, crowd.end_waiting),
            partial(crowd.do, crowd.sweep),
            partial(crowd.do, lambda session, number: driving.advance(session, push, 4)),
        ]
    )
    assert found == [{200}] * len(found)


def test_what_is_acknowledged_and_what_is_acted_on_are_locked_in_one_order(
    app: Flask, street: Street, phones: list[Phone]
) -> None:
    """The phone takes its feed in small pages, and goes on with its first tasks meanwhile."""
    tasks = sorted(given.task(street) for _ in range(30))
    ended = threading.Event()

    def hand_in() -> set[int]:
        client, cursor, statuses = app.test_client(), 0, set()
        for _ in range(56):
            lines = [step(task, "explain") for task in tasks[:3]]
            answer = post_lines(client, phones[0], lines, cursor=cursor, want={"bytes": 3000})
            statuses.add(answer.status_code)
            cursor = (answer.get_json() or {}).get("cursor", cursor)
        ended.set()
        return statuses

    def give_to_and_fro() -> set[int]:
        with app.app_context():
            for worker in cycle(street.workers[:2]):
                with writing() as session:
                    relief.give(session, dict.fromkeys(tasks, Taker(worker)), "stand_in")
                if ended.is_set():
                    break
            db.session.remove()
        return {200}

    assert all_at_once([hand_in, give_to_and_fro]) == [{200}] * 2
