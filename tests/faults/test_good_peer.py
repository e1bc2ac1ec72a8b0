"""What a good peer does when it is poked: a table of observed answers, each with a good outcome.

Every row was observed on the best of the existing servers; where its answer was judged bad (false
refusals, doubles, silent losses, broken records stored as successes), here is the opposite promise.
Its two rows on memory are in test_memory.py, kill -9 is in tests/journeys/test_killed_server.py.
"""

import json
from functools import partial
from typing import Any

import pytest

from fieldkit.blobs import Photo
from fieldkit.errors import Offline
from fieldkit.simulator.faults import send_part
from fieldkit.transport import HttpTransport, Request, Response
from server.kernel.ids import uuid7
from tests.journeys.at_once import all_at_once
from tests.journeys.web import Wire, call
from tests.journeys.world import Device, World
from tests.media.tools import checksum, metadata, picture, sha256
from tests.wire import REPORT, line

ROUNDS = 15
OCTETS = "application/offset+octet-stream"


def naming(content: bytes, **given: Any) -> bytes:
    """A report that names a photo."""
    return line(media=[{"sha256": sha256(content), "size": len(content)}], **given)


def upload(wire: Wire, content: bytes) -> tuple[int, int]:
    """Send a whole photo; (status of the creation, offset that it answered)."""
    path = "/media/uploads"
    named = {"tus_resumable": "1.0.0"}
    given = {
        "upload_length": str(len(content)),
        "upload_metadata": metadata(sha256=sha256(content), type="image/jpeg"),
    }
    made = call(wire.url, "POST", path, wire.phone.token, **named, **given)
    offset = int(made.headers["upload-offset"])
    if offset < len(content):
        place = made.headers["location"].removeprefix("/api/v1")
        sent = content[offset:]
        given = {"content_type": OCTETS, "upload_offset": str(offset)}
        given["upload_checksum"] = checksum(sent)
        done = call(wire.url, "PATCH", place, wire.phone.token, sent, **named, **given)
        assert done.status == 204, done.body
    return made.status, offset


def photos(world: World, raw: bytes) -> str:
    return str(world.supervisor.get(f"/items/{json.loads(raw)['id']}")["photos"])


def kept_aside(world: World) -> list[dict[str, Any]]:
    return list(world.supervisor.get("/quarantine")["results"])


def test_a_report_without_its_photo_is_not_called_complete(world: World, wire: Wire) -> None:
    """Theirs: 201 "full submission upload was successful!"."""
    content = picture("red")
    raw = naming(content)

    answer = wire.exchange(raw)

    assert answer["results"][0]["status"] == "accepted"
    assert answer["media"] == [{"sha256": sha256(content), "state": "missing", "offset": 0}]
    assert photos(world, raw) == "pending"


def test_the_same_again_with_the_photo_and_once_more(world: World, wire: Wire) -> None:
    """Theirs: 201, 201; idempotent, attaches the late photo."""
    content = picture("red")
    raw = naming(content)
    wire.exchange(raw)

    assert wire.exchange(raw)["results"][0]["replay"] is True
    assert upload(wire, content) == (201, 0)
    assert photos(world, raw) == "complete"
    assert upload(wire, content) == (201, len(content))
    again = wire.exchange(raw)
    assert (again["results"][0]["replay"], again["media"]) == (True, [])


def test_other_photo_bytes_never_replace_the_first(world: World, wire: Wire) -> None:
    """Theirs: 201, photo silently replaced."""
    first, other = picture("red"), picture("blue")
    raw = naming(first)
    wire.exchange(raw)
    upload(wire, first)

    changed = raw.replace(sha256(first).encode(), sha256(other).encode())
    (result,) = wire.exchange(changed)["results"]
    upload(wire, other)

    assert (result["status"], result["code"]) == ("conflict", "id_conflict")
    shown = world.supervisor.get(f"/items/{json.loads(raw)['id']}")
    assert [file["sha256"] for file in shown["media"]] == [sha256(first)]
    assert world.supervisor.ask("GET", f"/media/{sha256(first)}").body == first
    (kept,) = kept_aside(world)
    assert world.supervisor.get(f"/quarantine/{kept['id']}")["raw"].encode() == changed


