"""A photo gets in however often its connection is cut, and costs little more than its bytes.

Promised: bytes that arrived before the cut are kept, but for a chunk at most; what the server said
it has is never sent again; there is one blob with the right bytes in the end.
"""

import http.client
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.kernel.database import reading
from server.media.models import Blob
from server.media.storage import media_store
from server.media.tus import CHUNK_BYTES
from tests import s3
from tests.faults.cutting import cutting
from tests.journeys.gunicorn import started
from tests.journeys.world import World
from tests.media.road import Road
from tests.media.tools import sha256

SIZE = 3_000_000
MOST_TRIES = 500


@pytest.fixture(params=["disk", "s3"])
def photos(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The settings that name each kind of store."""
    if request.param == "disk":
        return {"media_url": f"file://{tmp_path}/media"}
    service: s3.Service = request.getfixturevalue("s3_service")
    return service.place().settings


@pytest.fixture
def world(tmp_path: Path, database_url: str, photos: dict[str, str]) -> Iterator[World]:
    with started(tmp_path, database_url, **photos) as (_, world):
        yield world


def send(road: Road, place: str, offset: int, content: bytes) -> bool:
    """Whether the rest of the content went through in one PATCH."""
    try:
        answer = road.patch(place, offset, content[offset:])
    except (OSError, http.client.HTTPException):
        return False
    if answer.status == 423:
        return False
    assert answer.status in (204, 409), json.loads(answer.body)
    return bool(answer.status == 204)


def hand_in(direct: Road, cut: Road, content: bytes) -> list[int]:
    """The offsets from which the content was sent until all of it was in."""
    place = direct.place(content)
    offsets = [0]
    for _ in range(MOST_TRIES):
        if send(cut, place, offsets[-1], content):
            return offsets
        offsets.append(direct.offset(place))
    raise AssertionError(offsets)


def check(world: World, seed: int, harsh: bool) -> None:
    """Hand in a photo through a proxy that cuts, `harsh`: resets, and look what became of it."""
    rng = random.Random(seed)
    content, phone = rng.randbytes(SIZE), world.wire().phone
    with cutting(world.url, rng, most=600_000, harsh=harsh) as cutter:
        offsets = hand_in(Road(world.url, phone), Road(cutter.url, phone), content)
    assert cutter.cuts > 3
    assert offsets == sorted(offsets)
    # What a reset throws away on its way to the server is none of the server's.
    assert SIZE <= cutter.passed <= SIZE + cutter.cuts * CHUNK_BYTES or harsh
    with world.inside(), media_store().open(sha256(content)) as file:
        assert file.read() == content


def test_photos_get_in_through_a_proxy_that_cuts(world: World) -> None:
    for seed in range(4):
        check(world, seed, harsh=seed % 2 == 1)
    with world.inside(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Blob)) == 4
