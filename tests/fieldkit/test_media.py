import pytest

from fieldkit.capture import take_in
from fieldkit.client import Client
from fieldkit.errors import BadAnswer, Busy, Offline, Unauthorized
from fieldkit.media import FIRST_CHUNK, LARGEST_CHUNK
from fieldkit.store import Store
from tests.fieldkit.fakeserver import FakeServer, LossyTransport


@pytest.fixture
def capture(client: Client, store: Store, jpeg):
    """Captures a report with a photo of some size, hands the report in, and gives the hash."""

    def make(size: int, name: str = "photo.jpg", fill: bytes = b"x") -> str:
        photo = take_in(store, jpeg(name, size, fill))
        client.outbox.capture("report", {}, media=[photo])
        return photo.sha256

    return make


def _state(store: Store, digest: str) -> tuple[str, str | None]:
    return tuple(store.row("SELECT state, reason FROM media WHERE sha256 = ?", (digest,)))


def test_a_photo_arrives_byte_for_byte_in_growing_chunks(
    client: Client, server: FakeServer, store: Store, capture
) -> None:
    digest = capture(1_000_000)
    assert client.sync().uploaded == 1
    assert server.blobs[digest] == store.media_path(digest).read_bytes()
    # 64 KiB with the creation, then 128 + 256 + 256 + 256 KiB and the rest.
    assert sum(request.startswith("PATCH") for request in server.requests) == 5
    assert LARGEST_CHUNK == 4 * FIRST_CHUNK


def test_the_server_s_chunk_limit_is_kept(
    client: Client, server: FakeServer, store: Store, capture
) -> None:
    store.set("limits", {"chunk_bytes": 10_000})
    capture(50_000)
    client.sync()
    assert sum(request.startswith("PATCH") for request in server.requests) == 4


def test_a_link_that_carried_one_photo_gets_the_next_in_longer_chunks(
    client: Client, server: FakeServer, capture
) -> None:
    for number in range(5):
        capture(100_000 + number, f"{number}.jpg")
    assert client.sync().uploaded == 5
    sent = [request.split()[0] for request in server.requests if "/media/uploads" in request]
    assert sent == ["POST", "PATCH", "POST", "POST", "POST", "POST"]


def test_small_photos_go_first_and_after_the_items(
    client: Client, server: FakeServer, capture
) -> None:
    sizes = {capture(size, f"{size}.jpg"): size for size in (9000, 100, 3000)}
    client.sync()
    assert [sizes[digest] for digest in server.blobs] == [100, 3000, 9000]
    assert server.requests.index("POST /api/v1/sync") < server.requests.index(
        "POST /api/v1/media/uploads"
    )


def test_an_upload_cut_anywhere_is_resumed_not_repeated(
    client: Client, server: FakeServer, network: LossyTransport, capture
) -> None:
    digest = capture(500_000)
    # The exchange and the creation with the first chunk go well; the second arrives unanswered.
    network.script.extend(["well", "well", "unanswered"])
    with pytest.raises(Offline):
        client.sync()
    before = len(server.partial[digest][1])
    assert before == FIRST_CHUNK * 3
    server.requests.clear()
    bodies = _bodies_of(server, "POST")
    assert client.sync().uploaded == 1
    assert digest in server.blobs
    assert sum(request.startswith("PATCH") for request in server.requests) == 3
    assert bodies == [b""]


def test_a_chunk_that_arrives_twice_does_no_harm(
    client: Client, server: FakeServer, network: LossyTransport, capture
) -> None:
    digest = capture(200_000)
    network.script.extend(["well", "twice", "twice", "twice"])
    assert client.sync().uploaded == 1
    assert digest in server.blobs


def test_what_the_server_already_has_is_not_sent(
    client: Client, server: FakeServer, store: Store, capture
) -> None:
    digest = capture(5000)
    server.blobs[digest] = store.media_path(digest).read_bytes()
    assert client.sync().uploaded == 1
    assert not any(request.startswith("PATCH") for request in server.requests)


def test_one_photo_of_two_items_is_sent_once(client: Client, server: FakeServer, capture) -> None:
    assert capture(5000) == capture(5000)
    assert client.sync().uploaded == 1


def test_after_460_the_upload_starts_again_from_0(
    client: Client, server: FakeServer, capture
) -> None:
    digest = capture(100_000)
    server.partial[digest] = (100_000, bytearray(b"rubbish"))
    assert client.sync().uploaded == 1
    assert server.requests.count("POST /api/v1/media/uploads") == 2


@pytest.mark.parametrize("status", [413, 423, 460])
def test_where_the_first_bytes_are_refused_the_creation_goes_alone(
    client: Client, server: FakeServer, capture, status: int
) -> None:
    digest = capture(5000)
    _answer_the_first(server, "POST", server.problem(status, "setback"))
    assert client.sync().uploaded == 1
    assert digest in server.blobs
    sent = [request.split()[0] for request in server.requests if "/media/uploads" in request]
    assert sent == ["POST", "HEAD", "PATCH"]


def test_a_file_changed_on_the_device_is_given_up_with_the_reason(
    client: Client, server: FakeServer, store: Store, capture
) -> None:
    digest = capture(5000)
    store.media_path(digest).write_bytes(b"y" * 5000)
    assert client.sync().uploaded == 0
    assert _state(store, digest) == ("lost", "file_changed")


