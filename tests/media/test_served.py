"""Uploads to the real web processes: writers at once, bad input, bodies in chunks, a full disk."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from server.kernel import clock
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.media.models import Upload
from tests.journeys.gunicorn import Gunicorn, started
from tests.journeys.world import World
from tests.media.road import Road, answer_of
from tests.media.tools import OCTETS, UPLOADS, checksum, metadata, sha256

CONTENT = os.urandom(300_000)
MB = 1 << 20
BOUND = 64 * MB


@dataclass
class Served:
    """Two servers, each of several processes, over one database and one folder."""

    first: Gunicorn
    second: Gunicorn
    world: World

    def road(self, server: Gunicorn | None = None, worker: int = 0) -> Road:
        phone = self.world.wire(worker).phone
        return Road((server or self.first).url, phone)


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{folder}/gewu.db"
    template: Path = request.getfixturevalue("sqlite_template")
    (folder / "gewu.db").write_bytes(template.read_bytes())
    with started(folder, url) as (first, world):
        second = Gunicorn(folder, url, first.app)
        second.start()
        yield Served(first, second, world)
        second.stop()


def fresh() -> bytes:
    """Content that no other test has."""
    return os.urandom(300_000)


def begun(road: Road, place: str, body: bytes, sent: int) -> Any:
    """A PATCH of which `sent` bytes have arrived."""
    connection = road.begin_patch(place, 0, len(body))
    connection.send(body[:sent])
    give_up = time.monotonic() + 30
    while road.offset(place) < sent // 65_536 * 65_536:
        assert time.monotonic() < give_up
        time.sleep(0.01)
    return connection


def test_of_two_writers_one_wins_whichever_process_they_meet(served: Served) -> None:
    content, road = fresh(), served.road()
    place = road.place(content)
    with closing(begun(road, place, content, 200_000)) as winner:
        for server in (served.first, served.second) * 2:
            loser = Road(server.url, road.phone).patch(place, 0, content)
            assert (loser.status, json.loads(loser.body)["code"]) == (423, "locked")
            assert loser.headers["Retry-After"] == "1"
        winner.send(content[200_000:])
        won = answer_of(winner)
    assert (won.status, won.headers["Upload-Offset"]) == (204, str(len(content)))
    assert Road(served.second.url, road.phone).offset(place) == len(content)


def test_who_comes_second_goes_on_when_the_first_is_gone(served: Served) -> None:
    content, road = fresh(), served.road()
    place = road.place(content)
    begun(road, place, content, 150_000).close()
    other = Road(served.second.url, road.phone)
    give_up = time.monotonic() + 30
    while (answer := other.patch(place, (at := other.offset(place)), content[at:])).status == 423:
        assert time.monotonic() < give_up
        time.sleep(0.01)
    # What the first had sent may have been written down between the question and the PATCH.
    if answer.status == 409:
        at = json.loads(answer.body)["offset"]
        answer = other.patch(place, at, content[at:])
    assert answer.status == 204


GOOD = {"upload_length": "300000", "upload_metadata": metadata(sha256=sha256(CONTENT))}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"upload_length": str(3 << 30)}, 413, "upload_too_large"),
        ({"upload_length": "-1"}, 400, "bad_request"),
        ({"upload_length": "+5"}, 400, "bad_request"),
        ({"upload_length": "1e3"}, 400, "bad_request"),
        ({"upload_length": "9" * 30}, 400, "bad_request"),
        ({"upload_length": ""}, 400, "bad_request"),
        ({"upload_metadata": "sha256 !!!"}, 400, "bad_request"),
        ({"upload_metadata": "sha256 YQ"}, 400, "bad_request"),
        ({"upload_metadata": "sha256 /w=="}, 400, "bad_request"),
        ({"upload_metadata": "sha256 YQ==,sha256 YQ=="}, 400, "bad_request"),
        ({"upload_metadata": metadata(sha256="../../../etc/passwd")}, 422, "invalid"),
        ({"upload_metadata": metadata(sha256="a" * 63 + "\0")}, 422, "invalid"),
        ({"upload_metadata": metadata(sha256="CON")}, 422, "invalid"),
        ({"upload_metadata": metadata(sha256="a" * 64, type="image/svg+xml")}, 422, "invalid"),
        ({"upload_metadata": metadata(sha256="a" * 64, type="../")}, 422, "invalid"),
        ({"upload_metadata": metadata(sha256="a" * 64, item="\0")}, 422, "invalid"),
        ({"tus_resumable": "0.2.2"}, 412, "tus_version"),
        ({"tus_resumable": ""}, 412, "tus_version"),
        ({"x_http_method_override": "PATCH"}, 405, "method_not_allowed"),
    ],
)
def test_a_creation_that_is_refused(
    served: Served, headers: dict[str, str], status: int, code: str
) -> None:
    answer = served.road().ask("POST", UPLOADS, **GOOD | headers)
    assert (answer.status, json.loads(answer.body)["code"]) == (status, code)
    assert answer.headers["Tus-Version"] == "1.0.0"


def test_what_a_client_calls_its_file_never_reaches_the_disk(served: Served) -> None:
    for number, called in enumerate(("../../x", "CON", "a\0b", "照片.jpg", "x" * 3000, "/etc/x")):
        content = fresh()
        said = metadata(sha256=sha256(content), filename=called, relativePath=called)
        road = served.road(worker=number % 4)
        made = road.ask("POST", UPLOADS, upload_length="300000", upload_metadata=said)
        assert road.patch(made.headers["Location"], 0, content).status == 204
    lying = [path for path in (served.first.folder / "media").rglob("*") if path.is_file()]
    assert all(re.fullmatch(r"[0-9a-f-]{36}|[0-9a-f]{64}", path.name) for path in lying)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"upload_offset": "-1"}, 400, "bad_request"),
        ({"upload_offset": "1.5"}, 400, "bad_request"),
        ({"upload_offset": ""}, 400, "bad_request"),
        ({"upload_offset": "9"}, 409, "upload_offset"),
        ({"upload_offset": "200000"}, 409, "upload_offset"),
        ({"content_type": "application/octet-stream"}, 415, "media_type"),
        ({"content_type": ""}, 415, "media_type"),
        ({"upload_checksum": "md5 xxxx"}, 400, "checksum_algorithm"),
        ({"upload_checksum": "sha256 %%%"}, 400, "bad_request"),
        ({"upload_checksum": "sha256 YQ=="}, 400, "bad_request"),
        ({"upload_checksum": checksum(b"other")}, 460, "checksum_mismatch"),
        ({"tus_resumable": "2.0"}, 412, "tus_version"),
    ],
)
def test_a_chunk_that_is_refused_changes_nothing(
    served: Served, headers: dict[str, str], status: int, code: str
) -> None:
    content, road = fresh(), served.road()
    place = road.place(content)
    road.patch(place, 0, content[:10])
    answer = road.patch(place, 10, content[10:100_000], **headers)
    assert (answer.status, json.loads(answer.body)["code"]) == (status, code)
    assert road.offset(place) == 10


def test_a_body_longer_than_announced_is_413(served: Served) -> None:
    content, road = fresh(), served.road()
    place = road.place(content)
    answer = road.patch(place, 0, content + b"x")
    assert (answer.status, json.loads(answer.body)["code"]) == (413, "body_too_large")
    assert road.offset(place) == 0


def test_a_body_in_chunks(served: Served) -> None:
    content, road = fresh(), served.road()
    place = road.place(content)
    with closing(road.begin_patch(place, 0, None)) as connection:
        for start in range(0, len(content), 70_000):
            piece = content[start : start + 70_000]
            connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        connection.send(b"0\r\n\r\n")
        answer = answer_of(connection)
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "300000")


def test_a_body_in_chunks_without_end_is_413_in_bounded_memory(served: Served) -> None:
    content, road = fresh(), served.road()
    place, before = road.place(content), served.first.rss()
    with closing(road.begin_patch(place, 0, None)) as connection:
        try:
            for _ in range(100):
                connection.send(b"100000\r\n" + bytes(MB) + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        else:
            assert answer_of(connection).status == 413
    assert served.first.rss() - before < BOUND
    assert road.offset(place) <= len(content)
    assert road.patch(place, road.offset(place), b"").status in (204, 460)


def test_a_chunk_size_that_is_none_is_400(served: Served) -> None:
    road = served.road()
    place = road.place(fresh())
    with closing(road.begin_patch(place, 0, None)) as connection:
        connection.send(b"zz\r\nabc\r\n0\r\n\r\n")
        assert answer_of(connection).status == 400
    assert road.offset(place) == 0


def test_whose_upload_it_is_and_how_old(served: Served) -> None:
    content, road = fresh(), served.road()
    place = road.place(content)
    foreign = Road(served.first.url, served.world.wire(3).phone)
    for method in ("HEAD", "PATCH", "DELETE"):
        named = {"upload_offset": "0", "content_type": OCTETS}
        assert foreign.ask(method, place, **named).status == 404
        assert road.ask(method, f"{UPLOADS}/{uuid7()}", **named).status == 404
    head = road.ask("HEAD", place)
    assert (head.status, head.headers["Cache-Control"], head.body) == (200, "no-store", b"")
    assert head.headers["Upload-Metadata"] == metadata(sha256=sha256(content), type="image/jpeg")
    with served.world.inside(), writing() as session:
        lapse = update(Upload).where(Upload.id == place.rpartition("/")[2])
        session.execute(lapse.values(expires_at=clock.now()))
    assert [road.ask("HEAD", place).status, road.patch(place, 0, content).status] == [410, 410]


def test_a_proxy_that_lets_only_post_pass(served: Served) -> None:
    content, road = fresh(), served.road()
    place = road.place(content)
    sent = road.ask(
        "POST",
        place,
        content[:1000],
        x_http_method_override="PATCH",
        upload_offset="0",
        content_type=OCTETS,
    )
    assert (sent.status, sent.headers["Upload-Offset"]) == (204, "1000")
    head = road.ask("POST", place, x_http_method_override="HEAD")
    assert (head.status, head.headers["Upload-Offset"], head.body) == (200, "1000", b"")
    for other in ("GET", "PUT", "POST", ""):
        refused = road.ask("POST", place, x_http_method_override=other)
        assert (refused.status, json.loads(refused.body)["code"]) == (405, "method_not_allowed")
    assert road.ask("POST", place, x_http_method_override="DELETE").status == 204
    assert road.ask("HEAD", place).status == 404


def test_nowhere_but_on_uploads_does_a_post_mean_something_else(served: Served) -> None:
    item = uuid7()
    answer = served.road().ask("POST", f"/api/v1/items/{item}", x_http_method_override="GET")
    assert answer.status == 405


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_507_and_the_upload_goes_on_when_there_is_room(
    tiny: Path, tmp_path: Path, sqlite_template: Path
) -> None:
    (tmp_path / "gewu.db").write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{tmp_path}/gewu.db"
    with started(tmp_path, url, media_url=f"file://{tiny}") as (server, world):
        road, content = Road(server.url, world.wire().phone), os.urandom(3 * MB)
        place = road.place(content)
        full = road.patch(place, 0, content)
        assert (full.status, json.loads(full.body)["code"]) == (507, "disk_full")
        kept = road.offset(place)
        assert 0 < kept <= MB
        assert road.ask("POST", UPLOADS, CONTENT, content_type=OCTETS, **GOOD).status == 507
        assert road.offset(place) == kept
        subprocess.run(["mount", "-o", "remount,size=8m", str(tiny)], check=True)
        assert road.patch(place, kept, content[kept:]).status == 204
        whole = road.ask("POST", UPLOADS, CONTENT, content_type=OCTETS, **GOOD)
        assert (whole.status, whole.headers["Upload-Offset"]) == (201, "300000")
    lying = {path.name: path.read_bytes() for path in (tiny / "blobs").rglob("*") if path.is_file()}
    assert lying == {sha256(content): content, sha256(CONTENT): CONTENT}
    assert list((tiny / "partials").iterdir()) == []
