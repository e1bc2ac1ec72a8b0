"""The store of photo bytes: offsets, digests, names, a full disk, and death at every line."""

import errno
import hashlib
import os
import resource
import signal
import stat
import sys
from datetime import UTC, datetime, timedelta

import pytest

from server.media import store as store_module
from server.media.store import (
    BadName,
    BlobStore,
    DigestMismatch,
    DiskStore,
    NoSpace,
    NoSuchBlob,
    NoSuchUpload,
    UploadBusy,
    WrongOffset,
)

ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b"
DATA = bytes(range(256)) * 40
SHA = hashlib.sha256(DATA).hexdigest()


class Hangup(Exception):
    """The client went away."""


@pytest.fixture
def root(tmp_path):
    return tmp_path / "media"


@pytest.fixture
def store(root) -> BlobStore:
    return DiskStore(root)


def chunks(data: bytes, size: int = 1000):
    return (data[start : start + size] for start in range(0, len(data), size))


def broken_off(data: bytes):
    yield from chunks(data)
    raise Hangup


def content(store: BlobStore, sha256: str) -> bytes:
    with store.open(sha256) as file:
        return file.read()


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


def test_the_same_content_twice_is_one_blob(store, root):
    for upload in (ID, "second-upload"):
        store.create(upload)
        store.append(upload, 0, chunks(DATA))
        store.finish(upload, SHA)
    assert content(store, SHA) == DATA
    assert len([path for path in (root / "blobs").rglob("*") if path.is_file()]) == 1


def test_finishing_again_is_the_same_as_once(store):
    store.create(ID)
    store.append(ID, 0, chunks(DATA))
    store.finish(ID, SHA)
    store.finish(ID, SHA)
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


def test_two_requests_cannot_write_one_upload(store, root):
    store.create(ID)

    def with_a_rival():
        yield DATA[:10]
        with pytest.raises(UploadBusy):
            DiskStore(root).append(ID, 10, [b"rival"])
        with pytest.raises(UploadBusy):
            DiskStore(root).finish(ID, SHA)
        yield DATA[10:]

    assert store.append(ID, 0, with_a_rival()) == len(DATA)
    store.finish(ID, SHA)
    assert content(store, SHA) == DATA


def test_an_upload_that_is_finished_while_the_lock_is_awaited(store, monkeypatch):
    """The other process renames the file between our opening and our locking it."""
    store.create(ID)
    store.append(ID, 0, chunks(DATA))
    lock = store_module._lock

    def late_lock(fd, upload_id):
        monkeypatch.setattr(store_module, "_lock", lock)
        store.finish(ID, SHA)
        lock(fd, upload_id)

    monkeypatch.setattr(store_module, "_lock", late_lock)
    with pytest.raises(NoSuchUpload):
        store.append(ID, len(DATA), [b"more"])
    assert content(store, SHA) == DATA


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
def test_no_evil_upload_id_reaches_the_disk(store, root, name):
    before = sorted(root.rglob("*"))
    for act in (store.create, store.size, store.digest, store.discard):
        with pytest.raises(BadName):
            act(name)
    with pytest.raises(BadName):
        store.append(name, 0, [b"x"])
    with pytest.raises(BadName):
        store.finish(name, SHA)
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("name", EVIL_HASHES)
def test_no_evil_hash_reaches_the_disk(store, name):
    store.create(ID)
    for act in (store.open, store.exists, store.delete):
        with pytest.raises(BadName):
            act(name)
    with pytest.raises(BadName):
        store.finish(ID, name)
    assert store.size(ID) == 0


