"""A sketch is made of whatever can be decoded."""

import pytest
from PIL import Image

from server.photos.likeness import codes, hashing
from tests.photos.likeness import drawn

PHOTO = drawn.photo(1)


def _deep(image: Image.Image) -> Image.Image:
    return image.convert("I").point(lambda value: value * 257).convert("I;16")


def _palette_with_a_hole(image: Image.Image) -> Image.Image:
    image = image.convert("P")
    image.info["transparency"] = 0
    return image


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "YCbCr", "HSV", "LAB", "F", "I"])
def test_a_mode_makes_no_difference(mode: str) -> None:
    image = PHOTO.convert("L").convert(mode) if mode in "LAFI" else PHOTO.convert(mode)
    if mode == "I":
        image = image.point(lambda value: value * 257)
    sketch = hashing.of(image)
    assert len(sketch) == hashing.BYTES
    assert _bits(sketch, hashing.of(PHOTO)) <= 3


def _bits(one: bytes, two: bytes) -> int:
    first, second = codes.of(one), codes.of(two)
    assert first and second
    ((bits, _),) = codes.nearest([first.own], [second.own])
    return bits


def test_sixteen_bits_are_their_upper_eight() -> None:
    assert hashing.of(_deep(PHOTO.convert("L"))) == hashing.of(PHOTO.convert("L"))


@pytest.mark.parametrize("image", [Image.new("RGBA", (9, 9)), Image.new("LA", (9, 9))])
def test_what_shines_through_is_white(image: Image.Image) -> None:
    assert set(hashing.of(image)) == {255}


def test_a_palette_with_a_hole() -> None:
    assert len(hashing.of(_palette_with_a_hole(PHOTO))) == hashing.BYTES


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (31, 33), (2, 3)])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "CMYK", "I;16"])
def test_any_size_will_do(mode: str, size: tuple[int, int]) -> None:
    assert len(hashing.of(Image.new(mode, size))) == hashing.BYTES


@pytest.mark.parametrize("colour", ["white", "black", "red", (127, 127, 128)])
def test_a_picture_of_one_colour_has_no_code(colour: str) -> None:
    assert codes.of(hashing.of(Image.new("RGB", (640, 480), colour))) is None


def test_noise_and_a_slow_change_of_shade_have_no_code() -> None:
    noise = Image.effect_noise((640, 480), 20)
    assert codes.of(hashing.of(noise)) is None
    shade = Image.linear_gradient("L").point(lambda value: 120 + value // 16)
    assert codes.of(hashing.of(shade)) is None
