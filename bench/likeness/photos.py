"""Photos to be known again: drawn street scenes and those of a folder, and what happens to them."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from fieldkit.simulator.photos import Shot, draw
from fieldkit.simulator.scenes import SCENES

LONGEST = 1600
GIVEN = "given"
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_AT = datetime(2026, 11, 2, 9)
_WORDS = "2026-11-02 09:14  Sunshine Street 12  grid 05  worker 17"

Way = Callable[[Image.Image, random.Random], Image.Image]


class Photo(NamedTuple):
    """An upright picture; `kind` is the scene that was drawn, or `GIVEN`."""

    kind: str
    image: Image.Image


def photos(drawn: int, folder: Path | None) -> Iterator[Photo]:
    """So many drawn ones of each scene, and all pictures below the folder."""
    for scene in SCENES:
        for seed in range(drawn):
            yield Photo(scene, draw(Shot(scene, seed, _AT, 30.26, 120.16)))
    for path in sorted(folder.rglob("*")) if folder else ():
        if path.suffix.lower() in _SUFFIXES:
            yield Photo(GIVEN, _opened(path))


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((LONGEST, LONGEST))
    return upright


def _smaller(image: Image.Image, rng: random.Random) -> Image.Image:
    scale = rng.uniform(0.2, 0.6)
    return image.resize((round(image.width * scale), round(image.height * scale)))


def _packed(image: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def _lit(image: Image.Image, factor: float) -> Image.Image:
    return _packed(ImageEnhance.Brightness(image).enhance(factor), 80)


def _cropped(image: Image.Image, share: float, x: float, y: float) -> Image.Image:
    """Without `share` of the width and height, of which `x` and `y` (0 to 1) go left and top."""
    width, height = image.size
    left, top = round(width * share * x), round(height * share * y)
    box = (left, top, left + round(width * (1 - share)), top + round(height * (1 - share)))
    return _packed(image.crop(box), 80)


def _stamped(image: Image.Image, rng: random.Random) -> Image.Image:
    """A band over the lowest tenth to fifth, opaque or half clear, with three lines of text."""
    image = image.copy()
    width, height = image.size
    top = round(height * (1 - rng.uniform(0.1, 0.2)))
    canvas = ImageDraw.Draw(image, "RGBA")
    canvas.rectangle((0, top, width, height), fill=(0, 0, 0, rng.choice((130, 255))))
    size = max(8, round((height - top) / 4.5))
    for line in range(3):
        at = (width * 0.02, top + size * (0.4 + 1.3 * line))
        canvas.text(at, _WORDS, fill="white", font=ImageFont.load_default(size))
    return _packed(image, 75)


def _everything(image: Image.Image, rng: random.Random) -> Image.Image:
    part = _cropped(image, 0.05, rng.random(), rng.random())
    return _packed(_stamped(_lit(_smaller(part, rng), rng.uniform(0.75, 1.25)), rng), 45)


WAYS: dict[str, Way] = {
    "as it is": lambda image, rng: image,
    "20–60 % of its size": _smaller,
    "JPEG quality 30": lambda image, rng: _packed(image, 30),
    "30 % darker": lambda image, rng: _lit(image, 0.7),
    "30 % brighter": lambda image, rng: _lit(image, 1.3),
    "crop 5 %, anywhere": lambda image, rng: _cropped(image, 0.05, rng.random(), rng.random()),
    "crop 5 %, the middle kept": lambda image, rng: _cropped(image, 0.05, 0.5, 0.5),
    "crop 5 % of each edge": lambda image, rng: _cropped(image, 0.10, 0.5, 0.5),
    "crop 10 %, anywhere": lambda image, rng: _cropped(image, 0.10, rng.random(), rng.random()),
    "stamp": _stamped,
    "smaller, crop 5 %, light, stamp": _everything,
}
