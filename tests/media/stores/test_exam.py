"""The exam of a store: every promise of `BlobStore`, asked of both stores."""

import hashlib
import io
import threading
from datetime import UTC, datetime, timedelta

import pytest

from server.media.stores.base import (
    BadName,
    DigestMismatch,
    NoSuchBlob,
    NoSuchUpload,
    StoredBlob,
    StoreError,
    UploadBusy,
    WrongOffset,
)
from tests.media.stores.tools import DATA, ID, SHA, Hangup, broken_off, chunks, content, hand_in

# The road of one upload


def test_an_upload_in_pieces_becomes_a_blob(store):
    store.create(ID)
    assert store.size(ID) == 0
    assert store.append(ID, 0, chunks(DATA[:5000])) == 5000
    assert store.size(ID) == 5000
    assert store.append(ID, 5000, chunks(DATA[5000:])) == len(DATA)
    assert store.digest(ID) == SHA
    assert not store.exists(SHA)
    store.finish(ID, SHA)
    assert store.exists(SHA)
    assert content(store, SHA) == DATA
    assert store.list_partials() == []


def test_an_empty_file_is_a_file(store):
    empty = hashlib.sha256(b"").hexdigest()
    store.create(ID)
    assert store.append(ID, 0, []) == 0
    store.finish(ID, empty)
    assert content(store, empty) == b""


def test_creating_again_keeps_what_is_there(store):
    store.create(ID)
    store.append(ID, 0, chunks(DATA[:300]))
    store.create(ID)
    assert store.size(ID) == 300


def test_the_same_content_twice_is_one_blob(store):
    for upload in (ID, "second-upload"):
        store.create(upload)
        store.append(upload, 0, chunks(DATA))
        store.finish(upload, SHA)
    assert content(store, SHA) == DATA
    assert list(store.list_blobs()) == [StoredBlob(SHA, len(DATA))]


def test_finishing_again_is_the_same_as_once(store):
    store.create(ID)
    store.append(ID, 0, chunks(DATA))
    store.finish(ID, SHA)
    store.finish(ID, SHA)
    assert content(store, SHA) == DATA


def test_bytes_in_hand_become_a_blob_once(store):
    for _ in range(2):
        store.put(SHA, DATA)
        assert content(store, SHA) == DATA
    assert list(store.list_blobs()) == [StoredBlob(SHA, len(DATA))]
    assert store.list_partials() == []


def test_a_digest_that_is_known_finishes_as_well(store):
    store.create(ID)
    store.append(ID, 0, chunks(DATA))
    store.finish(ID, SHA, SHA)
    assert content(store, SHA) == DATA


@pytest.mark.parametrize("offset", [0, 299, 301, -1, 10**12])
def test_a_wrong_offset_is_refused_with_the_right_one(store, offset):
    store.create(ID)
    store.append(ID, 0, chunks(DATA[:300]))
    with pytest.raises(WrongOffset) as raised:
        store.append(ID, offset, chunks(DATA))
    assert raised.value.actual == 300
    assert store.size(ID) == 300


def test_a_mismatch_starts_the_upload_over(store):
    store.create(ID)
    store.append(ID, 0, chunks(DATA[:-1] + b"?"))
    with pytest.raises(DigestMismatch):
        store.finish(ID, SHA)
    assert store.size(ID) == 0
    assert not store.exists(SHA)
    store.append(ID, 0, chunks(DATA))
    store.finish(ID, SHA)
    assert content(store, SHA) == DATA


# Requests that break off


def test_what_came_before_a_hangup_is_kept(store):
    store.create(ID)
    store.append(ID, 0, chunks(DATA[:1000]))
    with pytest.raises(Hangup):
        store.append(ID, 1000, broken_off(DATA[1000:4000]))
    assert store.size(ID) == 4000
    store.append(ID, 4000, chunks(DATA[4000:]))
    store.finish(ID, SHA)


def test_with_a_checksum_it_is_all_or_nothing(store):
    store.create(ID)
    store.append(ID, 0, chunks(DATA[:1000]))
    with pytest.raises(Hangup):
        store.append(ID, 1000, broken_off(DATA[1000:4000]), sha256=SHA)
    assert store.size(ID) == 1000
    with pytest.raises(DigestMismatch):
        store.append(ID, 1000, chunks(DATA[1000:4000]), sha256=SHA)
    assert store.size(ID) == 1000
    right = hashlib.sha256(DATA[1000:4000]).hexdigest()
    assert store.append(ID, 1000, chunks(DATA[1000:4000]), sha256=right) == 4000


def test_two_requests_cannot_write_one_upload(store, rival):
    store.create(ID)

    def with_a_rival():
        yield DATA[:10]
        with pytest.raises(UploadBusy):
            rival.append(ID, 10, [b"rival"])
        with pytest.raises(UploadBusy):
            rival.finish(ID, SHA)
        yield DATA[10:]

    assert store.append(ID, 0, with_a_rival()) == len(DATA)
    store.finish(ID, SHA)
    assert content(store, SHA) == DATA


def test_a_hangup_before_the_first_chunk_changes_nothing(store):
    store.create(ID)
    with pytest.raises(Hangup):
        store.append(ID, 0, broken_off(b""))
    assert store.size(ID) == 0


@pytest.mark.parametrize("checked", [False, True], ids=["plain", "checked"])
def test_a_body_of_many_pieces(store, checked):
    """Longer than what a store gathers before it writes, and than one part of a blob."""
    data = hashlib.shake_256(b"long").digest(19_000_000)
    sha256 = hashlib.sha256(data).hexdigest()
    store.create(ID)
    assert store.append(ID, 0, chunks(data, 65536), sha256 if checked else None) == len(data)
    assert (store.size(ID), store.digest(ID)) == (len(data), sha256)
    store.finish(ID, sha256)
    assert list(store.list_blobs()) == [StoredBlob(sha256, len(data))]
    assert content(store, sha256) == data


