"""Two workers of different communities with a phone each."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import factories, s3
from tests.factories import Street
from tests.media.tools import Tus


@pytest.fixture
def photos(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where the photos are: in the data folder, or with `--photos s3` in a bucket."""
    if request.config.getoption("photos") == "disk":
        return {}
    service: s3.Service = request.getfixturevalue("s3_service")
    return service.place().settings


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


@pytest.fixture
def tus(client: FlaskClient, street: Street) -> Tus:
    """The phone of the worker of `grids[0]`."""
    return Tus(client, factories.device_for(street.workers[0]))


@pytest.fixture
def other(client: FlaskClient, street: Street) -> Tus:
    """The phone of the worker of `grids[3]`, in the other community."""
    return Tus(client, factories.device_for(street.workers[3]))
