"""The stamp on a copy of a photo (水印): a strip below the picture.

Nothing of the picture is covered, and the text stands on one dark ground whatever the picture is:
bright or dark, upright, across or a thin panorama. Runs in the child of darkroom.py only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

from server.photos.copies.picture import Made

NARROWEST = 720
"""Pixels across, below which text that fits is too small to be read."""
EMS_ACROSS = 40
QUALITY = 88
GROUND = (16, 22, 30)
BRIGHT, QUIET = (255, 255, 255), (205, 214, 224)
MISSING = "〓"
"""What Chinese print puts where it lacks a character."""
WIDE_SPACE = "\u3000"
_NOWHERE = "\U0010fffe"
_MOST_ROWS = 3
_MARGIN_EMS, _LEADING = 0.7, 1.4
_SIZES = {"head": 1.25, "body": 1.0, "foot": 0.8}


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is drawn: its text fits across; sizes in pixels."""

    text: str
    size: int
    top: int
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Strip:
    """The strip below a picture."""

    width: int
    height: int
    margin: int
    rows: Sequence[Row]


def stamped(image: Image.Image, lines: Sequence[Sequence[str]]) -> Made:
    """The picture with its strip; `lines` are (head, body or foot; text)."""
    strip = lay_out(image.width, lines)
    whole = Image.new("RGB", (strip.width, image.height + strip.height), GROUND)
    whole.paste(image, ((strip.width - image.width) // 2, 0))
    _draw(whole, image.height, strip)
    file = BytesIO()
    whole.save(file, "JPEG", quality=QUALITY, subsampling=0)
    return Made("stamped", "image/jpeg", whole.width, whole.height, file.getvalue())


def lay_out(across: int, lines: Sequence[Sequence[str]]) -> Strip:
    """Where each row stands; a line that is too long goes on below, and then ends in `…`."""
    width = max(across, NARROWEST)
    em = width / EMS_ACROSS
    margin = round(_MARGIN_EMS * em)
    rows: list[Row] = []
    top = float(margin)
    for role, text in lines:
        size = round(_SIZES[role] * em)
        colour = BRIGHT if role == "head" else QUIET
        for part in _broken(drawable(text), size, width - 2 * margin):
            rows.append(Row(part, size, round(top), colour))
            top += size * _LEADING
    return Strip(width, round(top + margin - (_LEADING - 1) * em), margin, rows)


def _draw(whole: Image.Image, top: int, strip: Strip) -> None:
    draw = ImageDraw.Draw(whole)
    for row in strip.rows:
        place = (strip.margin, top + row.top)
        draw.text(place, row.text, fill=row.colour, font=font(row.size))


def _broken(text: str, size: int, width: int) -> list[str]:
    """The text in rows no wider than `width` pixels; Chinese may be broken anywhere."""
    rows: list[str] = []
    rest = text
    while rest and len(rows) < _MOST_ROWS:
        fitting = _fitting(rest, size, width)
        rows.append(rest[:fitting].rstrip())
        rest = rest[fitting:].lstrip()
    if rest:
        rows[-1] = rows[-1][:-1] + "…"
    return rows


def _fitting(text: str, size: int, width: int) -> int:
    """How many characters fit across; at least one. Words of Latin letters stay whole."""
    count = len(text)
    while count > 1 and font(size).getlength(text[:count]) > width:
        count -= 1
    if count == len(text):
        return count
    space = text.rfind(" ", 0, count + 1)
    return space if space > count // 2 else count


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Noto Sans SC at `size` pixels."""
    path = str(pylopdf_fonts_zh_cn.sans_path())
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def drawable(text: str) -> str:
    """The text in one line, with a mark where the font lacks a character."""
    return "".join(map(_drawable, text)).strip()


def _drawable(letter: str) -> str:
    if letter.isspace():
        return letter if letter == WIDE_SPACE else " "
    return letter if has_glyph(letter) else MISSING


@cache
def has_glyph(letter: str) -> bool:
    """Whether the font draws something of its own for the character."""
    return _drawn(letter) != _drawn(_NOWHERE)


def _drawn(letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font(48).getmask(letter)
    return mask.size, bytes(mask)
