"""Drawn photos, other ones by number, and what happens to photos on their way."""

import random
from io import BytesIO

from PIL import Image, ImageDraw, ImageEnhance

WIDTH, HEIGHT = 640, 480


def photo(number: int) -> Image.Image:
    """A street-like picture: sky, ground, and things of all sizes and shades in the way."""
    rng = random.Random(number)
    image = Image.new("RGB", (WIDTH, HEIGHT), _shade(rng))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, rng.randrange(200, 400), WIDTH, HEIGHT), fill=_shade(rng))
    for _ in range(40):
        x, y = rng.randrange(-60, WIDTH), rng.randrange(-60, HEIGHT)
        box = (x, y, x + rng.randrange(30, 200), y + rng.randrange(30, 200))
        shape = draw.ellipse if rng.random() < 0.4 else draw.rectangle
        shape(box, fill=_shade(rng))
    return image


def _shade(rng: random.Random) -> tuple[int, int, int]:
    light = rng.randrange(20, 190)
    return light, light + rng.randrange(-20, 20), light + rng.randrange(-20, 20)


def packed(image: Image.Image, quality: int) -> Image.Image:
    """As a JPEG of that quality."""
    file = BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality)
    return Image.open(BytesIO(file.getvalue()))


def lit(image: Image.Image, factor: float) -> Image.Image:
    """Brighter (over 1) or darker; what gets too bright is white."""
    return ImageEnhance.Brightness(image).enhance(factor)


def cropped(image: Image.Image, share: float, x: float, y: float) -> Image.Image:
    """Without `share` of its width and height, of which `x` and `y` (0 to 1) go left and top."""
    width, height = image.size
    left, top = round(width * share * x), round(height * share * y)
    right, bottom = left + round(width * (1 - share)), top + round(height * (1 - share))
    return image.crop((left, top, right, bottom))


def stamped(image: Image.Image, share: float) -> Image.Image:
    """With a band of text over the lowest `share` of its height."""
    image = image.copy()
    width, height = image.size
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * (1 - share), width, height), fill="black")
    draw.text((8, height * (1 - share) + 4), "2026-11-26 14:05  grid 01  ab12cd", fill="white")
    return image
