"""Actions that devices hand in: chains, strangers, late work, batches in few statements."""

import threading
from datetime import UTC, datetime

from flask import Flask

from server.items.handling import ACCEPTED, FORBIDDEN, HELD, Outcome
from server.kernel.database import db, writing
from server.tasks import service
from tests import factories
from tests.executed import executed
from tests.tasks import given


def test_a_chain_made_offline_on_one_base_applies_in_order(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    assert given.steps(worker, task, ["accept", "start", "progress", "complete"]) == (
        ["accepted"] * 4
    )
    seen = given.shown(street, task)
    assert (seen["state"], seen["version"]) == ("done", 5)
    assert [(e["no"], e["action"], e["from"], e["to"]) for e in seen["events"]] == [
        (1, "assign", None, "assigned"),
        (2, "accept", "assigned", "accepted"),
        (3, "start", "accepted", "in_progress"),
        (4, "progress", "in_progress", "in_progress"),
        (5, "complete", "in_progress", "done"),
    ]


def test_an_event_says_who_did_it_on_what_when(app: Flask) -> None:
    street = factories.street()
    task, at = given.task(street), datetime(2026, 11, 22, 1, tzinfo=UTC)
    item = given.action(street.workers[0], task, "decline", reason="走不开", estimated=at)
    assert given.handled(item) == [ACCEPTED]
    last = given.shown(street, task)["events"][-1]
    assert last == {
        "no": 2,
        "at": "2026-11-22T01:00:00.000Z",
        "actor": street.workers[0],
        "install": item.install,
        "item": item.id,
        "action": "decline",
        "from": "assigned",
        "to": "declined",
        "assignment": 1,
        "assignee": street.workers[0],
        "reason": "走不开",
        "flags": [],
        "detail": {},
    }


def test_the_worker_learns_the_state_that_the_server_holds(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    given.steps(street.workers[0], task, ["accept"])
    (change,) = given.on_feed(street.workers[0])
    assert (change["op"], change["version"], change["body"]["state"]) == ("put", 2, "accepted")


def test_accept_after_done_does_nothing(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    given.steps(worker, task, ["accept", "complete"])
    before = given.shown(street, task), given.on_feed(worker)
    assert given.handled(given.action(worker, task, "accept")) == [ACCEPTED]
    assert (given.shown(street, task), given.on_feed(worker)) == before


def test_requests_are_kept_as_events(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    item = given.action(street.workers[0], task, "request_extension", reason="下雨")
    assert given.handled(item) == [ACCEPTED]
    seen = given.shown(street, task)
    assert (seen["state"], seen["version"]) == ("assigned", 2)
    assert seen["events"][-1]["reason"] == "下雨"


def test_a_decline_without_a_reason_is_taken(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    assert given.handled(given.action(street.workers[0], task, "decline")) == [ACCEPTED]
    assert given.shown(street, task)["state"] == "declined"


def test_only_the_first_completion_counts(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    statuses = given.steps(worker, task, ["accept", "complete", "complete"])
    assert statuses == ["accepted", "accepted", "stale"]
    assert given.shown(street, task)["flags"] == []
    assert [change["version"] for change in given.on_feed(worker)] == [3]


def test_a_stale_action_brings_the_task_again(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    (first,) = given.on_feed(worker)
    assert given.steps(worker, task, ["start"]) == ["stale"]
    (again,) = given.on_feed(worker)
    assert again == first | {"seq": first["seq"] + 1}
    assert len(given.shown(street, task)["events"]) == 1


def test_work_done_after_the_cancelling_is_kept_and_flagged(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    wish = given.change(street, task, "重复派单")
    with writing() as session:
        service.cancel(session, wish)
    outcomes = given.handled(
        given.action(worker, task, "accept"), given.action(worker, task, "complete")
    )
    assert outcomes == [Outcome("stale"), Outcome("stale", flags=("done_after_cancel",))]
    seen = given.shown(street, task)
    assert (seen["state"], seen["flags"]) == ("cancelled", ["done_after_cancel"])
    assert seen["events"][-1]["flags"] == ["done_after_cancel"]
    (change,) = given.on_feed(worker)
    assert (change["op"], change["reason"], change["version"]) == ("remove", "cancelled", 3)


def test_work_of_the_old_owner_is_kept_and_flagged_as_double(app: Flask) -> None:
    street = factories.street()
    old, new = street.workers[:2]
    task = given.task(street)
    given.steps(old, task, ["accept"])
    given.reassigned(street, task, 1)
    assert given.handled(given.action(old, task, "complete")) == [
        Outcome("stale", flags=("double_work",))
    ]
    assert given.shown(street, task)["state"] == "assigned"
    assert given.steps(new, task, ["accept", "complete"], assignment=2) == ["accepted"] * 2
    seen = given.shown(street, task)
    assert (seen["state"], seen["assignee"], seen["flags"]) == ("done", new, ["double_work"])
    assert [change["op"] for change in given.on_feed(old)] == ["remove"]


def test_who_never_had_the_task_is_refused(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    given.reassigned(street, task, 1)
    stranger = street.workers[2]
    assert given.handled(given.action(stranger, task, "complete", 2)) == [FORBIDDEN]
    assert given.shown(street, task)["version"] == 2
    assert given.on_feed(stranger) == []


def test_an_action_on_an_unknown_task_is_held(app: Flask) -> None:
    street = factories.street()
    item = given.action(street.workers[0], given.unknown_task(), "accept")
    assert given.handled(item) == [HELD]


def test_a_batch_costs_the_same_few_statements_however_long(app: Flask) -> None:
    street = factories.street()
    worker = street.workers[0]
    tasks = [given.task(street) for _ in range(20)]
    counts = []
    for part in (tasks[:1], tasks[1:]):
        items = [given.action(worker, t, step) for t in part for step in ("accept", "complete")]
        with executed() as statements:
            assert given.handled(*items) == [ACCEPTED] * len(items)
        counts.append([text.split()[0] for text, _ in statements])
    assert counts[0] == counts[1]
    assert counts[0].count("UPDATE") == 1


def test_of_two_phones_completing_at_once_one_wins(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    given.steps(worker, task, ["accept"])
    both = threading.Barrier(2)
    outcomes: list[Outcome] = []

    def complete() -> None:
        with app.app_context():
            both.wait()
            outcomes.extend(given.handled(given.action(worker, task, "complete")))
            db.session.remove()

    threads = [threading.Thread(target=complete) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.status for outcome in outcomes) == ["accepted", "stale"]
    assert [e["action"] for e in given.shown(street, task)["events"]].count("complete") == 1
