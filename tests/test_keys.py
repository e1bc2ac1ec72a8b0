"""The deployment's keys: made once, for nobody else to read, named when they are missing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server import keys
from server.app import create_app
from server.config import Settings
from server.kernel.crypto import generate_key
from server.kernel.signing import verify
from tests.conftest import settings_for


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, f"sqlite:///{tmp_path}/none.db")


@pytest.fixture
def bare(settings: Settings) -> Flask:
    """The app without a database and without keys."""
    return create_app(settings)


def contents(settings: Settings) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in settings.keys.iterdir()}


def test_they_are_made_once(settings: Settings) -> None:
    made = keys.ensure_keys(settings)
    assert made == [settings.keys / "signing.pem", settings.keys / "field.key"]
    first = contents(settings)
    assert keys.ensure_keys(settings) == []
    assert contents(settings) == first


def test_only_what_is_missing_is_made(settings: Settings) -> None:
    keys.ensure_keys(settings)
    first = contents(settings)
    (settings.keys / "field.key").unlink()
    assert keys.ensure_keys(settings) == [settings.keys / "field.key"]
    assert contents(settings)["signing.pem"] == first["signing.pem"]
    assert contents(settings)["field.key"] != first["field.key"]


def test_nobody_else_reads_them(settings: Settings) -> None:
    made = keys.ensure_keys(settings)
    assert [path.stat().st_mode & 0o777 for path in made] == [0o600, 0o600]
    assert settings.keys.stat().st_mode & 0o777 == 0o700


def test_two_deployments_have_different_keys(settings: Settings, tmp_path: Path) -> None:
    other = settings_for(tmp_path / "other", f"sqlite:///{tmp_path}/none.db")
    for deployment in (settings, other):
        keys.ensure_keys(deployment)
    assert not set(contents(settings).values()) & set(contents(other).values())


@pytest.mark.parametrize(
    ("use", "name"), [(keys.signer, "signing.pem"), (keys.cipher, "field.key")]
)
def test_a_missing_key_is_named(
    bare: Flask, settings: Settings, use: Callable[[], Any], name: str
) -> None:
    with bare.app_context(), pytest.raises(keys.KeysMissing, match="gewu init") as caught:
        use()
    assert str(settings.keys / name) in str(caught.value)


def test_they_are_read_when_they_are_needed(bare: Flask, settings: Settings) -> None:
    keys.ensure_keys(settings)
    with bare.app_context():
        signer = keys.signer()
        assert verify(signer.public_base64(), "text", signer.sign("text"))
        assert keys.signer() is signer
        sealed = keys.cipher().seal("13800000000", context="phone")
        assert keys.cipher().open_(sealed, context="phone") == "13800000000"


def test_a_new_first_line_seals_and_the_old_one_still_opens(settings: Settings) -> None:
    keys.ensure_keys(settings)
    path = settings.keys / "field.key"
    with create_app(settings).app_context():
        old = keys.cipher().seal("13800000000", context="phone")
    path.write_text(generate_key() + "\n" + path.read_text())
    with create_app(settings).app_context():
        new = keys.cipher().seal("13800000000", context="phone")
        assert (
            keys.cipher().open_(old, context="phone")
            == keys.cipher().open_(new, context="phone")
            == "13800000000"
        )
    path.write_text(path.read_text().splitlines()[0])
    with create_app(settings).app_context():
        assert keys.cipher().open_(new, context="phone") == "13800000000"
