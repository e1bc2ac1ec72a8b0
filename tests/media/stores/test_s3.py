"""The store in a bucket: death between any two requests, lost locks, parts, ranges, signatures."""

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from server.kernel import s3_address
from server.media.locks import FileLocks
from server.media.stores import bucket as bucket_module
from server.media.stores import pieces, ranged
from server.media.stores.base import (
    DigestMismatch,
    NoSpace,
    NoSuchBlob,
    SignsUrls,
    StoreAway,
    WrongOffset,
)
from server.media.stores.bucket import Bucket
from server.media.stores.disk import DiskStore
from server.media.stores.s3 import S3Store
from tests import s3
from tests.media.stores.conftest import opened_s3
from tests.media.stores.tools import DATA, ID, SHA, chunks, content, hand_in

SESSION = Session()
LONG = hashlib.shake_256(b"long").digest(17_000_000)
LONG_SHA = hashlib.sha256(LONG).hexdigest()


class Killed(BaseException):
    """The process is gone: nothing that it would do after this is done."""


class Watched(Bucket):
    """Counts requests; dies at one of them, before it is sent or before its answer is read."""

    def __init__(self, place: s3.Place, at: int = 0, sent: bool = False) -> None:
        super().__init__(place.address, place.keys["s3_access_key"], place.keys["s3_secret_key"])
        self.count, self._at, self._sent = 0, at, sent

    @contextmanager
    def _asking(self) -> Iterator[None]:
        self.count += 1
        if self._at and self.count >= self._at + self._sent:
            raise Killed
        with super()._asking():
            yield
        if self._at and self.count == self._at:
            raise Killed


