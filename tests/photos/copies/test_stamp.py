"""The stamp as it is drawn: text fits, glyphs are there, contrast is enough, on any picture."""

from collections.abc import Sequence
from io import BytesIO

import pytest
from PIL import Image

from server.photos.copies import stamp
from server.photos.copies.stamp import GROUND, drawable, font, has_glyph, lay_out, stamped

CODE = "7KQM-XW3P-9RTE"
LINES = [
    ("head", "2026-11-22 14:05:12（设备时钟）"),
    ("body", "阳光街道 · 第1社区 · 第1社区第3网格　采集 王**（7KQM）"),
    ("body", f"编号 {CODE}　原图 SHA-256 0123456789abcdef…"),
    ("foot", f"核验 https://gewu.example.gov.cn/api/v1/verify/{CODE}"),
]
LONG = [*LINES[:1], ("body", "宜昌市伍家岗区大公桥街道" * 12), *LINES[2:]]
SIZES = [(1280, 960), (960, 1280), (1280, 128), (128, 1280), (64, 48)]
SHADES = {"dark": (0, 0, 0), "bright": (255, 255, 255), "grey": (128, 128, 128)}


def drawn(
    size: tuple[int, int], shade: tuple[int, int, int], lines: Sequence[Sequence[str]] = LINES
) -> tuple[Image.Image, Image.Image]:
    """(the whole as it comes out of the file, its strip)."""
    made = stamped(Image.new("RGB", size, shade), lines)
    whole = Image.open(BytesIO(made.content)).convert("RGB")
    assert whole.size == (made.width, made.height)
    return whole, whole.crop((0, size[1], whole.width, whole.height))


def luminance(pixel: Sequence[float]) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in pixel[:3])
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Contrast ratio (WCAG 2.2); 7 is enough for the strictest level."""
    lower, upper = sorted((luminance(one), luminance(other)))
    return (upper + 0.05) / (lower + 0.05)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shade", SHADES)
def test_text_stands_out_from_its_ground_on_every_picture(
    size: tuple[int, int], shade: str
) -> None:
    whole, strip = drawn(size, SHADES[shade])
    pixels = sorted(strip.get_flattened_data(), key=luminance)
    ground, text = pixels[len(pixels) // 2], pixels[-len(pixels) // 200]
    assert contrast(ground, text) >= 7
    assert all(abs(value - right) < 8 for value, right in zip(ground, GROUND, strict=True))


@pytest.mark.parametrize("size", SIZES)
def test_nothing_of_the_picture_is_covered(size: tuple[int, int]) -> None:
    whole, _ = drawn(size, (250, 120, 0))
    left = (whole.width - size[0]) // 2
    for x, y in ((1, 1), (size[0] - 2, 1), (1, size[1] - 2), (size[0] - 2, size[1] - 2)):
        red, green, blue = whole.getpixel((left + x, y))  # type: ignore[misc]
        assert (red > 225, abs(green - 120) < 25, blue < 30) == (True, True, True)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lines", [LINES, LONG], ids=["usual", "long"])
def test_all_text_lies_inside_its_strip(
    size: tuple[int, int], lines: Sequence[Sequence[str]]
) -> None:
    _, strip = drawn(size, (255, 255, 255), lines)
    bright = strip.convert("L").point(lambda value: 255 if value > 90 else 0)
    left, top, right, bottom = bright.crop((0, 4, strip.width, strip.height)).getbbox() or (0,) * 4
    laid = lay_out(size[0], lines)
    assert left >= laid.margin - 3
    assert right <= strip.width - laid.margin + 3
    assert bottom + 4 <= strip.height - 4
    assert top > 0
    for row, following in zip(laid.rows, laid.rows[1:], strict=False):
        assert row.top + row.size <= following.top


@pytest.mark.parametrize("across", [1280, 960, 720, 200])
def test_it_can_be_read_at_1080_pixels(across: int) -> None:
    laid = lay_out(across, LINES)
    assert min(row.size for row in laid.rows) * 1080 / laid.width >= 20


@pytest.mark.parametrize("across", [1280, 720])
def test_usual_lines_are_not_cut(across: int) -> None:
    said = "".join(row.text for row in lay_out(across, LINES).rows).replace(" ", "")
    assert said.replace("\u3000", "") == "".join(text for _, text in LINES).replace(
        " ", ""
    ).replace("\u3000", "")


def test_a_line_without_end_is_cut_with_a_mark() -> None:
    rows = lay_out(1280, [("body", "网格" * 500)]).rows
    assert len(rows) == 3
    assert rows[-1].text.endswith("…")
    assert all(font(row.size).getlength(row.text) <= 1280 for row in rows)


CHINESE = "阳光街道第社区网格采集编号原图核验设备时钟地点未知王赵钱孙李周吴郑伍家岗萧宜昌鑫淼焱垚犇"


@pytest.mark.parametrize("letter", CHINESE + "（）…·　0Aé"[:-2])
def test_the_font_has_the_glyph(letter: str) -> None:
    nothing = font(48).getmask("\U0010fffe")
    glyph = font(48).getmask(letter)
    assert bytes(glyph) != bytes(nothing) or glyph.size != nothing.size
    assert letter == "　" or glyph.getbbox()


def test_glyphs_of_different_characters_differ() -> None:
    drawn_as = {letter: bytes(font(48).getmask(letter)) for letter in CHINESE}
    assert len(set(drawn_as.values())) == len(set(CHINESE))


def test_what_the_font_lacks_is_marked_and_no_line_is_broken() -> None:
    assert not has_glyph("\U0010fffe")
    assert has_glyph(stamp.MISSING)
    assert drawable("王\U0010fffe\n二\t三　四 ") == "王〓 二 三　四"
