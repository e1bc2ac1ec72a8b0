"""What the README files promise is there: settings, commands, files."""

import re
from pathlib import Path

import click
import pytest

from fieldkit.cli import main as fieldkit
from server.cli import main as gewu
from server.config import SETTINGS

ROOT = Path(__file__).parents[1]
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}


@pytest.mark.parametrize("language", READMES)
def test_every_setting_is_listed_with_its_default_and_its_meaning(language: str) -> None:
    text = READMES[language].read_text()
    for name, setting in SETTINGS.items():
        default = f"`{setting.default}`" if setting.default else ""
        assert f"| `GEWU_{name}` | {default} | {getattr(setting, language)} |" in text


@pytest.mark.parametrize("language", READMES)
def test_what_it_tells_to_type_exists(language: str) -> None:
    text = READMES[language].read_text()
    groups = {"gewu": gewu, "fieldkit": fieldkit}
    found = re.findall(r"^(?:\S+=\S+ )*(gewu|fieldkit) ([a-z]+)", text, re.MULTILINE)
    assert len(found) > 8
    for program, command in found:
        assert command in groups[program].commands, f"{program} {command}"


@pytest.mark.parametrize("language", READMES)
def test_every_file_it_points_to_exists(language: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", READMES[language].read_text()):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("program", [gewu, fieldkit], ids=["gewu", "fieldkit"])
def test_every_command_stands_in_the_changelog(program: click.Group) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    for name, command in program.commands.items():
        assert command.hidden or re.search(rf"\b{name}\b", changelog), name
