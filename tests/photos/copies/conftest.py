"""Phones as in the tests of media, and the worker's jobs done in this process."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from server.jobs.consumer import do_next
from server.jobs.work import WORK
from server.photos.copies.jobs import darkroom
from tests.media.conftest import other, street, tus

__all__ = ["other", "street", "tus"]


@pytest.fixture
def work(app: Flask) -> Iterator[Callable[[], int]]:
    """Do every job that is due; how many there were."""

    def all_that_is_due() -> int:
        done = 0
        while do_next(WORK):
            done += 1
        return done

    yield all_that_is_due
    darkroom().close()
