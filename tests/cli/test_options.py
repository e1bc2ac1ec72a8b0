"""`--data`, bad settings, and deployments that are not sound, the same for every command."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from sqlalchemy import text

from server.cli import main
from server.kernel.database import writing
from tests.cli.conftest import Deployment


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


EVERY = sorted(commands(main))
PURE = {("pack", name) for name in ("catalog", "check", "diff", "schema", "show")}
"""They read files alone, and know of no deployment."""
ALL = [path for path in EVERY if path not in PURE]
WITH_ARGUMENTS = {
    ("init",): ("--admin", "x"),
    ("enrol",): ("wang",),
    ("quarantine", "show"): ("x",),
    ("quarantine", "replay"): ("--all",),
    ("tasks", "push"): ("--to", "wang", "--title", "x"),
    ("tasks", "show"): ("x",),
    ("tasks", "reassign"): ("x", "--to", "wang", "--reason", "x"),
    ("absences", "add"): ("--member", "wang", "--from", "2099-01-01", "--to", "2099-01-02"),
    ("absences", "end"): ("x",),
    ("calendar", "set"): ("2099-01-01", "--working"),
    ("calendar", "unset"): ("2099-01-01",),
    ("pack", "install"): ("xiaoshan", "--from", "2099-01-01"),
    ("jobs", "retry"): ("x",),
    ("media", "move"): ("--to", "file:///srv/photos"),
    ("backup",): ("copy.db",),
    ("db", "revision"): ("-m", "x"),
}
MAKE_THEIR_OWN = {"init", "config", "doctor", "db", "demo"}
NEED_A_DEPLOYMENT = [path for path in ALL if path[0] not in MAKE_THEIR_OWN]


@pytest.fixture
def nothing(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path / "nothing", "sqlite://")


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_shows_an_example_and_the_data_option(
    nothing: Deployment, path: tuple[str, ...]
) -> None:
    output = nothing.gewu(*path, "--help").output
    assert ("--data" in output) == (path not in PURE)
    assert f"gewu {' '.join(path)}" in " ".join(output.split())


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_a_bad_setting_is_named(nothing: Deployment, path: tuple[str, ...]) -> None:
    result = nothing.gewu(*path, *WITH_ARGUMENTS.get(path, ()), GEWU_BATCH_ITEMS="many")
    assert result.exit_code == 1
    assert "GEWU_BATCH_ITEMS=many" in result.output
    assert not nothing.data.exists()


@pytest.mark.parametrize("path", NEED_A_DEPLOYMENT, ids=" ".join)
def test_without_a_deployment_it_says_gewu_init(nothing: Deployment, path: tuple[str, ...]) -> None:
    nothing.data.mkdir()
    result = nothing.gewu(*path, *WITH_ARGUMENTS.get(path, ()))
    assert result.exit_code == 1
    assert "gewu init" in result.output
    assert not (nothing.data / "gewu.db").exists()


@pytest.mark.parametrize("command", ["serve", "worker", "items"])
def test_a_database_without_its_schema_says_gewu_db_upgrade(
    deployment: Deployment, command: str
) -> None:
    with deployment.app(), writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
    result = deployment.gewu(command)
    assert result.exit_code == 1
    assert "gewu db upgrade" in result.output


def test_the_option_goes_before_the_environment(on_sqlite: Deployment, tmp_path: Path) -> None:
    result = on_sqlite.gewu("items", "--data", str(tmp_path / "other"))
    assert result.exit_code == 1
    assert str(tmp_path / "other") in result.output


def test_chinese_unless_told_otherwise(on_sqlite: Deployment) -> None:
    assert "审计链完整" in on_sqlite.gewu("audit", "verify", GEWU_LANG=None).output
    assert "are whole" in on_sqlite.gewu("audit", "verify", GEWU_LANG="en").output
