"""A demo takes only what is its own."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from server.app import create_app
from server.cli.demo import ground
from server.cli.options import Refused
from server.config import Settings
from server.grid.models import Member, Tree
from server.kernel.database import db, reading
from tests.cli.conftest import Deployment
from tests.conftest import settings_for

PASSWORD = "a long password"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/elsewhere.db"
        return
    server = request.getfixturevalue("postgres_url")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty_for_demo")
    yield make_url(server).set(database="empty_for_demo").render_as_string(False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE empty_for_demo WITH (FORCE)")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "demo"
    return settings_for(data, f"sqlite:///{data}/gewu.db")


def members(settings: Settings) -> list[str | None]:
    with create_app(settings).app_context(), reading() as session:
        names = list(session.scalars(select(Member.username)))
        assert session.get(Tree, ground.TREE) is not None
        db.engine.dispose()
    return names


def test_a_new_folder_is_laid_out_and_cleared_again(settings: Settings) -> None:
    assert not ground.clear(settings.data, settings)
    ground.lay(settings, PASSWORD)
    assert members(settings) == ["admin"]
    assert settings.data.stat().st_mode & 0o077 == 0
    assert ground.clear(settings.data, settings)
    assert not settings.data.exists()


def test_a_folder_that_no_demo_made_is_left_alone(settings: Settings) -> None:
    settings.data.mkdir()
    precious = settings.data / "precious.txt"
    precious.write_text("mine")
    with pytest.raises(Refused, match="--data"):
        ground.clear(settings.data, settings)
    assert precious.read_text() == "mine"


def test_a_file_in_its_place_is_left_alone(settings: Settings) -> None:
    settings.data.write_text("mine")
    with pytest.raises(Refused):
        ground.clear(settings.data, settings)
    assert settings.data.read_text() == "mine"


def test_a_demo_that_runs_is_left_alone(settings: Settings) -> None:
    ground.lay(settings, PASSWORD)
    with (settings.data / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        with pytest.raises(Refused):
            ground.clear(settings.data, settings)
    assert members(settings) == ["admin"]


def test_a_database_of_an_earlier_demo_is_made_anew(tmp_path: Path, empty_url: str) -> None:
    settings = settings_for(tmp_path / "demo", empty_url)
    ground.lay(settings, PASSWORD)
    ground.clear(settings.data, settings)
    ground.lay(settings, PASSWORD)
    assert members(settings) == ["admin"]


def test_a_database_with_members_of_others_is_left_alone(
    deployment: Deployment, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path / "demo", deployment.database_url)
    with pytest.raises(Refused, match="1"):
        ground.lay(settings, PASSWORD)
    with deployment.app(), reading() as session:
        assert session.scalars(select(Member.username)).all() == ["admin"]
        assert session.scalars(select(Tree)).all() == []


def test_a_database_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "demo", "postgresql+psycopg://x@127.0.0.1:1/x")
    with pytest.raises(Refused, match="OperationalError"):
        ground.lay(settings, PASSWORD)
