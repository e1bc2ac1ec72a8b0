"""A deployment to be poked, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.web import Wire
from tests.journeys.world import World, opened


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    with opened(tmp_path, database_url) as world:
        yield world


@pytest.fixture
def wire(world: World) -> Wire:
    """A phone of the worker of `grids[0]`."""
    return world.wire()
