"""The lock of the one worker, on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from server.config import Settings
from server.jobs.alone import lock_for
from tests.conftest import settings_for


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return settings_for(tmp_path, database_url)


def test_only_one_holds_it(settings: Settings) -> None:
    first, second = lock_for(settings), lock_for(settings)
    assert first.take()
    assert not second.take()
    assert first.held()
    assert not second.held()
    first.release()
    assert not first.held()
    assert second.take()
    second.release()


def test_release_without_holding_is_harmless(settings: Settings) -> None:
    lock = lock_for(settings)
    lock.release()
    assert lock.take()
    lock.release()


def test_the_lock_is_for_one_deployment(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = lock_for(settings_for(tmp_path / "other", f"sqlite:///{tmp_path}/other/gewu.db"))
    lock = lock_for(settings)
    assert lock.take()
    assert other.take()
    lock.release()
    other.release()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_cut_connection_is_noticed(settings: Settings) -> None:
    lock, next_one = lock_for(settings), lock_for(settings)
    assert lock.take()
    with create_engine(settings.database_url).connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert not lock.held()
    assert next_one.take()
    next_one.release()
    lock.release()
