"""A street and the phone of the worker of its first grid."""

import pytest
from flask import Flask

from tests import factories
from tests.factories import Phone, Street


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


@pytest.fixture
def phone(street: Street) -> Phone:
    return factories.device_for(street.workers[0])
