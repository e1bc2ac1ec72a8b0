"""Bodies that are large, or become large: the web processes stay small and answer at once.

Promised: a gzip bomb is 413; photos are written as they come, eight of 20 MB at once; who has no
right to send is told so before the body is sent. Theirs: 334 → 691 MB for eight photos, 246 → 445
MB for 100 MB with a wrong key, "403 after taking all of it".
"""

import http.client
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import factories
from tests.journeys.at_once import all_at_once
from tests.journeys.gunicorn import Gunicorn, started
from tests.journeys.web import Answer, Wire, call
from tests.journeys.world import World
from tests.media.tools import checksum, metadata, sha256
from tests.wire import REPORT, envelope, line

MB = 1 << 20
BOUND = 64 * MB
"""By how much the fattest process may grow; the largest body that is read at all has 16 MB."""
PHOTO = 20 * MB


@pytest.fixture
def both(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[Gunicorn, World]]:
    """A gunicorn that nothing has been sent to yet; the database plays no part here."""
    (tmp_path / "gewu.db").write_bytes(sqlite_template.read_bytes())
    with started(tmp_path, f"sqlite:///{tmp_path}/gewu.db") as both:
        wire = both[1].wire()
        for _ in range(20):
            wire.exchange(line())
        yield both


@pytest.fixture
def server(both: tuple[Gunicorn, World]) -> Gunicorn:
    return both[0]


@pytest.fixture
def wire(both: tuple[Gunicorn, World]) -> Wire:
    return both[1].wire()


def bomb(first: bytes, filling: bytes, times: int) -> bytes:
    """The gzip of `first` and `times` times `filling`."""
    deflate = zlib.compressobj(9, wbits=31)
    packed = [deflate.compress(first), *(deflate.compress(filling) for _ in range(times))]
    return b"".join([*packed, deflate.flush()])


def send_packed(wire: Wire, body: bytes) -> Answer:
    return wire.send(body, content_encoding="gzip")


def test_a_gzip_bomb_is_413(server: Gunicorn, wire: Wire) -> None:
    before = server.rss()
    first = envelope(wire.phone) + b"\n"

    for filling in (b"\0" * MB, b"\n" * MB, (b"a\n" * MB)[:MB]):
        answer = send_packed(wire, bomb(first, filling, 256))
        assert (answer.status, answer.code) == (413, "batch_too_large")

    assert server.rss() - before < BOUND


def test_a_body_of_very_many_lines_just_below_the_cap_is_413(server: Gunicorn, wire: Wire) -> None:
    before = server.rss()
    first = envelope(wire.phone) + b"\n"

    for filling in (b"\n" * MB, (b"ab\n" * MB)[:MB]):
        answer = send_packed(wire, bomb(first, filling, 15))
        assert (answer.status, answer.code) == (413, "batch_too_large")

    assert server.rss() - before < BOUND


def test_an_envelope_of_sixteen_megabytes_is_400(server: Gunicorn, wire: Wire) -> None:
    before = server.rss()

    for first in (b'{"x":"', b"[", b'{"install":"'):
        answer = send_packed(wire, bomb(first, b"[" * MB, 15))
        assert (answer.status, answer.code) == (400, "envelope_invalid")

    assert server.rss() - before < 2 * BOUND


def test_a_line_of_ten_megabytes_is_set_aside_in_bounded_memory(
    server: Gunicorn, wire: Wire
) -> None:
    before = server.rss()

    for number in range(3):
        huge = line(body=REPORT | {"text": f"{number}" * 10_000_000})
        codes = [result["code"] for result in wire.exchange(line(), huge, line())["results"]]
        assert codes == [None, "too_large", None]

    assert server.rss() - before < 2 * BOUND


def test_eight_photos_of_20_megabytes_at_once(
    both: tuple[Gunicorn, World], server: Gunicorn
) -> None:
    wires = [both[1].wire(number % 6) for number in range(8)]
    before = server.rss()

    statuses = all_at_once(
        [partial(upload, wire, bytes([number]) * PHOTO) for number, wire in enumerate(wires)]
    )

    assert statuses == [204] * 8
    assert server.rss() - before < BOUND


def upload(wire: Wire, content: bytes) -> int:
    """One photo in one piece; the status of its last answer."""
    token, named = wire.phone.token, {"tus_resumable": "1.0.0"}
    told = metadata(sha256=sha256(content), type="application/pdf")
    made = call(
        wire.url,
        "POST",
        "/media/uploads",
        token,
        upload_length=str(len(content)),
        upload_metadata=told,
        **named,
    )
    sent = call(
        wire.url,
        "PATCH",
        made.headers["location"].removeprefix("/api/v1"),
        token,
        content,
        upload_offset="0",
        upload_checksum=checksum(content),
        content_type="application/offset+octet-stream",
        **named,
    )
    return sent.status


DOORS = ("POST /sync", "POST /media/uploads", "PATCH /media/uploads/x", "POST /tasks")


def test_100_megabytes_with_a_wrong_key_are_refused_before_they_are_sent(
    server: Gunicorn, wire: Wire
) -> None:
    before = server.rss()

    for door in DOORS:
        assert told_at_once(wire, *door.split()) == (401, "1")

    assert server.rss() - before < BOUND


def told_at_once(wire: Wire, method: str, path: str) -> tuple[int, str | None]:
    """(status, protocol) of the answer that comes after 1 kB of 100 MB."""
    connection = http.client.HTTPConnection(urlsplit(wire.url).netloc, timeout=60)
    connection.putrequest(method, "/api/v1" + path)
    for name, value in factories.auth("gwd_wrong", tus_resumable="1.0.0").items():
        connection.putheader(name, value)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(100 * MB))
    connection.endheaders()
    connection.send(b"x" * 1000)
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.getheader("Gewu-Protocol")
