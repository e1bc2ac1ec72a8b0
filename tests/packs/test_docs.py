"""The guide to packs is right."""

import re
from pathlib import Path

from server.packs.reading import read
from server.packs.schemas import PACK

GUIDE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")


def test_the_example_is_a_pack() -> None:
    example = re.findall(r"```yaml\n(pack: .*?)```", GUIDE, re.DOTALL)
    assert [read(text).ref for text in example] == ["sunny@1"]


def test_every_block_is_named() -> None:
    assert [name for name in PACK.load_fields if f"`{name}`" not in GUIDE] == []