def test_a_file_that_no_item_names_waits_for_one(world: World, wire: Wire) -> None:
    """Theirs: 201 "full … successful", file dropped."""
    content = picture("red")
    assert upload(wire, content) == (201, 0)

    raw = naming(content)
    assert wire.exchange(raw)["media"] == []

    assert photos(world, raw) == "complete"


def test_the_same_id_with_another_content_is_a_conflict_and_both_are_kept(
    world: World, wire: Wire
) -> None:
    """Theirs: 409 with a clear text. Here an answer on the item, and the bytes stay."""
    id_ = uuid7()
    first, second = line(id=id_), line(id=id_)
    wire.exchange(first)

    answer = wire.post([second])

    (result,) = answer.json["results"]
    assert (answer.status, result["status"], result["code"]) == (200, "conflict", "id_conflict")
    assert result["message"]
    assert world.supervisor.get(f"/items/{id_}")["raw"].encode() == first
    (kept,) = kept_aside(world)
    assert world.supervisor.get(f"/quarantine/{kept['id']}")["raw"].encode() == second


def test_a_trailing_newline_more_is_the_same_item(wire: Wire) -> None:
    """Theirs: 409, brittle."""
    raw = line()
    wire.exchange(raw)

    results = wire.exchange(raw, b"", b"")["results"]

    assert [(r["status"], r["replay"]) for r in results] == [("accepted", True)]


@pytest.mark.parametrize("at_once", [2, 8])
def test_the_same_new_item_at_once_is_never_refused(world: World, wire: Wire, at_once: int) -> None:
    """Theirs: in 75 of 150 rounds a false and final-sounding 409; with eight, in 133."""
    lines = [line(seq=number + 1) for number in range(ROUNDS)]
    for raw in lines:
        answers = all_at_once([partial(wire.post, [raw])] * at_once)
        results = [answer.json["results"][0] for answer in answers]
        assert {answer.status for answer in answers} == {200}
        assert {(r["status"], r["code"]) for r in results} == {("accepted", None)}
        assert sorted(r["replay"] for r in results) == [False] + [True] * (at_once - 1)
    assert len(world.supervisor.items()) == ROUNDS


def test_a_correction_sent_again_is_one_correction(world: World, wire: Wire) -> None:
    """Theirs: 201, 201; good."""
    first = line(seq=1)
    wire.exchange(first)
    correction = line(seq=2, replaces=json.loads(first)["id"])

    assert wire.exchange(correction)["results"][0]["replay"] is False
    assert wire.exchange(correction)["results"][0]["replay"] is True

    assert len(world.supervisor.items()) == 2


def test_the_second_correction_of_one_item_has_a_home_too(world: World) -> None:
    """Theirs: 409 "now out of date", nothing kept (two devices offline)."""
    one, two = world.wire(0), world.wire(0)
    first = line(seq=1)
    one.exchange(first)
    replaced = json.loads(first)["id"]
    corrections = [line(seq=2, replaces=replaced), line(seq=1, replaces=replaced)]

    statuses = [
        wire.exchange(raw)["results"][0]["status"]
        for wire, raw in zip((one, two), corrections, strict=True)
    ]

    assert statuses == ["accepted", "accepted"]
    shown = {item["id"]: item for item in world.supervisor.items()}
    for raw in (first, *corrections):
        id_ = json.loads(raw)["id"]
        assert world.supervisor.get(f"/items/{id_}")["raw"].encode() == raw
        assert shown[id_]["status"] == "accepted"


def test_the_original_again_after_the_office_judged_it_gets_its_first_answer(
    world: World, wire: Wire
) -> None:
    """Theirs: 409 "… copy you were editing (undefined) …": the retry fails for ever."""
    shift = uuid7()
    end = line("shift_end", {"shift": shift}, seq=2)
    (first,) = wire.exchange(end)["results"]
    assert first["flags"] == ["held"]
    wire.exchange(line("shift_start", {"shift": shift}, seq=1))
    assert world.supervisor.get(f"/items/{first['id']}")["held"] is False

    (again,) = wire.exchange(end)["results"]

    assert again == first | {"replay": True}