def test_only_the_owner_may_look(store, root):
    old = os.umask(0)
    try:
        store.create(ID)
        store.append(ID, 0, chunks(DATA))
        store.create("second-upload")
        store.finish(ID, SHA)
    finally:
        os.umask(old)
    for path in [root, *root.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


# A full or failing disk


def test_the_floor_refuses_before_the_disk_is_full(store, root):
    store.create(ID)
    full = DiskStore(root, floor=2**62)
    with pytest.raises(NoSpace):
        full.create("second-upload")
    with pytest.raises(NoSpace):
        full.append(ID, 0, [b"x"])
    assert full.size(ID) == 0
    assert [partial.id for partial in store.list_partials()] == [ID]


def in_child(act) -> int:
    """The exit code of a forked process that runs `act`: 0, or 1 if it raised."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_chunk_that_fits_only_in_part_is_cut_off(store):
    """The kernel takes half of the second chunk, as on a disk that has just filled up."""
    store.create(ID)

    def write():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
        store.append(ID, 0, chunks(DATA))

    assert in_child(write) == 1
    assert store.size(ID) == 1000
    store.append(ID, 1000, chunks(DATA[1000:]))
    store.finish(ID, SHA)


@pytest.mark.parametrize(
    ("number", "raised"),
    [(errno.ENOSPC, NoSpace), (errno.EDQUOT, NoSpace), (errno.EIO, OSError)],
)
def test_bytes_that_cannot_be_synced_are_not_acknowledged(store, monkeypatch, number, raised):
    store.create(ID)
    store.append(ID, 0, chunks(DATA[:1000]))

    def failing(fd):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch, pytest.raises(raised):
        patch.setattr(os, "fsync", failing)
        store.append(ID, 1000, chunks(DATA[1000:]))
    assert store.size(ID) == 1000


# Death at every line of the module


def dying_at(line: int, act):
    """`act` in a process that dies, unasked, when the store is about to run its `line`th line."""
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        if frame.f_code.co_filename != store_module.__file__:
            return None
        if event == "line":
            count += 1
            if count == line:
                os._exit(9)
        return trace

    def traced():
        sys.settrace(trace)
        act()

    return in_child(traced)


def every_death(act):
    """Run `act` dying at line 1, 2, 3, … until it comes through; yield after each death."""
    line = 0
    while True:
        line += 1
        code = dying_at(line, act)
        assert code in (0, 9)
        yield line
        if code == 0:
            return


def resume(root) -> int:
    """What a device does that comes back: create, ask for the offset, send the rest, finish."""
    store = DiskStore(root)
    if store.exists(SHA):
        store.finish(ID, SHA)
        return len(DATA)
    store.create(ID)
    offset = store.size(ID)
    store.append(ID, offset, chunks(DATA[offset:]))
    store.finish(ID, SHA)
    return offset


def test_killed_anywhere_the_upload_goes_on(tmp_path):
    """Whatever the line: never a wrong blob, never a lost upload, and the next try ends well."""
    roots = (tmp_path / str(number) for number in range(10_000))
    root = next(roots)

    def whole_upload():
        store = DiskStore(root)
        store.create(ID)
        store.append(ID, 0, chunks(DATA[:3000]))
        store.append(ID, 3000, chunks(DATA[3000:], 4000))
        store.finish(ID, SHA)

    offsets = set()
    for _ in every_death(whole_upload):
        blobs = [path for path in root.rglob("*") if path.is_file() and path.name == SHA]
        assert all(path.read_bytes() == DATA for path in blobs)
        partial = root / "partials" / ID
        assert not partial.exists() or DATA.startswith(partial.read_bytes())
        offsets.add(resume(root))
        assert content(DiskStore(root), SHA) == DATA
        assert DiskStore(root).list_partials() == []
        root = next(roots)
    assert {0, 1000, 3000, 7000, len(DATA)} <= offsets


def test_what_was_acknowledged_survives_the_next_death(root):
    store = DiskStore(root)
    store.create(ID)
    store.append(ID, 0, chunks(DATA[:2000]))
    for _ in every_death(lambda: store.append(ID, 2000, [DATA[2000:2010]])):
        assert store.size(ID) in (2000, 2010)
        os.truncate(root / "partials" / ID, 2000)


def test_killed_while_a_mismatch_is_handled(tmp_path):
    roots = (tmp_path / str(number) for number in range(10_000))
    root = next(roots)

    def refused():
        store = DiskStore(root)
        store.create(ID)
        store.append(ID, 0, [b"x" + DATA[1:]])
        with pytest.raises(DigestMismatch):
            store.finish(ID, SHA)

    for _ in every_death(refused):
        store = DiskStore(root)
        assert not store.exists(SHA)
        store.create(ID)
        assert store.size(ID) in (0, len(DATA))
        root = next(roots)
    assert store.size(ID) == 0
