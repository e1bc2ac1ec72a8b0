"""A street and who asks there what changed."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import factories
from tests.factories import Street
from tests.live.asking import Asking


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


@pytest.fixture
def supervisor(client: FlaskClient, street: Street) -> Asking:
    return Asking(client, street.supervisor)
