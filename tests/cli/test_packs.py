"""`gewu pack`: no deployment is needed to write a rule pack."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.packs import shipped
from server.packs.reading import read
from tests.cli.conftest import GEWU
from tests.packs.mistaken import HEAD

COMMANDS = ("check", "show", "diff", "schema", "catalog")
CSV = "大类代码,大类名称,小类代码,小类名称\n06,市容环境,010,暴露垃圾\n06,市容环境,999,本地\n"
NEW = "GB/T 47678.5-2026"


def gewu(*args: object, lang: str = "en") -> Result:
    result = CliRunner().invoke(main, ["pack", *map(str, args)], env={"GEWU_LANG": lang})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def street(tmp_path: Path) -> Path:
    file = tmp_path / "street.yaml"
    file.write_text(HEAD, encoding="utf-8")
    return file


def test_check_says_what_is_sound(street: Path) -> None:
    result = gewu("check", street, *shipped.names())
    assert result.exit_code == 0
    assert result.output.count("✓") == 5
    assert "xiaoshan@1 萧山数字城管信息采集" in result.output


@pytest.mark.parametrize(
    ("lang", "wrong", "right"),
    [
        ("zh", "数量 0 不大于 0", "→ 写 1 或更大的整数"),
        ("en", "0 is not above 0", "→ Write 1 or more"),
    ],
)
def test_check_names_every_mistake_with_its_line(
    street: Path, lang: str, wrong: str, right: str
) -> None:
    street.write_text(HEAD + "deadlines:\n  default: {limit: [0, hour], yellow_at: 2}\n")
    result = gewu("check", "xiaoshan", street, lang=lang)
    assert result.exit_code == 1
    assert "✓ xiaoshan" in result.output
    assert f"{street}:4: deadlines.default.limit [amount_not_positive]" in result.output
    assert f"{street}:4: deadlines.default.yellow_at [yellow_after_red]" in result.output
    assert wrong in result.output
    assert right in result.output


def test_what_is_no_text_or_no_file_is_said(tmp_path: Path) -> None:
    file = tmp_path / "old.yaml"
    file.write_bytes("pack: {name: 街道}".encode("gb18030"))
    assert "[encoding]" in gewu("check", file).output
    missing = gewu("check", tmp_path / "none.yaml")
    assert missing.exit_code == 1
    assert "none.yaml cannot be read" in missing.output
    assert "chashan, community, wujiagang, xiaoshan" in missing.output
    assert gewu("check", tmp_path).exit_code == 1


def test_a_file_comes_before_a_shipped_pack_of_its_name(
    street: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(street.parent)
    street.rename(street.parent / "xiaoshan")
    assert "x@1 示例" in gewu("check", "xiaoshan").output


@pytest.mark.parametrize("name", shipped.names())
def test_show_has_all_sections_and_counts_local_choices(name: str) -> None:
    output = gewu("show", name, lang="zh").output
    for title in ("岗位", "时限", "周期计划", "升级", "通知", "本地选定的理由"):
        assert title in output
    assert f"{len(read(shipped.text(name)).local_choices)} 处由本地选定" in output


def test_show_and_diff_refuse_what_has_mistakes(street: Path) -> None:
    street.write_text("a: 1\n")
    for result in (gewu("show", street), gewu("diff", "xiaoshan", street)):
        assert result.exit_code == 1
        assert f"{street}:1: a [unknown_key]" in result.output


def test_diff_says_what_changes_for_whom(street: Path) -> None:
    text = shipped.text("xiaoshan").replace("红区, every: [1, hour]", "红区, every: [2, hour]")
    street.write_text(text.replace("version: 1", "version: 2"), encoding="utf-8")
    result = gewu("diff", "xiaoshan", street, lang="zh")
    assert "xiaoshan@1 → xiaoshan@2" in result.output
    (row,) = [line for line in result.output.splitlines() if "红区" in line]
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "巡查间隔 红区 间隔",
        "1 小时",
        "2 小时",
        "采集员",
    ]
    assert "say the same" in gewu("diff", "xiaoshan", "xiaoshan").output


def test_schema_is_json_on_the_screen_and_in_a_file(tmp_path: Path) -> None:
    printed = json.loads(gewu("schema").output)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    file = tmp_path / "pack.schema.json"
    assert gewu("schema", "-o", file).exit_code == 0
    assert json.loads(file.read_text(encoding="utf-8")) == printed
    refused = gewu("schema", "-o", tmp_path / "none" / "x.json")
    assert refused.exit_code == 1
    assert "cannot be written" in refused.output


def test_catalog_gives_a_block_that_a_pack_takes(tmp_path: Path) -> None:
    file, out = tmp_path / "events.csv", tmp_path / "catalog.yaml"
    file.write_bytes(CSV.encode("gb18030"))
    result = gewu("catalog", file, "--standard", NEW, "--kind", "event", "-o", out)
    assert result.exit_code == 0
    assert "1 majors, 2 minors" in result.output
    (catalog,) = read(HEAD + out.read_text(encoding="utf-8")).catalogs
    assert [minor.code for minor in catalog.majors[0].minors] == ["010", "999"]


def test_catalog_names_the_bad_lines(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text(CSV + "06,市容环境,0x1,坏\n06,市容\n", encoding="utf-8")
    result = gewu("catalog", file, "--standard", NEW, "--kind", "event")
    assert result.exit_code == 1
    assert f"{file}:4: minor [minor_format]" in result.output
    assert f"{file}:5: [csv_columns]" in result.output
    assert gewu("catalog", file, "--standard", "GB 1", "--kind", "event").exit_code == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_and_examples_in_both_languages(lang: str) -> None:
    """Help is made when the program starts, so it is asked of a program."""

    def helped(*args: str) -> str:
        env = os.environ | {"GEWU_LANG": lang}
        ran = subprocess.run(
            [*GEWU, "pack", *args, "--help"], env=env, capture_output=True, text=True, check=True
        )
        return ran.stdout

    group = helped()
    assert ("规则包" in group) == (lang == "zh")
    assert all(command in group for command in COMMANDS)
    assert "gewu pack catalog events.csv" in " ".join(helped("catalog").split())
    assert ("官方目录" in helped("catalog")) == (lang == "zh")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(command: str) -> None:
    assert f"gewu pack {command}" in gewu(command, "--help").output
