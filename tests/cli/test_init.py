"""`gewu init` makes a deployment once."""

import stat
from pathlib import Path

import pytest

from server.grid.models import Member, Post
from server.kernel.database import reading, writing
from server.kernel.state import epoch
from tests.cli.conftest import ADMIN, PASSWORD, Deployment


def test_makes_folders_keys_database_and_admin(deployment: Deployment) -> None:
    modes = {
        name: stat.S_IMODE((deployment.data / name).stat().st_mode)
        for name in (".", "keys", "media", "keys/signing.pem", "keys/field.key")
    }
    assert modes == {
        ".": 0o700,
        "keys": 0o700,
        "media": 0o700,
        "keys/signing.pem": 0o600,
        "keys/field.key": 0o600,
    }
    with deployment.app(), reading() as session:
        post = session.query(Post).one()
        assert (post.role, post.area) == ("admin", None)
        assert session.get_one(Member, post.member).username == ADMIN
        assert epoch(session)


def test_again_is_harmless_and_says_so(deployment: Deployment) -> None:
    with deployment.app(), reading() as session:
        before = epoch(session)
    keys = (deployment.data / "keys/field.key").read_text()
    result = deployment.gewu("init", "--admin", " Admin ")
    assert result.exit_code == 0
    assert "stands as it was" in result.output
    assert (deployment.data / "keys/field.key").read_text() == keys
    with deployment.app(), reading() as session:
        assert epoch(session) == before
        assert session.query(Member).count() == 1


def test_another_admin_is_refused(on_sqlite: Deployment) -> None:
    result = on_sqlite.gewu("init", "--admin", "second", GEWU_ADMIN_PASSWORD=PASSWORD)
    assert result.exit_code == 1
    assert "another admin" in result.output
    with on_sqlite.app(), reading() as session:
        assert session.query(Member).count() == 1


def test_the_password_is_asked_for_twice(tmp_path: Path) -> None:
    fresh = Deployment(tmp_path / "data", "sqlite://")
    typed = f"{PASSWORD}\n{PASSWORD} not\n{PASSWORD}\n{PASSWORD}\n"
    result = fresh.gewu("init", "--admin", ADMIN, typed=typed)
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert "Made the admin admin" in result.output


@pytest.mark.parametrize("by_environment", [True, False])
def test_a_short_password_is_refused(tmp_path: Path, by_environment: bool) -> None:
    fresh = Deployment(tmp_path / "data", "sqlite://")
    short = "too short"
    env = {"GEWU_ADMIN_PASSWORD": short if by_environment else None}
    result = fresh.gewu("init", "--admin", ADMIN, typed=f"{short}\n{short}\n", **env)
    assert result.exit_code == 1
    assert "10 or more" in result.output


def test_a_name_that_is_taken_by_no_admin_is_refused(on_sqlite: Deployment) -> None:
    with on_sqlite.app(), writing() as session:
        session.query(Post).delete()
    result = on_sqlite.gewu("init", "--admin", ADMIN, GEWU_ADMIN_PASSWORD=PASSWORD)
    assert result.exit_code == 1
    assert "name is taken" in result.output
