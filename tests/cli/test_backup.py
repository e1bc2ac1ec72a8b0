"""`gewu backup` and `gewu restore`: a copy while it is written to, and back to it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from server.kernel.database import reading
from server.kernel.state import epoch
from tests import wire
from tests.cli.conftest import Deployment, answers, free_port, wait_until
from tests.factories import device_for, street


def epoch_of(deployment: Deployment) -> str:
    with deployment.app(), reading() as session:
        return epoch(session)


def test_back_to_a_copy_the_epoch_is_new_and_the_device_is_reset(
    on_sqlite: Deployment, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    with on_sqlite.app() as app:
        phone = device_for(street().workers[0])
        first = wire.exchange(app.test_client(), phone, wire.line())
    assert on_sqlite.gewu("backup", str(copy)).exit_code == 0
    assert copy.stat().st_mode & 0o077 == 0
    with on_sqlite.app() as app:
        lost = wire.line(seq=2)
        wire.exchange(app.test_client(), phone, lost, epoch=first["epoch"])
    result = on_sqlite.gewu("restore", "--from", str(copy))
    assert result.exit_code == 0, result.output
    with on_sqlite.app() as app:
        after = wire.exchange(app.test_client(), phone, lost, epoch=first["epoch"])
    assert after["epoch"] != first["epoch"]
    assert after["reset"] is True
    assert after["results"][0]["status"] == "accepted"
    assert after["results"][0]["replay"] is False


def test_the_database_that_was_there_is_kept_whole(on_sqlite: Deployment, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    on_sqlite.gewu("backup", str(copy))
    with on_sqlite.app() as app:
        wire.exchange(app.test_client(), device_for(street().workers[0]), wire.line())
    on_sqlite.gewu("restore", "--from", str(copy))
    (kept,) = on_sqlite.data.glob("gewu.db.before-*")
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM item").fetchone() == (1,)


def test_a_copy_never_replaces_a_file(on_sqlite: Deployment, tmp_path: Path) -> None:
    there = tmp_path / "copy.db"
    there.write_text("mine")
    assert on_sqlite.gewu("backup", str(there)).exit_code == 1
    assert there.read_text() == "mine"


@pytest.mark.parametrize("broken", ["text", "empty", "foreign", "cut"])
def test_what_is_no_copy_is_refused_and_changes_nothing(
    on_sqlite: Deployment, tmp_path: Path, broken: str
) -> None:
    before, copy = epoch_of(on_sqlite), tmp_path / "copy.db"
    _spoil(on_sqlite, copy, broken)
    result = on_sqlite.gewu("restore", "--from", str(copy))
    assert result.exit_code == 1
    assert "cannot be used" in result.output
    assert epoch_of(on_sqlite) == before


def _spoil(deployment: Deployment, copy: Path, how: str) -> None:
    if how == "text":
        copy.write_text("no database")
        return
    if how == "empty":
        copy.touch()
        return
    deployment.gewu("backup", str(copy))
    if how == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
        return
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'of another program'")
        connection.commit()


def test_not_while_a_server_runs(on_sqlite: Deployment, tmp_path: Path) -> None:
    port, before = free_port(), epoch_of(on_sqlite)
    server = on_sqlite.start("serve", "--port", str(port), "--workers", "1")
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), server)
    copy = tmp_path / "copy.db"
    assert on_sqlite.gewu("backup", str(copy)).exit_code == 0
    result = on_sqlite.gewu("restore", "--from", str(copy))
    assert result.exit_code == 1
    assert "is running" in result.output
    assert epoch_of(on_sqlite) == before
    server.terminate()
    assert server.wait() == 0
    assert on_sqlite.gewu("restore", "--from", str(copy)).exit_code == 0


def test_without_a_file_only_the_epoch_is_new(deployment: Deployment) -> None:
    before = epoch_of(deployment)
    result = deployment.gewu("restore")
    assert result.exit_code == 0, result.output
    assert epoch_of(deployment) != before
    assert epoch_of(deployment) in result.output


def test_postgresql_has_its_own_tools(on_postgres: Deployment, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup = on_postgres.gewu("backup", str(copy))
    assert (backup.exit_code, copy.exists()) == (2, False)
    assert "pg_dump" in backup.output
    copy.touch()
    restore = on_postgres.gewu("restore", "--from", str(copy))
    assert restore.exit_code == 2
    assert "pg_restore" in restore.output
