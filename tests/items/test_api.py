"""The doors to items and the quarantine."""

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from server.items import schemas
from server.items.handling import ACCEPTED, Incoming
from server.kernel import clock
from server.kernel.database import db
from server.kernel.ids import uuid7
from tests import factories
from tests.factories import Phone, Street
from tests.items.conftest import Ask, PutIn
from tests.media.tools import Tus, picture, sha256
from tests.wire import REPORT, exchange, line

LATIN = line().replace("解放路2号".encode(), b"\xe9")


def raising(session: Any, items: Sequence[Incoming]) -> Any:
    raise ZeroDivisionError


def hand_in(client: FlaskClient, phone: Phone, *args: Any, **given: Any) -> str:
    """The id of a new item that was accepted."""
    (result,) = exchange(client, phone, line(*args, **given))["results"]
    assert result["status"] == "accepted"
    return str(result["id"])


def set_aside(client: FlaskClient, phone: Phone, ask: Ask, street: Street, raw: bytes) -> str:
    """The id of the line in the quarantine."""
    (result,) = exchange(client, phone, raw)["results"]
    assert result["status"] == "quarantined"
    rows = ask(street.admin, "/quarantine").json["results"]
    return next(row["id"] for row in rows if row["sha256"] == result["sha256"])


class TestTheList:
    @pytest.fixture
    def items(self, client: FlaskClient, street: Street, phone: Phone) -> dict[str, str]:
        """id → name of items of two workers in two communities."""
        there = factories.device_for(street.workers[3])
        south, north = ({"lat": street.point(n)[0], "lon": street.point(n)[1]} for n in (0, 3))
        long_ago = (clock.now() - timedelta(days=3)).isoformat()
        ends = {"shift": uuid7(), "results": []}
        return {
            hand_in(client, phone, seq=1, loc=south): "report",
            hand_in(client, phone, "shift_start", {"shift": uuid7()}, seq=2): "start",
            hand_in(client, phone, "shift_end", ends, seq=3): "held end",
            hand_in(client, phone, seq=4, at=long_ago): "old report",
            hand_in(client, there, seq=1, loc=north): "report there",
        }

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({}, {"report", "start", "held end", "old report", "report there"}),
            ({"kind": "report"}, {"report", "old report", "report there"}),
            ({"kind": "visit"}, set()),
            ({"member": "{workers[3]}"}, {"report there"}),
            ({"area": "{communities[1]}"}, {"report there"}),
            ({"area": "{grids[0]}"}, {"report", "start", "held end", "old report"}),
            ({"area": "{grids[1]}"}, set()),
            ({"flag": "held"}, {"held end"}),
            ({"flag": "late"}, {"old report"}),
            ({"flag": "lat"}, set()),
            ({"kind": "report", "member": "{workers[0]}"}, {"report", "old report"}),
        ],
        ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
    )
    def test_each_argument_narrows_it(
        self,
        items: dict[str, str],
        street: Street,
        ask: Ask,
        query: dict[str, str],
        shown: set[str],
    ) -> None:
        filled = {name: value.format(**vars(street)) for name, value in query.items()}
        rows = ask(street.supervisor, "/items", **filled).json["results"]
        assert {items[row["id"]] for row in rows} == shown

    def test_from_is_within_and_to_is_not(
        self, client: FlaskClient, street: Street, phone: Phone, ask: Ask
    ) -> None:
        first, second = "2026-11-22T06:00:00.000Z", "2026-11-22T06:00:00.001Z"
        ids = [hand_in(client, phone, seq=n, at=at) for n, at in ((1, first), (2, second))]

        def shown(**query: str) -> list[str]:
            return [row["id"] for row in ask(street.admin, "/items", **query).json["results"]]

        assert (shown(from_=first), shown(from_=second)) == (ids, ids[1:])
        assert (shown(to=first), shown(to=second)) == ([], ids[:1])
        assert shown(from_="2026-11-22T14:00:00+08:00", to=second) == ids[:1]

    def test_it_shows_what_posts_reach_and_ones_own(
        self, items: dict[str, str], street: Street, ask: Ask
    ) -> None:
        def seen(who: str) -> set[str]:
            return {items[row["id"]] for row in ask(who, "/items").json["results"]}

        assert seen(street.leader) == {"report", "start", "held end", "old report"}
        assert seen(street.workers[3]) == {"report there"}
        assert seen(street.workers[1]) == set()

    def test_its_pages_join(self, items: dict[str, str], street: Street, ask: Ask) -> None:
        first = ask(street.admin, "/items", limit=3).json
        rest = ask(street.admin, "/items", limit=3, after=first["next"]).json
        ids = [row["id"] for row in first["results"] + rest["results"]]
        assert (ids, rest["next"]) == (sorted(items), None)

    @pytest.mark.parametrize(
        "query",
        [
            {"after": "x"},
            {"member": "x"},
            {"area": "x"},
            {"from": "2026-11-22"},
            {"to": "noon"},
            {"flag": "%"},
            {"limit": "0"},
            {"limit": "501"},
            {"kind": "\0"},
        ],
        ids=lambda query: "-".join(query),
    )
    def test_a_query_that_is_none_is_422(
        self, street: Street, ask: Ask, query: dict[str, str]
    ) -> None:
        answer = ask(street.admin, "/items", **query)
        assert (answer.status_code, set(answer.json["errors"])) == (422, set(query))