@pytest.mark.parametrize("left", [None, b"short"])
def test_a_file_gone_from_the_device_is_named_and_stops_nothing(
    client: Client, server: FakeServer, store: Store, capture, left: bytes | None
) -> None:
    gone, other = capture(100), capture(200, "b.jpg")
    path = store.media_path(gone)
    path.unlink() if left is None else path.write_bytes(left)
    assert client.sync().uploaded == 1
    assert _state(store, gone) == ("lost", "file_lost")
    assert other in server.blobs


@pytest.mark.parametrize("status", [404, 410, 409, 460])
def test_setbacks_on_the_way_are_overcome(
    client: Client, server: FakeServer, network, capture, status: int
) -> None:
    digest = capture(100_000)
    _answer_the_first(server, "PATCH", server.problem(status, "setback"))
    assert client.sync().uploaded == 1
    assert digest in server.blobs


def _bodies_of(server: FakeServer, method: str) -> list[bytes]:
    """Collects what requests of a method to the uploads carry."""
    handle, seen = server.handle, []

    def listening(asked, target, headers, body):
        if asked == method and target.startswith("/api/v1/media"):
            seen.append(body)
        return handle(asked, target, headers, body)

    server.handle = listening
    return seen


def _answer_the_first(server: FakeServer, method: str, answer) -> None:
    """Answer the first request of a method with `answer`."""
    handle = server.handle

    def once(asked, target, headers, body):
        if asked == method and target.startswith("/api/v1/media"):
            server.handle = handle
            return answer
        return handle(asked, target, headers, body)

    server.handle = once


def _answer_all(server: FakeServer, method: str, answer) -> list[str]:
    handle, seen = server.handle, []

    def always(asked, target, headers, body):
        if asked == method and target.startswith("/api/v1/media"):
            seen.append(target)
            return answer
        return handle(asked, target, headers, body)

    server.handle = always
    return seen


def test_chunks_that_are_too_long_become_shorter(
    client: Client, server: FakeServer, capture
) -> None:
    digest = capture(300_000)
    handle = server.handle

    def narrow(method, target, headers, body):
        if method == "PATCH" and len(body) > 40_000:
            return server.problem(413, "chunk_too_long")
        return handle(method, target, headers, body)

    server.handle = narrow
    assert client.sync().uploaded == 1
    assert digest in server.blobs


@pytest.mark.parametrize("status", [404, 409, 413, 460])
def test_endless_setbacks_end_and_the_photo_waits(
    client: Client, server: FakeServer, store: Store, capture, status: int
) -> None:
    digest = capture(100_000)
    seen = _answer_all(server, "PATCH", server.problem(status, "setback"))
    assert client.sync().uploaded == 0
    assert 1 < len(seen) < 10
    assert _state(store, digest) == ("queued", None)


def test_a_204_that_does_not_advance_is_a_setback_too(
    client: Client, server: FakeServer, capture
) -> None:
    capture(100_000)
    stuck = (204, {"gewu-epoch": "e", "upload-offset": "0"}, b"")
    seen = _answer_all(server, "PATCH", stuck)
    assert client.sync().uploaded == 0
    assert len(seen) < 10


def test_a_locked_upload_waits_for_the_next_time(
    client: Client, server: FakeServer, store: Store, capture
) -> None:
    locked, other = capture(70_000), capture(70_001, "b.jpg")
    _answer_the_first(server, "PATCH", server.problem(423, "locked"))
    assert client.sync().uploaded == 1
    assert other in server.blobs
    assert client.sync().uploaded == 1
    assert locked in server.blobs


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_refused_photo_is_kept_with_the_reason_and_stops_no_other(
    client: Client, server: FakeServer, store: Store, capture, status: int
) -> None:
    refused, other = capture(100), capture(200, "b.jpg")
    server.refused[refused] = status
    assert client.sync().uploaded == 1
    assert _state(store, refused) == ("failed", "problem refused")
    assert other in server.blobs
    assert client.outbox.counters()["media"] == 1
    assert store.media_path(refused).exists()
    server.refused.clear()
    assert client.blobs.retry_failed() == 1
    assert client.sync().uploaded == 1


def test_a_fault_of_the_server_on_one_photo_stops_no_other(
    client: Client, server: FakeServer, store: Store, capture
) -> None:
    hit, other = capture(100), capture(200, "b.jpg")
    _answer_the_first(server, "POST", server.problem(500, "crash"))
    assert client.sync().uploaded == 1
    assert other in server.blobs
    assert _state(store, hit) == ("queued", None)


@pytest.mark.parametrize(("status", "error"), [(401, Unauthorized), (503, Busy), (507, Busy)])
def test_what_concerns_the_device_stops_all_uploads(
    client: Client, server: FakeServer, store: Store, capture, status: int, error: type
) -> None:
    digest = capture(100)
    _answer_the_first(server, "POST", server.problem(status, "stop"))
    with pytest.raises(error):
        client.sync()
    assert _state(store, digest) == ("queued", None)


@pytest.mark.parametrize("headers", [{}, {"upload-offset": "x"}])
def test_a_creation_without_location_is_no_answer(
    client: Client, server: FakeServer, capture, headers: dict[str, str]
) -> None:
    capture(100)
    _answer_the_first(server, "POST", (201, {"gewu-epoch": "e", **headers}, b""))
    with pytest.raises(BadAnswer):
        client.sync()


def test_a_head_without_an_offset_is_no_answer(client: Client, server: FakeServer, capture) -> None:
    digest = capture(100_000)
    server.partial[digest] = (100_000, bytearray(b"x"))
    _answer_the_first(server, "HEAD", (200, {"gewu-epoch": "e"}, b""))
    with pytest.raises(BadAnswer):
        client.sync()
