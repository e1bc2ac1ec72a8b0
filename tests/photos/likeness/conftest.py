"""A street, phones that hand in, and the settings of the app under test."""

import pytest
from flask import Flask

from server.config import Settings
from tests.media.conftest import other, street, tus

__all__ = ["other", "settings", "street", "tus"]


@pytest.fixture
def settings(app: Flask) -> Settings:
    found: Settings = app.extensions["gewu_settings"]
    return found