def test_a_long_body_that_is_not_what_was_announced_leaves_nothing(store):
    data = bytes(12_000_000)
    store.create(ID)
    store.append(ID, 0, [DATA])
    with pytest.raises(DigestMismatch):
        store.append(ID, len(DATA), chunks(data, 65536), sha256=SHA)
    assert store.size(ID) == len(DATA)
    store.append(ID, len(DATA), [b"end"])
    store.finish(ID, hashlib.sha256(DATA + b"end").hexdigest())


def test_ten_at_once_write_one_upload_once(store, opened):
    """Whoever is not the one is told `busy` or the right offset; no byte is written twice."""
    store.create(ID)
    told, start = [], threading.Barrier(10)

    def write():
        mine = opened()
        start.wait()
        try:
            told.append(mine.append(ID, 0, chunks(DATA)))
        except (UploadBusy, WrongOffset) as error:
            told.append(error)

    threads = [threading.Thread(target=write) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 10
    assert [answer for answer in told if isinstance(answer, int)] == [len(DATA)]
    assert {error.actual for error in told if isinstance(error, WrongOffset)} <= {len(DATA)}
    store.finish(ID, SHA)


def test_ten_at_once_write_ten_uploads(store, opened):
    contents = [DATA + bytes([number]) for number in range(10)]
    failed = []

    def write(number):
        try:
            hand_in(opened(), f"upload-{number}", contents[number])
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    hashes = sorted(hashlib.sha256(data).hexdigest() for data in contents)
    assert [blob.sha256 for blob in store.list_blobs()] == hashes
    assert {content(store, hash_) for hash_ in hashes} == set(contents)


# Reading and listing


def test_a_blob_is_a_file_to_seek_in(store):
    hand_in(store, ID, DATA)
    with store.open(SHA) as file:
        assert file.seekable()
        assert file.read(10) == DATA[:10]
        assert file.seek(-5, io.SEEK_END) == len(DATA) - 5
        assert file.read() == DATA[-5:]
        assert file.read() == b""
        assert (file.seek(256), file.read(4), file.tell()) == (256, DATA[256:260], 260)
        assert (file.seek(len(DATA) + 9), file.read(1)) == (len(DATA) + 9, b"")
        with pytest.raises((ValueError, OSError)):
            file.seek(-1)


def test_blobs_are_listed_by_hash_with_their_sizes(store):
    assert list(store.list_blobs()) == []
    sizes = {hand_in(store, f"upload-{size}", b"x" * size): size for size in range(25)}
    listed = list(store.list_blobs())
    assert listed == sorted(listed, key=lambda blob: blob.sha256)
    assert {blob.sha256: blob.size for blob in listed} == sizes
    store.delete(listed[0].sha256)
    assert list(store.list_blobs()) == listed[1:]


def test_a_check_leaves_nothing(store):
    store.check()
    assert (store.list_partials(), list(store.list_blobs())) == ([], [])


# What is not there


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.size(ID),
        lambda store: store.digest(ID),
        lambda store: store.append(ID, 0, [b"x"]),
        lambda store: store.finish(ID, SHA),
    ],
    ids=["size", "digest", "append", "finish"],
)
def test_an_upload_that_is_not_there(store, act):
    with pytest.raises(NoSuchUpload):
        act(store)


def test_a_blob_that_is_not_there(store):
    assert not store.exists(SHA)
    with pytest.raises(NoSuchBlob):
        store.open(SHA)
    store.delete(SHA)


def test_discard_and_delete_remove_and_may_be_repeated(store):
    store.create(ID)
    store.discard(ID)
    store.discard(ID)
    assert store.list_partials() == []
    store.create(ID)
    store.append(ID, 0, chunks(DATA))
    store.finish(ID, SHA)
    store.delete(SHA)
    store.delete(SHA)
    assert not store.exists(SHA)


def test_partials_are_listed_with_size_and_age(store):
    for upload, data in (("upload-b", b"12"), ("upload-a", b"1")):
        store.create(upload)
        store.append(upload, 0, [data])
    listed = store.list_partials()
    assert [(partial.id, partial.size) for partial in listed] == [("upload-a", 1), ("upload-b", 2)]
    assert abs(listed[0].modified - datetime.now(UTC)) < timedelta(minutes=5)


# Names

EVIL = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "%2e%2e%2fpasswd",
    "CON",
    "aux.txt",
    "abcdefgh\0",
    "abcdefgh\n",
    "abcdefgh/../x",
    "-rf-----------",
    "网格网格网格网格",
    "a" * 65,
    "~root-file",
    "file name 1",
]
EVIL_HASHES = [*EVIL, SHA[:-1], SHA + "0", SHA.upper(), SHA + "\n", f"../{SHA}", "g" * 64]


@pytest.mark.parametrize("name", EVIL)
def test_no_evil_upload_id_reaches_the_store(store, name):
    for act in (store.create, store.size, store.digest, store.discard):
        with pytest.raises(BadName):
            act(name)
    with pytest.raises(BadName):
        store.append(name, 0, [b"x"])
    with pytest.raises(BadName):
        store.finish(name, SHA)
    assert store.list_partials() == []


@pytest.mark.parametrize("name", EVIL_HASHES)
def test_no_evil_hash_reaches_the_store(store, name):
    store.create(ID)
    for act in (store.open, store.exists, store.delete):
        with pytest.raises(BadName):
            act(name)
    with pytest.raises(BadName):
        store.finish(ID, name)
    assert store.size(ID) == 0