class TestPhotosInTheList:
    @pytest.mark.parametrize("count", [1, 5])
    def test_every_item_says_how_its_photos_stand_and_one_query_finds_it_out(
        self, client: FlaskClient, phone: Phone, street: Street, ask: Ask, count: int
    ) -> None:
        there, missing = picture("red"), picture("green")
        Tus(client, phone).hand_in(there)
        states = {}
        for _ in range(count):
            for state, files in (
                ("none", []),
                ("pending", [there, missing]),
                ("complete", [there]),
            ):
                media = [{"sha256": sha256(file), "role": "near"} for file in files]
                states[hand_in(client, phone, seq=len(states) + 1, media=media)] = state
        asked: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
        shown = ask(street.admin, "/items").json["results"]
        assert {item["id"]: item["photos"] for item in shown} == states
        assert sum("item_media" in statement for statement in asked) == 1


class TestOneItem:
    def test_its_bytes_are_those_that_were_sent(
        self, client: FlaskClient, phone: Phone, street: Street, ask: Ask
    ) -> None:
        raw = b'  {"b":{"c":[1.50,1e2,"\\u4e00"]},' + line().strip()[1:] + b" "
        exchange(client, phone, raw)
        answer = ask(street.supervisor, f"/items/{json.loads(raw)['id']}")
        assert answer.json["raw"].encode() == raw
        assert (answer.headers["ETag"], answer.json["version"]) == ('"1"', 1)

    def test_its_photos_come(
        self, client: FlaskClient, phone: Phone, street: Street, ask: Ask
    ) -> None:
        contents = [picture("red"), picture("green")]
        media = [{"sha256": sha256(content), "role": "near"} for content in contents]
        bare = hand_in(client, phone, seq=1)
        item = hand_in(client, phone, seq=2, media=media)
        states = [ask(street.admin, f"/items/{bare}").json["photos"]]
        for content in (None, *contents):
            if content is not None:
                Tus(client, phone).hand_in(content)
            states.append(ask(street.admin, f"/items/{item}").json["photos"])
        assert states == ["none", "pending", "pending", "complete"]
        shown = ask(street.admin, f"/items/{item}").json["media"]
        assert {file["sha256"] for file in shown} == {entry["sha256"] for entry in media}

    def test_who_does_not_reach_it_does_not_learn_that_it_is_there(
        self, client: FlaskClient, phone: Phone, street: Street, ask: Ask
    ) -> None:
        item = hand_in(client, phone)
        foreign = ask(street.workers[1], f"/items/{item}")
        assert (foreign.status_code, foreign.json["code"]) == (404, "not_found")
        assert foreign.json == ask(street.workers[1], f"/items/{uuid7()}").json
        assert ask(street.workers[0], f"/items/{item}").status_code == 200


class TestTheQuarantine:
    def test_each_argument_narrows_it(
        self, client: FlaskClient, street: Street, phone: Phone, ask: Ask
    ) -> None:
        there = factories.device_for(street.workers[3])
        bad = set_aside(client, phone, ask, street, b"hello")
        dance = set_aside(client, there, ask, street, line("dance"))

        def listed(**query: str) -> list[str]:
            rows = ask(street.supervisor, "/quarantine", **query).json["results"]
            return [row["id"] for row in rows]

        assert listed() == [bad, dance]
        assert listed(code="bad_json") == [bad]
        assert listed(member=street.workers[3]) == [dance]
        assert (listed(state="open"), listed(state="replayed")) == ([bad, dance], [])
        assert (listed(limit="1"), listed(after=bad)) == ([bad], [dance])

    @pytest.mark.parametrize(
        "query", [{"after": "x"}, {"state": "lost"}, {"member": "x"}], ids=lambda q: "-".join(q)
    )
    def test_a_query_that_is_none_is_422(
        self, street: Street, ask: Ask, query: dict[str, str]
    ) -> None:
        answer = ask(street.admin, "/quarantine", **query)
        assert (answer.status_code, set(answer.json["errors"])) == (422, set(query))

    @pytest.mark.parametrize(
        ("raw", "text"), [(LATIN, None), (b'{"text":', '{"text":')], ids=["latin", "cut"]
    )
    def test_a_line_is_shown_with_its_bytes(
        self,
        client: FlaskClient,
        street: Street,
        phone: Phone,
        ask: Ask,
        raw: bytes,
        text: str | None,
    ) -> None:
        id_ = set_aside(client, phone, ask, street, raw)
        answer = ask(street.supervisor, f"/quarantine/{id_}")
        assert base64.b64decode(answer.json["raw_base64"]) == raw
        assert (answer.json["raw"], answer.json["code"]) == (text, "bad_json")
        assert answer.headers["ETag"] == '"1"'

    def test_it_is_not_for_leaders_nor_for_other_streets(
        self, client: FlaskClient, street: Street, phone: Phone, ask: Ask
    ) -> None:
        id_ = set_aside(client, phone, ask, street, b"hello")
        stranger = factories.street().supervisor
        assert ask(street.leader, "/quarantine").status_code == 403
        assert ask(stranger, "/quarantine").json["results"] == []
        for path, method in ((f"/quarantine/{id_}", "GET"), (f"/quarantine/{id_}/replay", "POST")):
            assert ask(stranger, path, method).status_code == 404