@pytest.fixture(autouse=True)
def one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of processes are played here: the SDK reads its description of S3 once for all."""
    monkeypatch.setattr(bucket_module, "Session", lambda: SESSION)


@pytest.fixture
def place(s3_place: s3.Place) -> s3.Place:
    return s3_place


@pytest.fixture
def store(place: s3.Place, tmp_path: Path) -> S3Store:
    return opened_s3(place, tmp_path / "locks")


def dying(place: s3.Place, locks: Path, at: int, sent: bool) -> S3Store:
    return S3Store(Watched(place, at, sent), FileLocks(locks))


def every_death(
    new_place: Callable[[], s3.Place], locks: Path, sent: bool, act: Callable[[S3Store], None]
) -> Iterator[s3.Place]:
    """Run `act` at a place of its own, dying at request 1, 2, 3, … until it comes through."""
    for at in range(1, 1000):
        place = new_place()
        with suppress(Killed):
            act(dying(place, locks, at, sent))
            return
        yield place


def resume(store: S3Store, data: bytes, sha256: str) -> int:
    """What a device does that comes back: create, ask for the offset, send the rest, finish."""
    if store.exists(sha256):
        store.finish(ID, sha256)
        return len(data)
    store.create(ID)
    offset = store.size(ID)
    store.append(ID, offset, chunks(data[offset:]))
    store.finish(ID, sha256)
    return offset


@pytest.mark.parametrize("sent", [False, True], ids=["before", "after"])
def test_killed_at_any_request_the_upload_goes_on(
    s3_service: s3.Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bool
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 4000)

    def whole_upload(store: S3Store) -> None:
        store.create(ID)
        store.append(ID, 0, chunks(DATA[:3000]))
        store.append(ID, 3000, chunks(DATA[3000:]))
        store.finish(ID, SHA)

    offsets = set()
    for place in every_death(s3_service.place, tmp_path / "locks", sent, whole_upload):
        store = opened_s3(place, tmp_path / "locks")
        assert {blob.sha256 for blob in store.list_blobs()} <= {SHA}
        offsets.add(resume(store, DATA, SHA))
        assert place.names() == [f"blobs/{SHA}"]
        assert content(store, SHA) == DATA
    assert offsets == {0, 3000, 7000, len(DATA)}


def test_killed_while_a_checked_chunk_comes_in_nothing_of_it_counts(
    s3_service: s3.Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 4000)

    def checked(store: S3Store) -> None:
        store.create(ID)
        store.append(ID, 0, chunks(DATA), SHA)

    for place in every_death(s3_service.place, tmp_path / "locks", False, checked):
        store = opened_s3(place, tmp_path / "locks")
        store.create(ID)
        assert store.size(ID) == 0
        resume(store, DATA, SHA)
        assert place.names() == [f"blobs/{SHA}"]


def test_killed_while_a_mismatch_is_handled(s3_service: s3.Service, tmp_path: Path) -> None:
    def refused(store: S3Store) -> None:
        store.create(ID)
        store.append(ID, 0, [b"x" + DATA[1:]])
        with pytest.raises(DigestMismatch):
            store.finish(ID, SHA)

    for place in every_death(s3_service.place, tmp_path / "locks", True, refused):
        store = opened_s3(place, tmp_path / "locks")
        assert not store.exists(SHA)
        store.create(ID)
        assert store.size(ID) in (0, len(DATA))


def test_killed_while_a_long_blob_is_assembled(s3_service: s3.Service, tmp_path: Path) -> None:
    """It is there whole or not at all, and the parts that were left go with the next attempt."""
    place = s3_service.place()
    store = opened_s3(place, tmp_path / "locks")
    at, left = 0, False
    while not store.exists(LONG_SHA):
        at += 1
        store.create(ID)
        if store.size(ID) == 0:
            store.append(ID, 0, chunks(LONG, 1 << 20))
        with suppress(Killed):
            dying(place, tmp_path / "locks", at, False).finish(ID, LONG_SHA)
        left = left or f"blobs/{LONG_SHA}" in place.unfinished()
        assert store.exists(LONG_SHA) or place.names()[-1].endswith(pieces.MARK)
    assert left
    store.finish(ID, LONG_SHA)
    assert (place.names(), place.unfinished()) == ([f"blobs/{LONG_SHA}"], [])
    assert content(store, LONG_SHA) == LONG


def test_a_long_blob_that_is_not_its_hash_leaves_no_parts(store: S3Store, place: s3.Place) -> None:
    store.create(ID)
    store.append(ID, 0, chunks(LONG, 1 << 20))
    with pytest.raises(DigestMismatch):
        store.finish(ID, SHA)
    assert store.size(ID) == 0
    assert (place.unfinished(), list(store.list_blobs())) == ([], [])


# Lost locks, and what others leave


class NoLocks:
    """Locks that hold nobody off."""

    @contextmanager
    def held(self, name: str, wait: bool = False) -> Iterator[None]:
        yield


def test_without_its_lock_a_writer_takes_nothing_back(place: s3.Place) -> None:
    """One that slept through the loss of its lock writes a shorter piece at an old offset."""
    awake, asleep = (S3Store(Watched(place), NoLocks()) for _ in range(2))
    awake.create(ID)

    def slow() -> Iterator[bytes]:
        assert awake.append(ID, 0, [DATA[:3000]]) == 3000
        assert awake.append(ID, 3000, [DATA[3000:5000]]) == 5000
        yield DATA[:4000]

    assert asleep.append(ID, 0, slow()) == 4000
    assert awake.size(ID) == 5000
    with pytest.raises(WrongOffset) as raised:
        asleep.append(ID, 4000, [DATA[4000:]])
    assert raised.value.actual == 5000
    awake.append(ID, 5000, [DATA[5000:]])
    awake.finish(ID, SHA)
    assert content(awake, SHA) == DATA


def test_pieces_without_a_mark_are_listed_and_go_when_the_upload_begins(
    store: S3Store, place: s3.Place
) -> None:
    place.put(pieces.new_piece(ID, 0), b"late")
    assert [(one.id, one.size) for one in store.list_partials()] == [(ID, 0)]
    store.create(ID)
    assert store.size(ID) == 0
    place.put(pieces.new_piece(ID, 0), b"late")
    store.discard(ID)
    assert place.names() == []


def test_foreign_objects_are_no_blobs(store: S3Store, place: s3.Place) -> None:
    for name in ("blobs/note.txt", "blobs/ab/cd", f"other/{SHA}"):
        place.put(name, b"x")
    assert list(store.list_blobs()) == []


def test_a_piece_that_is_listed_but_not_there_loses_nothing(
    store: S3Store, place: s3.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that shows different things to different eyes."""
    store.create(ID)
    store.append(ID, 0, [DATA])
    with monkeypatch.context() as patch, pytest.raises(StoreAway, match="PieceGone"):
        patch.setattr(Bucket, "read", lambda *_: None)
        store.finish(ID, SHA)
    store.finish(ID, SHA)
    assert content(store, SHA) == DATA


def test_listings_go_over_pages(
    store: S3Store, place: s3.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "PAGE", 10)
    ids = [f"upload-{number:02}" for number in range(25)]
    for upload_id in ids:
        place.put(f"partials/{upload_id}/{pieces.MARK}", b"")
    assert [one.id for one in store.list_partials()] == ids


# What reading costs


