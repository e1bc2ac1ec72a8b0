"""Programs that change pictures (修图软件), by what they write into EXIF; data only.

Watermark cameras (水印相机) are not among them: in grid work they are cameras.
"""

import re

EDITORS = (
    "acdsee",
    "affinity photo",
    "b612",
    "beautycam",
    "beautyplus",
    "canva",
    "capture one",
    "darktable",
    "facetune",
    "faceu",
    "gimp",
    "hypic",
    "lightroom",
    "luminar",
    "meitu",
    "paint.net",
    "photodirector",
    "photopea",
    "photoscape",
    "photoshop",
    "picasa",
    "picsart",
    "pitu",
    "pixelmator",
    "pixlr",
    "polarr",
    "rawtherapee",
    "remini",
    "snapseed",
    "vsco",
    "xingtu",
    "修图",
    "天天p图",
    "无他相机",
    "泼辣",
    "稿定",
    "美图",
    "美颜",
    "轻颜",
    "醒图",
    "黄油相机",
)


def _pattern(name: str) -> str:
    """A Latin name is a word of its own: `Pitu` is not in `Capituna`."""
    escaped = re.escape(name)
    return rf"(?<![a-z]){escaped}(?![a-z])" if name.isascii() else escaped


_NAMED = re.compile("|".join(map(_pattern, EDITORS)))


def names_editor(software: str) -> bool:
    """Whether the text names one of them, in any case and with any version."""
    return _NAMED.search(software.casefold()) is not None
