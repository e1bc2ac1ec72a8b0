"""The store on a disk: who may look, a full or failing disk, and death at every line."""

import errno
import os
import resource
import signal
import stat
import sys

import pytest

from server.media.stores import disk as store_module
from server.media.stores.base import DigestMismatch, NoSpace, NoSuchUpload, StoreAway
from server.media.stores.disk import DiskStore
from tests.media.stores.tools import DATA, ID, SHA, chunks, content


@pytest.fixture
def root(tmp_path):
    return tmp_path / "media"


@pytest.fixture
def store(root):
    return DiskStore(root)


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


def test_foreign_files_are_no_blobs(store, root):
    for name in ("blobs/note.txt", "blobs/ab/note.txt", f"blobs/ab/cd/{SHA}", "blobs/ab/cd/x"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    assert list(store.list_blobs()) == []


def test_a_folder_that_cannot_be_written_is_away(store, root):
    (root / "blobs").rmdir()
    with pytest.raises(StoreAway, match="ENOENT"):
        store.check()


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
