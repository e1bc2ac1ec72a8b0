"""The doors of packs and of the calendar."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.kernel import clock
from tests import factories
from tests.factories import Street
from tests.packs.calendars import local
from tests.regime.conftest import Hold, text

Ask = Callable[..., TestResponse]
NOON = local("2026-11-26 12:00")
PACKS, CALENDAR = "/api/v1/packs", "/api/v1/calendar"


@pytest.fixture
def ask(client: FlaskClient, street: Street) -> Ask:
    """(method, path, …) → the answer to an admin at noon."""
    token = factories.token_for(street.admin)

    def send(method: str, path: str, **given: Any) -> TestResponse:
        headers = factories.auth(token) | given.pop("headers", {})
        with clock.standing_at(NOON):
            return client.open(path, method=method, headers=headers, **given)

    with clock.standing_at(NOON):
        token = factories.token_for(street.admin)
    return send


def days(answer: TestResponse) -> list[tuple[str, bool, str, str]]:
    return [(d["day"], d["working"], d["source"], d["note"]) for d in answer.json["results"]]


def test_a_stretch_of_the_calendar(ask: Ask) -> None:
    found = days(ask("GET", f"{CALENDAR}?from=2026-12-31&to=2027-01-02"))
    assert found == [
        ("2026-12-31", True, "library", ""),
        ("2027-01-01", True, "provisional", ""),
        ("2027-01-02", False, "provisional", ""),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?from=2026-12-31",
        "?from=2026-12-31&to=2026-12-30",
        "?from=2026-01-01&to=2027-12-31",
        "?from=x&to=2026-12-30",
    ],
)
def test_a_stretch_that_is_none(ask: Ask, query: str) -> None:
    answer = ask("GET", f"{CALENDAR}{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_the_last_days_that_can_be_written(ask: Ask) -> None:
    assert len(days(ask("GET", f"{CALENDAR}?from=9999-12-30&to=9999-12-31"))) == 2


def test_an_order_and_its_end(ask: Ask) -> None:
    path = f"{CALENDAR}/2027-02-06"
    ordered = ask("PUT", path, json={"working": True, "note": "调休"})
    told = {"day": "2027-02-06", "working": True, "source": "admin", "note": "调休"}
    assert (ordered.status_code, ordered.json) == (200, told)
    assert days(ask("GET", f"{CALENDAR}?from=2027-02-06&to=2027-02-06")) == [tuple(told.values())]
    assert ask("DELETE", path).json == {
        "day": "2027-02-06",
        "working": False,
        "source": "provisional",
        "note": "",
    }


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("2027-02-30", {"working": True}, 404),
        ("tomorrow", {"working": True}, 404),
        ("2027-02-06", {}, 422),
        ("2027-02-06", {"working": "perhaps"}, 422),
        ("2027-02-06", {"working": True, "note": "x" * 201}, 422),
        ("2027-02-06", {"working": True, "note": "\x00"}, 422),
        *(("2027-02-06", {"working": odd}, 422) for odd in ("yes", "true", 1, 0, None)),
        ("1900-01-01", {"working": True}, 200),
        ("2036-11-26", {"working": False}, 200),
        ("2036-11-27", {"working": False}, 422),
        ("1899-12-31", {"working": True}, 422),
        ("0001-01-01", {"working": True}, 422),
        ("9999-01-01", {"working": False}, 422),
    ],
)
def test_orders_good_and_bad(ask: Ask, path: str, body: Any, status: int) -> None:
    assert ask("PUT", f"{CALENDAR}/{path}", json=body).status_code == status


def test_a_day_beyond_the_calendar_is_named(ask: Ask) -> None:
    path = f"{CALENDAR}/9999-12-31"
    refused = ask("PUT", path, json={"working": False}).json
    assert (refused["code"], list(refused["errors"])) == ("day_beyond", ["day"])
    assert ask("DELETE", path).status_code == 200


def install(ask: Ask, query: str, said: str, **given: Any) -> TestResponse:
    return ask("POST", f"{PACKS}?{query}", data=said.encode(), **given)


def test_a_pack_is_installed_listed_and_read(ask: Ask, street: Street) -> None:
    made = install(ask, f"from=2026-12-01&area={street.street}", text())
    assert made.status_code == 201
    assert (made.json["pack"], made.json["version"], made.json["area"]) == (
        "river",
        1,
        street.street,
    )
    install(ask, "from=2026-11-26", text("all"))
    listed = ask("GET", PACKS).json["results"]
    assert [(row["pack"], row["area"], row["from_day"], row["current"]) for row in listed] == [
        ("all", None, "2026-11-26", True),
        ("river", street.street, "2026-12-01", False),
    ]
    answer = ask("GET", f"{PACKS}/river/1")
    assert answer.get_data(as_text=True) == text()
    assert answer.mimetype == "application/yaml"
    again = ask("GET", f"{PACKS}/river/1", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_every_mistake_is_told_in_the_callers_language(ask: Ask) -> None:
    said = "pack: {id: river, version: 1, name: 河道}\ncalendar: {hours: [18:30-12:00]}\nfoo: 1\n"
    for language, word in (("en", "18:30"), ("zh-CN", "18:30")):
        answer = install(ask, "from=2026-12-01", said, headers={"Accept-Language": language})
        assert (answer.status_code, answer.json["code"]) == (422, "pack_invalid")
        assert {m["line"] for m in answer.json["mistakes"]} == {2, 3}
        assert any(word in m["wrong"] + m["right"] for m in answer.json["mistakes"])
        assert all(m["code"] and m["wrong"] and m["right"] for m in answer.json["mistakes"])
    assert ask("GET", PACKS).json["results"] == []


@pytest.mark.parametrize(
    ("query", "said", "status", "code"),
    [
        ("", text(), 422, "invalid"),
        ("from=2026-11-25", text(), 422, "pack_past"),
        (
            "from=2026-12-01&area=0199a000-0000-7000-8000-000000000000",
            text(),
            422,
            "reference_unknown",
        ),
        ("from=2026-12-01&area=x", text(), 422, "invalid"),
        ("from=2026-12-01", "", 422, "pack_invalid"),
        ("from=2026-12-01", "a: [", 422, "pack_invalid"),
    ],
)
def test_what_is_refused(ask: Ask, query: str, said: str, status: int, code: str) -> None:
    answer = install(ask, query, said)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_bytes_that_are_no_text(ask: Ask) -> None:
    answer = ask("POST", f"{PACKS}?from=2026-12-01", data=b"\xff\xfe\x00")
    assert (answer.status_code, answer.json["code"]) == (422, "pack_invalid")


def test_a_day_that_is_over_must_be_meant(ask: Ask) -> None:
    assert install(ask, "from=2026-11-01&past=true", text()).status_code == 201


def test_other_bytes_under_a_known_version(ask: Ask) -> None:
    install(ask, "from=2026-12-01", text())
    answer = install(ask, "from=2026-12-01", text(hours="09:00-10:00"))
    assert (answer.status_code, answer.json["code"]) == (409, "pack_changed")


def test_a_key_gives_the_first_answer_again(ask: Ask) -> None:
    key = {"Idempotency-Key": "k"}
    first, second = (install(ask, "from=2026-12-01", text(), headers=key) for _ in range(2))
    assert first.json == second.json


def test_devices_read_a_pack(client: FlaskClient, street: Street, hold: Hold) -> None:
    hold(from_day=date(2026, 11, 1))
    phone = factories.device_for(street.workers[0])
    answer = client.get(f"{PACKS}/river/1", headers=factories.auth(phone.token))
    assert answer.get_data(as_text=True) == text()
    for path in ("river/2", "lake/1", f"river/{2**64}"):
        assert client.get(f"{PACKS}/{path}", headers=factories.auth(phone.token)).status_code == 404
