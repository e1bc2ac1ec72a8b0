"""Every command explains itself, and fails with a sentence."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from fieldkit.cli import main
from fieldkit.store import FILE
from tests.fieldkit.cli.conftest import Run


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        here = (*path, name)
        if isinstance(command, click.Group):
            found |= _commands(command, here)
        else:
            found[" ".join(here)] = command
    return found


COMMANDS = _commands(main)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_in_both_languages_with_an_example(run: Run, name: str) -> None:
    text = run(*name.split(), "--help").output
    assert "Example:" in text
    assert f"fieldkit {name}" in text.replace("| fieldkit", "fieldkit")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    options = [option for option in COMMANDS[name].params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize(
    "words",
    [
        ["sync"],
        ["status"],
        ["shift", "start"],
        ["report", "--category", "1", "--text", "x"],
    ],
)
@pytest.mark.parametrize(("lang", "said"), [("zh", "本机还没有接入"), ("en", "not enrolled")])
def test_before_enrolment_a_sentence_is_said(
    run: Run, words: list[str], lang: str, said: str
) -> None:
    result = run("--lang", lang, *words, ok=False)
    assert said in result.output
    assert "Traceback" not in result.output


def test_the_home_comes_from_the_environment_too(tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    CliRunner().invoke(main, ["sent"], env={"FIELDKIT_HOME": str(home)})
    assert (home / FILE).exists()


@pytest.mark.parametrize("broken", [False, True])
def test_a_home_that_cannot_be_used_is_told_as_a_sentence(tmp_path: Path, broken: bool) -> None:
    home = tmp_path / "home"
    if broken:
        home.mkdir()
        (home / FILE).write_bytes(b"no database" * 1000)
    else:
        tmp_path.joinpath("file").touch()
        home = tmp_path / "file" / "home"
    result = CliRunner().invoke(main, ["--home", str(home), "status"])
    assert result.exit_code == 1
    assert "手机存储" in result.output
