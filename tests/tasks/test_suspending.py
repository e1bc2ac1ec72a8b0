"""Clocks that are stopped and go on; marks of what is returned; what is late."""

from datetime import timedelta

from flask import Flask

from server.kernel import clock
from server.tasks import service
from tests import factories
from tests.tasks import given


def test_marks_go_to_the_worker_and_stay_until_it_is_done_again(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    given.steps(worker, task, ["accept", "complete"])
    marks = [{"point": "photo", "text": "近景模糊"}]
    given.changed(service.send_back, street, task, marks)
    seen = given.shown(street, task)
    assert (seen["state"], seen["marks"]) == ("returned", marks)
    assert (seen["done_at"], seen["events"][-1]["detail"]) == (None, {"marks": marks})
    given.steps(worker, task, ["complete"])
    assert given.shown(street, task)["marks"] == []


def test_a_suspended_clock_keeps_what_is_left(app: Flask) -> None:
    street, begin = factories.street(), clock.now()
    hour = timedelta(hours=1)
    with clock.standing_at(begin):
        task = given.task(street, due=begin + 10 * hour)
    with clock.standing_at(begin + 4 * hour):
        given.changed(service.suspend, street, task)
        assert given.shown(street, task)["light"] == "suspended"
        assert given.refused(service.suspend, given.change(street, task)) == "state_illegal"
    with clock.standing_at(begin + 24 * hour):
        given.changed(service.resume, street, task)
        seen = given.shown(street, task)
        assert given.refused(service.resume, given.change(street, task)) == "state_illegal"
    assert seen["due"] == clock.iso(begin + 30 * hour)
    assert seen["yellow_at"] == clock.iso(begin + 27 * hour)
    assert seen["events"][-1]["detail"]["due"] == {
        "from": clock.iso(begin + 10 * hour),
        "to": clock.iso(begin + 30 * hour),
    }
    assert given.audited(street.supervisor)[-2:] == [("task.suspend", task), ("task.resume", task)]


def test_completing_ends_the_suspension_and_is_not_late(app: Flask) -> None:
    street, begin = factories.street(), clock.now()
    hour, worker = timedelta(hours=1), street.workers[0]
    with clock.standing_at(begin):
        task = given.task(street, due=begin + 2 * hour)
        given.steps(worker, task, ["accept"])
        given.changed(service.suspend, street, task)
    done = begin + 24 * hour
    with clock.standing_at(done):
        item = given.action(
            worker, task, "complete", estimated=done, received_at=done, clock="mono"
        )
        given.handled(item)
    seen = given.shown(street, task)
    assert (seen["state"], seen["late"], seen["suspended_at"]) == ("done", False, None)
    assert (seen["done_at"], seen["due"]) == (clock.iso(done), clock.iso(begin + 26 * hour))


def test_what_was_done_after_its_limit_stays_late(app: Flask) -> None:
    street, begin = factories.street(), clock.now()
    worker, late = street.workers[0], begin + timedelta(hours=3)
    with clock.standing_at(begin):
        task = given.task(street, due=begin + timedelta(hours=2))
        given.steps(worker, task, ["accept"])
    with clock.standing_at(late):
        assert given.shown(street, task)["light"] == "red"
        given.handled(
            given.action(worker, task, "complete", estimated=late, received_at=late, clock="mono")
        )
        given.changed(service.send_back, street, task)
        seen = given.shown(street, task)
    assert (seen["state"], seen["late"], seen["light"]) == ("returned", True, "red")