class TestReplay:
    def test_a_form_upgrade_makes_an_item_of_it(
        self,
        client: FlaskClient,
        street: Street,
        phone: Phone,
        ask: Ask,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        content = picture()
        raw = line(schema=2, media=[{"sha256": sha256(content)}])
        id_ = set_aside(client, phone, ask, street, raw)
        monkeypatch.setitem(schemas.BODIES, ("report", 2), schemas.BODIES["report", 1])

        answer = ask(street.supervisor, f"/quarantine/{id_}/replay", "POST")

        assert (answer.status_code, answer.json["state"]) == (200, "replayed")
        verdict = answer.json["verdict"]
        assert (verdict["status"], verdict["replay"]) == ("accepted", False)
        assert answer.headers["ETag"] == '"2"'
        item = ask(street.supervisor, f"/items/{verdict['id']}").json
        assert (item["raw"].encode(), item["photos"]) == (raw, "pending")

        told = exchange(client, phone, raw)
        assert [(r["status"], r["replay"]) for r in told["results"]] == [("accepted", True)]
        assert [file["sha256"] for file in told["media"]] == [sha256(content)]
        (change,) = told["changes"]
        assert (change["kind"], change["body"]["status"]) == ("item", "accepted")

    def test_a_mended_room_applies_it(
        self, client: FlaskClient, street: Street, phone: Phone, ask: Ask, put_in: PutIn
    ) -> None:
        put_in(("report",), raising)
        raw = line()
        id_ = set_aside(client, phone, ask, street, raw)
        path = f"/quarantine/{id_}/replay"
        broken = ask(street.supervisor, path, "POST")
        assert (broken.status_code, broken.json["code"]) == (422, "handler_failed")
        row = ask(street.supervisor, f"/quarantine/{id_}").json
        assert (row["state"], row["code"], row["detail"]) == (
            "open",
            "handler_failed",
            "ZeroDivisionError",
        )

        applied: list[str] = []

        def mended(session: Any, items: Sequence[Incoming]) -> Any:
            applied.extend(item.id for item in items)
            return [ACCEPTED] * len(items)

        put_in(("report",), mended)
        assert ask(street.supervisor, path, "POST").json["verdict"]["status"] == "accepted"
        assert applied == [json.loads(raw)["id"]]
        again = ask(street.supervisor, path, "POST")
        assert (again.status_code, again.json["code"]) == (409, "state_illegal")
        assert len(applied) == 1

    def test_what_still_cannot_be_used_stays(
        self, client: FlaskClient, street: Street, phone: Phone, ask: Ask
    ) -> None:
        id_ = set_aside(client, phone, ask, street, line(body={"category": 5}))
        answer = ask(street.supervisor, f"/quarantine/{id_}/replay", "POST").json
        assert answer["verdict"]["code"] == "schema_invalid"
        assert (answer["state"], answer["version"]) == ("open", 2)
        assert ask(street.supervisor, "/items").json["results"] == []

    def test_a_line_whose_id_was_mended_meanwhile_conflicts(
        self, client: FlaskClient, street: Street, phone: Phone, ask: Ask, put_in: PutIn
    ) -> None:
        put_in(("visit",), raising)
        spoilt = line("visit", {})
        id_ = set_aside(client, phone, ask, street, spoilt)
        mended = line(id=json.loads(spoilt)["id"], body=REPORT)
        assert exchange(client, phone, mended)["results"][0]["status"] == "accepted"

        answer = ask(street.supervisor, f"/quarantine/{id_}/replay", "POST").json

        assert answer["verdict"]["status"] == "conflict"
        (item,) = ask(street.supervisor, "/items").json["results"]
        assert item["kind"] == "report"
