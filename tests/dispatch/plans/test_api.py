"""Plans over HTTP: made, changed, stopped, looked ahead, run by hand, refused by what is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.dispatch.plans import jobs
from server.kernel import clock
from server.kernel.ids import uuid7
from tests import factories
from tests.dispatch import given
from tests.dispatch.given import MONDAY
from tests.factories import Street

PLANS = "/api/v1/plans"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Caller:
    """Somebody at the plans' doors."""

    def __init__(self, client: FlaskClient, member: str) -> None:
        self._client, self._token = client, factories.token_for(member, hours=24 * 365)

    def ask(self, method: str, path: str = "", body: Any = None, **headers: Any) -> TestResponse:
        """`if_match=2` and the like become headers."""
        named = factories.auth(self._token, **{name: str(one) for name, one in headers.items()})
        return self._client.open(f"{PLANS}{path}", method=method, json=body, headers=named)

    def make(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.ask("POST", "", body)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    def change(self, plan: dict[str, Any], **changes: Any) -> TestResponse:
        return self.ask("PATCH", f"/{plan['id']}", changes, if_match=plan["version"])

    def shown(self, plan: dict[str, Any]) -> dict[str, Any]:
        return dict(self.ask("GET", f"/{plan['id']}").json)


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


@pytest.fixture
def supervisor(client: FlaskClient, street: Street) -> Iterator[Caller]:
    """On a Monday at nine."""
    with clock.standing_at(MONDAY):
        yield Caller(client, street.supervisor)


def daily(street: Street, **more: Any) -> dict[str, Any]:
    """Daily at eight for the three workers of the first community."""
    body = {"name": "日检", "area": street.communities[0], "rhythm": {"unit": "day"}}
    return body | {"task": {"title": "检查消防通道"}} | more


def look(days: float) -> int:
    """The worker looks so many days after that Monday."""
    with clock.standing_at(MONDAY + days * DAY):
        return jobs.look(given.settings(), clock.now())


def test_a_plan_is_made_shown_and_listed(supervisor: Caller, street: Street) -> None:
    made = supervisor.make(daily(street, missed="each"))
    assert (made["name"], made["area"], made["pack"]) == ("日检", street.communities[0], None)
    assert (made["active"], made["missed"], made["version"]) == (True, "each", 1)
    assert made["rhythm"]["from_day"] == "2026-11-23"
    assert (made["upto"], made["runs"]) == (clock.iso(MONDAY), [])
    shown = supervisor.ask("GET", f"/{made['id']}")
    assert (shown.json, shown.headers["ETag"]) == (made, '"1"')
    listed = supervisor.ask("GET", f"?area={street.street}").json
    assert [one["id"] for one in listed["results"]] == [made["id"]]
    assert supervisor.ask("GET", f"?area={street.communities[1]}").json["results"] == []


def test_sent_again_it_is_the_same_plan(supervisor: Caller, street: Street) -> None:
    key = uuid7()
    first = supervisor.ask("POST", "", daily(street), idempotency_key=key)
    again = supervisor.ask("POST", "", daily(street), idempotency_key=key)
    assert (again.status_code, again.json) == (201, first.json)
    assert len(supervisor.ask("GET").json["results"]) == 1


def test_its_runs_are_shown_the_newest_first(supervisor: Caller, street: Street) -> None:
    made = supervisor.make(daily(street))
    assert [look(1), look(2)] == [3, 3]
    runs = supervisor.shown(made)["runs"]
    assert [run["at"] for run in runs] == ["2026-11-25T00:00:00.000Z", "2026-11-24T00:00:00.000Z"]
    assert {(run["tasks"], run["stands_for"], run["problem"]) for run in runs} == {(3, 1, None)}


def test_a_change_needs_the_version_that_was_seen(supervisor: Caller, street: Street) -> None:
    made = supervisor.make(daily(street))
    bare = supervisor.ask("PATCH", f"/{made['id']}", {"name": "另名"})
    assert (bare.status_code, bare.json["code"]) == (428, "version_needed")
    changed = supervisor.change(made, name="周检", rhythm={"unit": "week", "weekday": 2})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (changed.json["name"], changed.json["rhythm"]["weekday"]) == ("周检", 2)
    old = supervisor.change(made, name="第三名")
    assert (old.status_code, old.json["code"]) == (412, "version_old")
    assert supervisor.shown(made)["name"] == "周检"
    gone = supervisor.ask("DELETE", f"/{made['id']}", if_match=1)
    assert gone.status_code == 412
    assert supervisor.ask("DELETE", f"/{made['id']}", if_match=2).status_code == 204
    assert supervisor.ask("GET", f"/{made['id']}").status_code == 404


def test_stopped_it_gives_nothing_and_misses_nothing(supervisor: Caller, street: Street) -> None:
    stopped = supervisor.change(supervisor.make(daily(street)), active=False).json
    assert stopped["active"] is False
    assert look(3) == 0
    with clock.standing_at(MONDAY + 3 * DAY):
        assert supervisor.change(stopped, active=True).status_code == 200
    assert [look(3.5), look(4)] == [0, 3]
    assert [run["stands_for"] for run in supervisor.shown(stopped)["runs"]] == [1]


def test_what_comes_is_told_before(supervisor: Caller, street: Street) -> None:
    made = supervisor.make(daily(street, rhythm={"unit": "week", "weekday": 5, "at": "14:30"}))
    ahead = supervisor.ask("GET", f"/{made['id']}/next?days=14").json
    fridays = ["2026-11-27T06:30:00.000Z", "2026-12-04T06:30:00.000Z"]
    assert ahead == {"results": fridays, "tasks": 3, "problem": None}
    assert len(supervisor.ask("GET", f"/{made['id']}/next").json["results"]) == 4
    assert supervisor.shown(made)["runs"] == []
    stopped = supervisor.change(made, active=False).json
    assert supervisor.ask("GET", f"/{stopped['id']}/next").json["results"] == []


@pytest.mark.parametrize("days", ["0", "367", "x"])
def test_it_looks_a_year_ahead_at_most(supervisor: Caller, street: Street, days: str) -> None:
    made = supervisor.make(daily(street))
    answer = supervisor.ask("GET", f"/{made['id']}/next?days={days}")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["days"])


