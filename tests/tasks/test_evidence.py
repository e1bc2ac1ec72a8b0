"""Demands of tasks: judged with the step, with the last evidence that comes, or after hours."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from server.items.models import Item
from server.jobs import rooms
from server.kernel import clock
from server.kernel.database import reading
from server.kernel.ids import uuid7
from server.tasks import evidence, service
from tests import factories
from tests.duty import given as duty
from tests.executed import executed
from tests.factories import Phone
from tests.tasks import given
from tests.wire import exchange, line

BOTH = {"photos": ["near", "far"]}


class _Walk:
    """A worker with a phone and a task that demands something."""

    def __init__(self, client: Any, demands: dict[str, Any], worker: int = 0) -> None:
        self.street = factories.street()
        self.member = self.street.workers[worker]
        self.phone = factories.device_for(self.member)
        self.client = client
        self.task = given.task(self.street, worker, demands=demands)
        self.send(self.act("accept"))

    def send(self, *lines: bytes, phone: Phone | None = None) -> list[str]:
        answer = exchange(self.client, phone or self.phone, *lines)
        return [verdict["status"] for verdict in answer["results"]]

    def act(self, action: str, evidence: Sequence[str] = (), **more: Any) -> bytes:
        body = {"task": self.task, "assignment": 1, "base_version": 1, "action": action}
        return line("task_action", body | {"evidence": list(evidence)}, **more)

    @property
    def seen(self) -> dict[str, Any]:
        return given.shown(self.street, self.task)

    @property
    def steps(self) -> list[tuple[str, str]]:
        return [(event["action"], event["to"]) for event in self.seen["events"]]


def _media(*roles: str) -> list[dict[str, Any]]:
    return [{"sha256": (uuid7() + uuid7()).replace("-", "")[:64], "role": r} for r in roles]


def test_a_visit_lasts_no_longer_than_until_it_is_told(client: Any) -> None:
    walk, now = _Walk(client, {"visit_minutes": 10}), clock.now()
    body = {"started": clock.iso(now), "ended": clock.iso(now + timedelta(hours=1))}
    visit = uuid7()
    walk.send(walk.act("complete", [visit]), line("visit", body, id=visit, at=clock.iso(now)))
    assert [mark["point"] for mark in walk.seen["marks"]] == ["visit"]


def test_done_with_what_is_demanded(client: Any) -> None:
    walk = _Walk(client, BOTH)
    assert walk.send(walk.act("complete", media=_media("near", "far"))) == ["accepted"]
    assert (walk.seen["state"], walk.seen["flags"], walk.seen["marks"]) == ("done", [], [])


def test_done_without_it_is_returned_with_what_is_missing(client: Any) -> None:
    walk = _Walk(client, BOTH)
    assert walk.send(walk.act("complete", media=_media("near"))) == ["accepted"]
    seen = walk.seen
    assert (seen["state"], seen["flags"], seen["done_at"]) == ("returned", ["incomplete"], None)
    assert [mark["point"] for mark in seen["marks"]] == ["photo"]
    assert walk.steps[-2:] == [("complete", "done"), ("return", "returned")]
    last = seen["events"][-1]
    assert (last["actor"], last["detail"]) == ("server", {"marks": seen["marks"]})
    assert [c["body"]["marks"] for c in given.on_feed(walk.member)] == [seen["marks"]]
    walk.send(walk.act("complete", media=_media("near", "far")))
    assert (walk.seen["state"], walk.seen["flags"], walk.seen["marks"]) == ("done", [], [])


def test_evidence_of_a_later_batch_is_waited_for(client: Any) -> None:
    walk = _Walk(client, {"form": "fire"} | BOTH)
    form, photo = uuid7(), uuid7()
    walk.send(walk.act("complete", [form, photo]))
    assert (walk.seen["state"], walk.seen["flags"]) == ("done", ["evidence_pending"])
    walk.send(line("form", {"form": "fire", "data": {}}, id=form))
    assert walk.seen["flags"] == ["evidence_pending"]
    walk.send(line(id=photo, media=_media("near", "far")))
    assert (walk.seen["state"], walk.seen["flags"]) == ("done", [])
    assert walk.steps[-2:] == [("complete", "done"), ("evidence", "done")]


def test_evidence_of_a_later_batch_that_does_not_do(client: Any) -> None:
    walk = _Walk(client, {"form": "fire"})
    form = uuid7()
    walk.send(walk.act("complete", [form]))
    walk.send(line("form", {"form": "flood", "data": {}}, id=form))
    assert (walk.seen["state"], walk.seen["flags"]) == ("returned", ["incomplete"])


def test_evidence_in_the_same_batch_is_there(client: Any) -> None:
    walk = _Walk(client, {"checklist": "gas", "visit_minutes": 10, "visit_metres": 50})
    lat, lon = walk.street.point(0)
    visit, now = uuid7(), clock.now()
    body = {
        "checklist": "gas",
        "started": clock.iso(now - timedelta(minutes=12)),
        "ended": clock.iso(now),
    }
    loc = {"lat": lat, "lon": lon, "acc": 8}
    walk.send(walk.act("complete", [visit]), line("visit", body, id=visit, loc=loc))
    assert (walk.seen["state"], walk.seen["flags"]) == ("done", [])


def test_the_evidence_of_others_is_none(client: Any) -> None:
    walk = _Walk(client, {"form": "fire"})
    theirs = uuid7()
    other = factories.device_for(walk.street.workers[1])
    walk.send(line("form", {"form": "fire", "data": {}}, id=theirs), phone=other)
    walk.send(walk.act("complete", [theirs]))
    assert walk.seen["state"] == "returned"


def test_a_replay_waits_for_nothing_anew(client: Any) -> None:
    walk = _Walk(client, {"form": "fire"})
    form = uuid7()
    done = walk.act("complete", [form])
    filled = line("form", {"form": "fire", "data": {}}, id=form)
    walk.send(done, filled)
    before = walk.seen
    assert walk.send(done, filled) == ["accepted", "accepted"]
    assert walk.seen == before


def test_what_was_waited_for_long_enough_is_judged_by_what_there_is(client: Any) -> None:
    walk = _Walk(client, BOTH)
    walk.send(walk.act("complete", [uuid7()], media=_media("near", "far")))
    assert _ended(timedelta(hours=1)) == 0
    assert walk.seen["flags"] == ["evidence_pending"]
    assert _ended(-timedelta(seconds=1)) == 1
    assert (walk.seen["state"], walk.seen["flags"]) == ("done", [])
    lacking = _Walk(client, BOTH)
    lacking.send(lacking.act("complete", [uuid7()], media=_media("near")))
    assert _ended(-timedelta(seconds=1)) == 1
    assert lacking.seen["state"] == "returned"
    assert _ended(-timedelta(seconds=1)) == 0


def _ended(before: timedelta) -> int:
    settings = duty.settings()
    waited = timedelta(hours=settings.evidence_hours)
    return rooms.task_evidence(settings, clock.now() - before + waited)


@pytest.mark.parametrize("judged", ["verify", "return"])
def test_a_person_may_judge_before_it_came(client: Any, judged: str) -> None:
    walk = _Walk(client, {"form": "fire"})
    form = uuid7()
    walk.send(walk.act("complete", [form]))
    act = service.verify if judged == "verify" else service.send_back
    given.changed(act, walk.street, walk.task)
    before = walk.seen
    assert before["flags"] == []
    walk.send(line("form", {"form": "flood", "data": {}}, id=form))
    assert walk.seen == before


def test_where_no_task_waits_items_cost_one_question_more(app: Flask) -> None:
    with reading() as session, executed() as statements:
        evidence.received(session, [uuid7() for _ in range(50)])
    assert [text.split()[0] for text, _ in statements if text != "BEGIN"] == ["SELECT"]


def test_tasks_without_demands_ask_for_no_evidence(client: Any) -> None:
    walk = _Walk(client, {})
    walk.send(walk.act("complete", [uuid7()]))
    assert (walk.seen["state"], walk.seen["flags"]) == ("done", [])
    with reading() as session:
        assert session.query(Item).count() == 2
