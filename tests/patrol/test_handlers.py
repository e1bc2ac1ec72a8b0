"""Sign-ins and sign-outs as they are handed in: one by one, in one batch, twice, by others."""

import threading

from flask import Flask

from server.items.handling import ACCEPTED, FORBIDDEN, HELD, Incoming, Outcome
from server.kernel.database import db, writing
from server.kernel.ids import uuid7
from server.patrol.handlers import handle_shifts
from tests import factories
from tests.patrol import given

DUPLICATE = Outcome(flags=("duplicate_of",))


def _hand(*items: Incoming) -> list[Outcome]:
    with writing() as session:
        return handle_shifts(session, items)


def test_a_start_opens_and_its_end_closes_the_shift(app: Flask) -> None:
    street = factories.street()
    worker, shift = street.workers[0], uuid7()
    start = given.start(worker, shift, area=street.grids[0])
    end = given.end(worker, shift, area=street.grids[1])
    assert _hand(start) == [ACCEPTED]
    assert given.shift(shift)["state"] == "open"
    assert _hand(end) == [ACCEPTED]
    assert given.shift(shift) == {
        "id": shift,
        "member": worker,
        "install": start.install,
        "area": street.grids[0],
        "pack": None,
        "start_item": start.id,
        "end_item": end.id,
        "started_at": "2026-11-22T00:00:00.000Z",
        "ended_at": "2026-11-22T09:00:00.000Z",
        "plan": [{"what": "走访", "count": 3}],
        "results": [{"what": "走访", "done": 2}],
        "state": "closed",
        "flags": [],
    }


def test_a_held_end_is_joined_when_its_start_comes(app: Flask) -> None:
    worker, shift = factories.street().workers[0], uuid7()
    end = given.end(worker, shift)
    given.kept(end)
    assert _hand(end) == [HELD]
    assert given.shift(shift)["state"] == "end_only"
    assert _hand(given.start(worker, shift)) == [ACCEPTED]
    assert given.shift(shift)["state"] == "closed"
    kept = given.item(end.id)
    assert (kept.held, kept.flags, kept.version) == (False, ["held"], 2)
    assert given.later_verdicts(worker) == [(end.id, 2)]


def test_a_start_changes_nothing_of_an_end_that_did_not_wait(app: Flask) -> None:
    worker, shift = factories.street().workers[0], uuid7()
    _hand(given.start(worker, shift))
    _hand(given.end(worker, shift))
    assert given.later_verdicts(worker) == []


def test_many_shifts_in_one_batch_in_any_order(app: Flask) -> None:
    worker = factories.street().workers[0]
    shifts = [uuid7() for _ in range(5)]
    starts = [given.start(worker, shift) for shift in reversed(shifts)]
    ends = [given.end(worker, shift) for shift in shifts]
    assert _hand(*starts, *ends) == [ACCEPTED] * 10
    assert [given.shift(shift)["state"] for shift in shifts] == ["closed"] * 5


def test_of_a_held_end_and_one_in_the_batch_of_the_start_only_the_first_stands(app: Flask) -> None:
    worker, shift = factories.street().workers[0], uuid7()
    held, late = given.end(worker, shift), given.end(worker, shift, given.MORNING)
    given.kept(held)
    assert _hand(held) == [HELD]
    assert _hand(given.start(worker, shift), late) == [ACCEPTED, DUPLICATE]
    assert given.shift(shift)["end_item"] == held.id
    assert given.later_verdicts(worker) == [(held.id, 2)]


def test_a_second_start_and_a_second_end_have_no_effect(app: Flask) -> None:
    worker, shift = factories.street().workers[0], uuid7()
    first, second = (given.start(worker, shift) for _ in range(2))
    assert _hand(first, second) == [ACCEPTED, DUPLICATE]
    end = given.end(worker, shift)
    assert _hand(end) == [ACCEPTED]
    assert _hand(given.end(worker, shift, given.MORNING)) == [DUPLICATE]
    seen = given.shift(shift)
    assert (seen["start_item"], seen["end_item"]) == (first.id, end.id)
    assert seen["ended_at"] == "2026-11-22T09:00:00.000Z"


def test_the_shift_of_another_member_is_refused(app: Flask) -> None:
    street = factories.street()
    shift = uuid7()
    _hand(given.start(street.workers[0], shift))
    before = given.shift(shift)
    assert _hand(given.start(street.workers[1], shift)) == [FORBIDDEN]
    assert _hand(given.end(street.workers[1], shift)) == [FORBIDDEN]
    assert given.shift(shift) == before


def test_an_end_before_its_start_is_flagged(app: Flask) -> None:
    worker, shift = factories.street().workers[0], uuid7()
    _hand(given.start(worker, shift, given.EVENING))
    end = given.end(worker, shift, given.MORNING)
    known = given.end(worker, uuid7(), given.MORNING, flags=["clock"])
    assert _hand(end) == [Outcome(flags=("clock",))]
    assert given.shift(shift)["flags"] == ["clock"]
    _hand(given.start(worker, known.body["shift"], given.EVENING))
    assert _hand(known) == [ACCEPTED]


def test_start_and_end_in_two_exchanges_at_once_are_joined(app: Flask) -> None:
    worker, shift = factories.street().workers[0], uuid7()
    start, end = given.start(worker, shift), given.end(worker, shift)
    given.kept(end)
    both = threading.Barrier(2)
    errors: list[BaseException] = []

    def run(item: Incoming) -> None:
        try:
            with app.app_context():
                both.wait()
                _hand(item)
                db.session.remove()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(item,)) for item in (start, end)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    seen = given.shift(shift)
    assert (seen["state"], seen["start_item"], seen["end_item"]) == ("closed", start.id, end.id)