def test_where_nobody_would_get_it_that_is_told(supervisor: Caller, street: Street) -> None:
    made = supervisor.make(daily(street, area=street.grids[0]))
    factories.vacate(street.grids[0])
    ahead = supervisor.ask("GET", f"/{made['id']}/next?days=1").json
    assert (ahead["tasks"], ahead["problem"]) == (0, "nobody_reached")


def test_run_by_hand_it_gives_once_more(supervisor: Caller, street: Street) -> None:
    made, key = supervisor.make(daily(street)), uuid7()
    answer = supervisor.ask("POST", f"/{made['id']}/run", {}, idempotency_key=key)
    assert answer.status_code == 202
    run = answer.json
    assert (run["at"], run["tasks"], run["stands_for"]) == (clock.iso(MONDAY), 3, 0)
    again = supervisor.ask("POST", f"/{made['id']}/run", {}, idempotency_key=key)
    assert (again.status_code, again.json) == (202, run)
    given.drive(run["push"])
    given.check_each_once(run["push"])
    assert given.assignees(run["push"]) == dict.fromkeys(street.workers[:3], 1)
    shown = supervisor.shown(made)
    assert (shown["runs"], shown["version"], shown["upto"]) == ([run], 1, made["upto"])
    assert look(1) == 3


def test_a_stopped_plan_is_run_by_hand_too(supervisor: Caller, street: Street) -> None:
    stopped = supervisor.change(supervisor.make(daily(street)), active=False).json
    assert supervisor.ask("POST", f"/{stopped['id']}/run", {}).json["tasks"] == 3


def test_by_hand_nobody_is_an_answer_and_no_run(supervisor: Caller, street: Street) -> None:
    made = supervisor.make(daily(street, area=street.grids[0]))
    factories.vacate(street.grids[0])
    answer = supervisor.ask("POST", f"/{made['id']}/run", {})
    assert (answer.status_code, answer.json["code"]) == (422, "nobody_reached")
    assert supervisor.shown(made)["runs"] == []


