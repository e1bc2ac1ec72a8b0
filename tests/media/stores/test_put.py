"""Bytes in hand become a blob at once, or leave nothing."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from server.media.stores import disk
from server.media.stores.base import BadName, NoSpace
from server.media.stores.disk import DiskStore
from tests.media.tools import picture, sha256

PHOTO = picture("green")
HASH = sha256(PHOTO)


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path, floor=0)


def test_a_blob_is_there_once_and_leaves_no_partial(store: DiskStore) -> None:
    for _ in range(2):
        store.put(HASH, PHOTO)
        with store.open(HASH) as file:
            assert file.read() == PHOTO
    assert store.list_partials() == []


def test_what_a_killed_process_left_of_it_is_overwritten(store: DiskStore, tmp_path: Path) -> None:
    (tmp_path / "partials" / HASH).write_bytes(bytes(len(PHOTO) + 9))
    store.put(HASH, PHOTO)
    with store.open(HASH) as file:
        assert file.read() == PHOTO


def test_only_a_hash_is_a_name(store: DiskStore) -> None:
    with pytest.raises(BadName):
        store.put("../" + HASH, PHOTO)


def test_the_floor_stays_free(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, floor=1 << 62)
    with pytest.raises(NoSpace):
        store.put(HASH, PHOTO)
    assert (store.exists(HASH), store.list_partials()) == (False, [])


def test_a_disk_that_is_full_half_way_keeps_nothing(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int, chunk: Any) -> None:
        os.write(fd, chunk[:9])
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(disk, "_write", full)
    with pytest.raises(NoSpace):
        store.put(HASH, PHOTO)
    assert (store.exists(HASH), store.list_partials()) == (False, [])


def test_the_bytes_are_on_the_disk_before_the_name_and_the_folders_after(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    synced, replaced = os.fsync, Path.replace

    def fsync(fd: int) -> None:
        done.append(Path(os.readlink(f"/proc/self/fd/{fd}")).name)
        synced(fd)

    def replace(self: Path, target: Path) -> Path:
        done.append("named")
        return replaced(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    store.put(HASH, PHOTO)
    assert done == [HASH, "named", HASH[2:4], HASH[:2], "blobs"]
