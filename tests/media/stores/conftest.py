"""Both stores, each at a place of its own; `rival` is what another process opens there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.media.locks import FileLocks
from server.media.stores.base import BlobStore
from server.media.stores.bucket import Bucket
from server.media.stores.disk import DiskStore
from server.media.stores.s3 import S3Store
from tests import s3

Opened = Callable[[], BlobStore]


@pytest.fixture
def s3_place(s3_service: s3.Service) -> s3.Place:
    return s3_service.place()


def opened_s3(place: s3.Place, locks: Path) -> S3Store:
    """A store as a process of its own would open it."""
    bucket = Bucket(place.address, **{k.removeprefix("s3_"): v for k, v in place.keys.items()})
    return S3Store(bucket, FileLocks(locks))


@pytest.fixture(params=["disk", "s3"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens the store of the test; again and it is another process on the same place."""
    if request.param == "disk":
        return lambda: DiskStore(tmp_path / "media")
    place = request.getfixturevalue("s3_place")
    return lambda: opened_s3(place, tmp_path / "locks")


@pytest.fixture
def store(opened: Opened) -> BlobStore:
    return opened()


@pytest.fixture
def rival(opened: Opened) -> BlobStore:
    return opened()
