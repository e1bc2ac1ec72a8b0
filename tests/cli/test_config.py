"""`gewu config`: every setting, none of its secrets."""

from server.config import SETTINGS
from tests.cli.conftest import Deployment


def rows(output: str) -> dict[str, str]:
    lines = [line for line in output.splitlines() if "GEWU_" in line]
    return {line.split()[1]: line for line in lines}


def test_shows_every_setting_with_its_source(on_sqlite: Deployment) -> None:
    shown = rows(on_sqlite.gewu("config", "--show", GEWU_BATCH_ITEMS="7").output)
    assert set(shown) == {f"GEWU_{name}" for name in SETTINGS}
    assert "environment" in shown["GEWU_BATCH_ITEMS"]
    assert " 7 " in shown["GEWU_BATCH_ITEMS"]
    assert "default" in shown["GEWU_ITEM_BYTES"]


def test_the_option_is_a_source(on_sqlite: Deployment) -> None:
    shown = rows(on_sqlite.gewu("config", "--data", str(on_sqlite.data)).output)
    assert "option" in shown["GEWU_DATA"]


def test_passwords_are_starred(on_sqlite: Deployment) -> None:
    url = "postgresql://gewu:s3cr3t-word@db.example/gewu"
    output = on_sqlite.gewu("config", GEWU_DATABASE_URL=url).output
    assert "s3cr3t-word" not in output
    assert "gewu:***@db.example" in output


def test_an_unknown_setting_is_named(on_sqlite: Deployment) -> None:
    result = on_sqlite.gewu("config", GEWU_BATCHITEMS="7")
    assert result.exit_code == 1
    assert "GEWU_BATCHITEMS" in result.output
