"""A batch becomes items and quarantined lines: twins, forks, rooms that refuse or break."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from server.items.handling import ACCEPTED, FORBIDDEN, Incoming, Outcome
from server.items.models import Item, Quarantine
from server.kernel.database import reading
from tests import factories
from tests.factories import Phone, Street
from tests.items.conftest import PutIn
from tests.wire import exchange, line, sha

Decide = Callable[[Any, Sequence[Incoming]], Sequence[Outcome]]


def statuses(answer: dict[str, Any]) -> list[str]:
    return [result["status"] for result in answer["results"]]


def kept() -> list[bytes]:
    """The bytes of all items, by number."""
    with reading() as session:
        return list(session.scalars(select(Item.raw).order_by(Item.seq)))


def aside() -> dict[str, bytes]:
    """code → bytes of what was set aside."""
    with reading() as session:
        return {
            row.code: row.raw for row in session.execute(select(Quarantine.code, Quarantine.raw))
        }


class TestTheSameContent:
    """One moment captured under two ids is kept twice and counted once."""

    @pytest.fixture
    def twins(self) -> list[bytes]:
        first = json.loads(line(seq=1))
        second = first | {"id": json.loads(line())["id"], "seq": 2, "mono": 5}
        return [json.dumps(item).encode() for item in (first, second)]

    @pytest.mark.parametrize("together", [True, False])
    def test_the_second_names_the_first(
        self, client: FlaskClient, phone: Phone, twins: list[bytes], together: bool
    ) -> None:
        batches = [twins] if together else [[raw] for raw in twins]
        results = [r for batch in batches for r in exchange(client, phone, *batch)["results"]]
        assert [(r["status"], r["flags"]) for r in results] == [
            ("accepted", []),
            ("accepted", ["duplicate_of"]),
        ]
        with reading() as session:
            named = session.scalars(select(Item.duplicate_of).order_by(Item.seq)).all()
        assert named == [None, results[0]["id"]]
        assert kept() == twins

    def test_another_members_is_no_twin(
        self, client: FlaskClient, street: Street, phone: Phone, twins: list[bytes]
    ) -> None:
        other = factories.device_for(street.workers[1])
        exchange(client, phone, twins[0])
        assert exchange(client, other, twins[1])["results"][0]["flags"] == []


class TestAFork:
    def test_a_number_that_comes_with_a_second_id(self, client: FlaskClient, phone: Phone) -> None:
        assert exchange(client, phone, line(seq=1), line(seq=2))["reenrol"] is False
        forked = exchange(client, phone, line(seq=2))
        assert (statuses(forked), forked["reenrol"]) == (["accepted"], True)
        assert exchange(client, phone, line(seq=3))["reenrol"] is True

    def test_twice_in_one_batch(self, client: FlaskClient, phone: Phone) -> None:
        assert exchange(client, phone, line(seq=4), line(seq=4))["reenrol"] is True

    def test_a_replay_is_none(self, client: FlaskClient, phone: Phone) -> None:
        raw = line(seq=1)
        exchange(client, phone, raw)
        assert exchange(client, phone, raw)["reenrol"] is False

    def test_a_mended_line_under_its_number_is_none(
        self, client: FlaskClient, phone: Phone
    ) -> None:
        exchange(client, phone, line(seq=1, kind="dance"))
        assert exchange(client, phone, line(seq=1))["reenrol"] is False


class TestARoomThatRefuses:
    @pytest.fixture
    def refused(self, client: FlaskClient, phone: Phone, put_in: PutIn) -> bytes:
        """A line that its room forbade; from now on the room forbids nothing."""
        put_in(("visit",), lambda session, items: [FORBIDDEN] * len(items))
        raw = line("visit", {"answers": 1}, seq=1, media=[{"sha256": sha(b"photo")}])
        answer = exchange(client, phone, raw, line(seq=2))
        put_in(("visit",), lambda session, items: [ACCEPTED] * len(items))
        assert statuses(answer) == ["quarantined", "accepted"]
        assert answer["results"][0]["code"] == "forbidden"
        assert answer["media"] == []
        return raw

    def test_its_line_is_kept_and_is_no_item(self, refused: bytes) -> None:
        assert aside() == {"forbidden": refused}
        assert refused not in kept()

    def test_its_line_gets_that_answer_again(
        self, client: FlaskClient, phone: Phone, refused: bytes
    ) -> None:
        (result,) = exchange(client, phone, refused)["results"]
        assert (result["code"], result["replay"]) == ("forbidden", True)

    def test_its_id_is_free_for_mended_bytes(
        self, client: FlaskClient, phone: Phone, refused: bytes
    ) -> None:
        mended = line("visit", {"answers": 2}, seq=1, id=json.loads(refused)["id"])
        assert statuses(exchange(client, phone, mended)) == ["accepted"]
        assert mended in kept()


def raises_on(poison: bytes) -> Decide:
    def decide(session: Any, items: Sequence[Incoming]) -> Sequence[Outcome]:
        if poison in [item.raw for item in items]:
            raise KeyError("poison")
        return [ACCEPTED] * len(items)

    return decide


def breaks_the_database_on(poison: bytes) -> Decide:
    def decide(session: Any, items: Sequence[Incoming]) -> Sequence[Outcome]:
        for item in items:
            if item.raw == poison:
                session.add(Item(id=item.id))
        return [ACCEPTED] * len(items)

    return decide


def asks_wrongly_on(poison: bytes) -> Decide:
    """A statement that no database understands."""

    def decide(session: Any, items: Sequence[Incoming]) -> Sequence[Outcome]:
        if poison in [item.raw for item in items]:
            session.execute(text("SELECT nothing FROM nowhere"))
        return [ACCEPTED] * len(items)

    return decide


def forgets(poison: bytes) -> Decide:
    """An outcome too few."""

    def decide(session: Any, items: Sequence[Incoming]) -> Sequence[Outcome]:
        return [ACCEPTED for item in items if item.raw != poison]

    return decide


@pytest.mark.parametrize("broken", [raises_on, breaks_the_database_on, asks_wrongly_on, forgets])
class TestARoomThatBreaks:
    def test_one_of_three_costs_the_other_two_nothing(
        self, client: FlaskClient, phone: Phone, put_in: PutIn, broken: Callable[[bytes], Decide]
    ) -> None:
        lines = [line("visit", {"answers": number}, seq=number) for number in (1, 2, 3)]
        put_in(("visit",), broken(lines[1]))

        first = exchange(client, phone, *lines)

        assert statuses(first) == ["accepted", "quarantined", "accepted"]
        assert first["results"][1]["code"] == "handler_failed"
        assert (kept(), aside()) == ([lines[0], lines[2]], {"handler_failed": lines[1]})
        again = exchange(client, phone, *lines)
        assert again["results"] == [result | {"replay": True} for result in first["results"]]

    def test_its_effects_are_gone_with_it(
        self, client: FlaskClient, phone: Phone, put_in: PutIn, broken: Callable[[bytes], Decide]
    ) -> None:
        poison, good = line("visit", {}, seq=1), line(seq=2)
        put_in(("visit",), broken(poison))
        answer = exchange(client, phone, poison, good)
        assert statuses(answer) == ["quarantined", "accepted"]
        assert answer["receipt"]["no"] == 1


def test_every_line_is_a_room_s_poison(client: FlaskClient, phone: Phone, put_in: PutIn) -> None:
    def decide(session: Any, items: Sequence[Incoming]) -> Sequence[Outcome]:
        raise RuntimeError("always")

    put_in(("visit",), decide)
    put_in(("form",), decide)
    bad = [line("visit", {"answers": n}, seq=n) for n in (1, 2, 3)]
    bad.append(line("form", {"form": "household", "data": {}}, seq=4))
    answer = exchange(client, phone, *bad, line(seq=5))
    assert statuses(answer) == ["quarantined"] * 4 + ["accepted"]
    assert [r["code"] for r in answer["results"][:4]] == ["handler_failed"] * 4
