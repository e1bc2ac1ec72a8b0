"""A photo is known again after what happens to photos, and another one is not taken for it."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from server.config import SETTINGS
from server.photos.likeness import codes, comparing, hashing
from server.photos.likeness.windows import CORE, WINDOWS
from tests.photos.likeness import drawn

FARTHEST = int(SETTINGS["ALIKE_DISTANCE"].default or 0)
NEAR_BITS = 9
numbers = st.integers(0, 50)
shares = st.floats(0, 1)


def compared(kept: Image.Image, other: Image.Image) -> tuple[int, int]:
    """(differing bits, distance) of two photos."""
    one, two = hashing.of(kept), hashing.of(other)
    first, second = codes.of(one), codes.of(two)
    assert first and second
    ((bits, place),) = codes.nearest(second.asked, [first.own])
    return bits, comparing.distances([one], two, [WINDOWS[place]])[0]


def assert_alike(kept: Image.Image, other: Image.Image) -> None:
    bits, distance = compared(kept, other)
    assert bits <= NEAR_BITS
    assert distance <= FARTHEST


def test_the_same_photo_is_at_no_distance() -> None:
    assert compared(drawn.photo(3), drawn.photo(3)) == (0, 0)


@given(numbers, st.integers(160, 1280), st.floats(0.9, 1.1))
def test_its_size_does_not_count(number: int, width: int, squeezed: float) -> None:
    photo = drawn.photo(number)
    assert_alike(photo, photo.resize((width, round(width * 0.75 * squeezed))))


@given(numbers, st.integers(30, 95))
def test_how_it_is_packed_does_not_count(number: int, quality: int) -> None:
    photo = drawn.photo(number)
    assert_alike(photo, drawn.packed(photo, quality))


@given(numbers, st.floats(0.7, 1.3))
def test_its_brightness_does_not_count(number: int, factor: float) -> None:
    photo = drawn.photo(number)
    assert_alike(photo, drawn.lit(photo, factor))


@given(numbers, st.floats(0, 0.2))
def test_a_stamp_does_not_count(number: int, share: float) -> None:
    photo = drawn.photo(number)
    assert_alike(photo, drawn.stamped(photo, share))
    assert_alike(drawn.stamped(photo, share), photo)


@pytest.mark.parametrize("number", range(12))
@pytest.mark.parametrize("corner", [(0, 0), (1, 1), (0.3, 0.8), (0.5, 0.5)])
def test_a_crop_does_not_count_either_way(number: int, corner: tuple[float, float]) -> None:
    photo = drawn.photo(number)
    part = drawn.packed(drawn.cropped(photo, 0.05, *corner), 75)
    assert compared(photo, part)[1] <= FARTHEST
    assert compared(part, photo)[1] <= FARTHEST


def test_other_photos_are_far() -> None:
    photos = [drawn.photo(number) for number in range(30)]
    assert all(compared(one, two)[1] > FARTHEST for one, two in combinations(photos, 2))


def test_a_mirrored_photo_is_another() -> None:
    photo = drawn.photo(5)
    turned = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert compared(photo, turned)[1] > FARTHEST


@given(st.binary(min_size=1024, max_size=1024), st.binary(min_size=1024, max_size=1024))
def test_any_two_sketches_have_a_distance(one: bytes, two: bytes) -> None:
    (distance,) = comparing.distances([one], two, [CORE])
    assert 0 <= distance <= comparing.FARTHEST


@pytest.mark.parametrize("grey", [b"\0", b"\x7f", b"\xff"])
def test_a_flat_sketch_is_far_from_everything(grey: bytes) -> None:
    sketch = hashing.of(drawn.photo(1))
    flat, many = grey * hashing.BYTES, len(WINDOWS)
    assert set(comparing.distances([sketch] * many, flat, WINDOWS)) == {comparing.FARTHEST}
    assert set(comparing.distances([flat] * many, sketch, WINDOWS)) == {comparing.FARTHEST}


def test_many_at_once_are_as_far_as_each_alone() -> None:
    other = hashing.of(drawn.cropped(drawn.photo(2), 0.05, 0.3, 0.8))
    kept = [hashing.of(drawn.photo(number)) for number in range(len(WINDOWS))]
    alone = [
        comparing.distances([one], other, [at])[0] for one, at in zip(kept, WINDOWS, strict=True)
    ]
    assert comparing.distances(kept, other, WINDOWS) == alone
    assert comparing.distances([], other, []) == []