def test_a_blob_is_read_by_windows(place: s3.Place, store: S3Store, tmp_path: Path) -> None:
    hand_in(store, ID, LONG)
    bucket = Watched(place)
    reader = S3Store(bucket, FileLocks(tmp_path / "locks"))
    with reader.open(LONG_SHA) as file:
        file.seek(9_000_000)
        assert file.read(100) == LONG[9_000_000:9_000_100]
        assert bucket.count == 2
        while file.read(8192):
            pass
    assert bucket.count <= 3 + (len(LONG) - 9_000_000) // ranged.WINDOW_BYTES
    bucket.count = 0
    assert content(reader, LONG_SHA) == LONG
    assert bucket.count == 2


def test_a_blob_that_goes_while_it_is_read(place: s3.Place, store: S3Store) -> None:
    hand_in(store, ID, DATA)
    with store.open(SHA) as file:
        store.delete(SHA)
        with pytest.raises(NoSuchBlob):
            file.read()


# Signed addresses


def test_a_signed_address_gives_the_blob_and_nothing_else(store: S3Store, place: s3.Place) -> None:
    hand_in(store, ID, DATA)
    other = hand_in(store, ID, b"other")
    url = store.signed_url(SHA, 60, "image/jpeg")
    answer = s3.fetch(url)
    assert (answer.status, answer.body) == (200, DATA)
    shown = {"Content-Type": "image/jpeg", "Content-Disposition": "inline"}
    assert shown | {"Cache-Control": "private"} == {
        name: answer.headers[name] for name in (*shown, "Cache-Control")
    }
    assert "X-Amz-Expires=60" in url
    assert place.keys["s3_secret_key"] not in url
    for spoilt in (url.replace(SHA, other), url.replace("Expires=60", "Expires=3600")):
        assert s3.fetch(spoilt).status == 403
    assert s3.fetch(url.partition("?")[0]).status in (400, 403)


@pytest.mark.parametrize("seconds", [-1, 0, 3601])
def test_a_signed_address_lasts_no_longer_than_an_hour(store: S3Store, seconds: int) -> None:
    with pytest.raises(ValueError, match=r"1\.\.3600"):
        store.signed_url(SHA, seconds, "image/jpeg")


def test_only_a_bucket_signs(store: S3Store, tmp_path: Path) -> None:
    assert isinstance(store, SignsUrls)
    assert not isinstance(DiskStore(tmp_path), SignsUrls)


# A service that is away


def at(port: int, tmp_path: Path) -> S3Store:
    address = s3_address.parse(f"s3://photos?endpoint=http://127.0.0.1:{port}")
    return S3Store(Bucket(address, "key", "secret"), FileLocks(tmp_path / "locks"))


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.create(ID),
        lambda store: store.append(ID, 0, [b"x"]),
        lambda store: store.size(ID),
        lambda store: store.finish(ID, SHA),
        lambda store: store.discard(ID),
        lambda store: store.list_partials(),
        lambda store: store.open(SHA),
        lambda store: store.exists(SHA),
        lambda store: store.delete(SHA),
        lambda store: list(store.list_blobs()),
        lambda store: store.check(),
    ],
)
def test_a_service_that_is_away(tmp_path: Path, act: Callable[[S3Store], object]) -> None:
    with pytest.raises(StoreAway):
        act(at(1, tmp_path))


def test_nobody_waits_twice_for_a_service_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "ANSWER_S", 0.2)
    monkeypatch.setattr(bucket_module, "REST_S", 3600.0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        store, calls = at(listener.getsockname()[1], tmp_path), []
        threading.Thread(target=_count, args=(listener, calls), daemon=True).start()
        with pytest.raises(StoreAway, match="ReadTimeoutError"):
            store.exists(SHA)
        assert len(calls) == bucket_module.ATTEMPTS
        with pytest.raises(StoreAway, match="NoAnswer"):
            store.exists(SHA)
        assert len(calls) == bucket_module.ATTEMPTS


def _count(listener: socket.socket, calls: list[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            calls.append(listener.accept()[0])


@pytest.mark.parametrize(
    ("code", "status", "raised"),
    [
        ("QuotaExceeded", 403, NoSpace),
        ("XMinioStorageFull", 507, NoSpace),
        ("InsufficientStorage", 507, NoSpace),
        ("SlowDown", 503, StoreAway),
        ("InternalError", 500, StoreAway),
        ("AccessDenied", 403, StoreAway),
        ("NoSuchBucket", 404, StoreAway),
    ],
)
def test_what_a_service_refuses(
    store: S3Store, monkeypatch: pytest.MonkeyPatch, code: str, status: int, raised: type
) -> None:
    said = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}

    def refuse(**_: object) -> None:
        raise ClientError(said, "PutObject")  # type: ignore[arg-type]

    monkeypatch.setattr(store._bucket._client, "put_object", refuse)
    with pytest.raises(raised):
        store.create(ID)