def test_an_unknown_form_version_does_not_wait_on_the_phone(world: World, wire: Wire) -> None:
    """Theirs: 404, the record must wait on the device."""
    unknown = line("form", {"form": "house", "version": "99", "data": {"a": 1}}, seq=1)
    newer = line("form", {"form": "house", "data": {}}, seq=2, schema=9)

    results = wire.exchange(unknown, newer)["results"]

    assert [(r["status"], r["code"]) for r in results] == [
        ("accepted", None),
        ("quarantined", "schema_unknown"),
    ]
    (kept,) = kept_aside(world)
    assert world.supervisor.get(f"/quarantine/{kept['id']}")["raw"].encode() == newer


def test_without_an_id_five_times_is_one_line(world: World, wire: Wire) -> None:
    """Theirs: 5 × 201, five rows."""
    item = json.loads(line())
    del item["id"]
    raw = json.dumps(item).encode()

    results = [wire.exchange(raw)["results"][0] for _ in range(5)]

    assert [r["replay"] for r in results] == [False, True, True, True, True]
    assert {(r["status"], r["code"]) for r in results} == {("quarantined", "schema_invalid")}
    assert len(kept_aside(world)) == 1
    assert world.supervisor.items() == []


def test_cut_off_three_times_is_no_success_and_one_line(world: World, wire: Wire) -> None:
    """Theirs: 3 × 201, three rows; broken records stored as a success."""
    raw = line(body=REPORT | {"text": "长" * 500})[:300]

    results = [wire.exchange(raw)["results"][0] for _ in range(3)]

    assert {(r["status"], r["code"]) for r in results} == {("quarantined", "bad_json")}
    assert len(kept_aside(world)) == 1
    assert world.supervisor.items() == []


def test_the_whole_line_wins_over_its_cut_copy(world: World, wire: Wire) -> None:
    """Theirs: 201, then 409: the truncated copy wins for ever."""
    raw = line()

    (cut,) = wire.exchange(raw[:-20])["results"]
    (whole,) = wire.exchange(raw)["results"]

    assert (cut["status"], whole["status"]) == ("quarantined", "accepted")
    assert world.supervisor.get(f"/items/{whole['id']}")["raw"].encode() == raw


class Tearing(HttpTransport):
    """Tears the second piece of an upload in half; `sent` counts the bytes of photos on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[int] = []

    def send(self, request: Request) -> Response:
        if request.method != "PATCH":
            return super().send(request)
        self.sent.append(len(request.body))
        if len(self.sent) == 2:
            send_part(request, len(request.body) // 2)
            raise Offline("torn")
        return super().send(request)


def test_a_connection_lost_in_the_photo_costs_neither_report_nor_bytes(world: World) -> None:
    """Theirs: nothing kept, no resume; record and bytes lost."""
    enrolled = world.device()
    road = Tearing()
    with Device(enrolled.home, road) as device:
        photo = big_photo(device)
        item = device.acts.report("01-10", "大照片", photos=[photo]).id

        with pytest.raises(Offline, match="torn"):
            device.sync()

        assert device.verdict(item) == ("sent", "accepted")
        assert world.supervisor.get(f"/items/{item}")["photos"] == "pending"
        before = sum(road.sent[:1])
        road.sent = [0, 0]
        assert device.sync().uploaded == 1
        assert sum(road.sent) <= photo.size - before
        assert world.supervisor.get(f"/items/{item}")["photos"] == "complete"


def big_photo(device: Device, size: int = 600_000) -> Photo:
    """A file of `size` bytes that begins like a JPEG, taken into the phone."""
    content = b"\xff\xd8\xff" + bytes(number % 251 for number in range(size - 3))
    device.store.media_path(sha256(content)).write_bytes(content)
    return Photo(sha256(content), size, "image/jpeg", "near")