@pytest.fixture
def asked_above_two(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two tasks need their number confirmed."""
    monkeypatch.setitem(app.extensions, "gewu_settings", replace(given.settings(), push_ask=2))


def test_a_plan_of_so_many_asks_for_their_number(
    supervisor: Caller, street: Street, asked_above_two: None
) -> None:
    answer = supervisor.ask("POST", "", daily(street))
    assert answer.status_code == 409
    assert (answer.json["code"], answer.json["number"]) == ("confirm_needed", 3)
    assert supervisor.ask("POST", "", daily(street, confirm=2)).status_code == 409
    assert supervisor.ask("GET").json["results"] == []
    made = supervisor.make(daily(street, confirm=3))
    assert look(1) == 3
    factories.member("worker", street.communities[0])
    by_hand = supervisor.ask("POST", f"/{made['id']}/run", {})
    assert (by_hand.status_code, by_hand.json["number"]) == (409, 4)
    assert supervisor.ask("POST", f"/{made['id']}/run", {"confirm": 4}).json["tasks"] == 4
    # What was confirmed by hand was confirmed for once.
    assert look(2) == 0
    assert supervisor.shown(made)["runs"][0]["problem"] == "confirm_needed"
    assert supervisor.change(made, name="另名").status_code == 409
    assert supervisor.change(made, confirm=4).status_code == 200
    assert look(3) == 4


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "invalid", "name"),
    ({"name": None}, "invalid", "name"),
    ({"area": "x"}, "invalid", "area"),
    ({"area": None}, "invalid", "area"),
    ({"colour": "red"}, "invalid", "colour"),
    ({"missed": "never"}, "invalid", "missed"),
    ({"confirm": "3"}, "invalid", "confirm"),
    ({"confirm": 10**12}, "invalid", "confirm"),
    ({"confirm": -1}, "invalid", "confirm"),
    ({"target": {"role": "king"}}, "invalid", "target"),
    ({"target": {"role": "worker", "post": "x"}}, "invalid", "target"),
    ({"task": {}}, "invalid", "task"),
    ({"task": {"title": "x", "priority": 9}}, "invalid", "task"),
    ({"template": "no_such"}, "template_unknown", "template"),
    ({"rhythm": None}, "invalid", "rhythm"),
    ({"rhythm": {}}, "invalid", "rhythm"),
    ({"rhythm": {"unit": "year"}}, "invalid", "rhythm"),
    ({"rhythm": {"unit": "day", "count": 0}}, "invalid", "rhythm"),
    ({"rhythm": {"unit": "day", "at": "25:00"}}, "invalid", "rhythm"),
    ({"rhythm": {"unit": "day", "at": "08:00Z"}}, "invalid", "rhythm"),
    ({"rhythm": {"unit": "day", "from_day": "someday"}}, "invalid", "rhythm"),
    ({"rhythm": {"unit": "work_day", "count": 2, "from_day": "0001-01-01"}}, "invalid", "rhythm"),
    ({"rhythm": {"unit": "day", "weekday": 5}}, "rhythm_invalid", "rhythm"),
    ({"rhythm": {"unit": "week", "day": 5}}, "rhythm_invalid", "rhythm"),
    ({"rhythm": {"unit": "month", "nth": 1}}, "rhythm_invalid", "rhythm"),
]


@pytest.mark.parametrize(("change", "code", "field"), BAD)
def test_what_is_wrong_is_named_in_both_languages(
    supervisor: Caller, street: Street, change: dict[str, Any], code: str, field: str
) -> None:
    body = daily(street) | change
    zh = supervisor.ask("POST", "", body)
    en = supervisor.ask("POST", "", body, accept_language="en")
    assert (zh.status_code, zh.json["code"], list(zh.json["errors"])) == (422, code, [field])
    assert (en.status_code, en.json["code"], list(en.json["errors"])) == (422, code, [field])
    assert not zh.json["title"].isascii()
    assert en.json["title"].isascii()
    assert supervisor.ask("GET").json["results"] == []


@pytest.mark.parametrize(("change", "code", "field"), BAD)
def test_a_change_is_held_to_the_same(
    supervisor: Caller, street: Street, change: dict[str, Any], code: str, field: str
) -> None:
    made = supervisor.make(daily(street))
    answer = supervisor.change(made, **change)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert list(answer.json["errors"]) == [field]
    assert supervisor.shown(made) == made


def test_no_json_is_no_plan(supervisor: Caller, client: FlaskClient, street: Street) -> None:
    headers = factories.auth(factories.token_for(street.supervisor, hours=24 * 365))
    sent = {"data": b"{", "content_type": "application/json"}
    answer = client.post(PLANS, headers=headers, **sent)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_a_plan_of_others_is_neither_shown_nor_run(
    client: FlaskClient, supervisor: Caller, street: Street
) -> None:
    made = supervisor.make(daily(street))
    stranger = Caller(client, factories.street().supervisor)
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/next", None),
        ("PATCH", "", {"active": False}),
        ("POST", "/run", {}),
        ("DELETE", "", None),
    ):
        answer = stranger.ask(method, f"/{made['id']}{path}", body, if_match=1)
        assert (method, path, answer.status_code) == (method, path, 404)
