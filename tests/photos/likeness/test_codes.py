"""Codes find what is alike, and the bands give what they promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.photos.likeness import codes, hashing
from server.photos.likeness.windows import CORE, WINDOWS, Window, stretch
from tests.photos.likeness import drawn

bands = st.integers(0, 2**codes.BAND_BITS - 1)
whole = st.tuples(bands, bands, bands)
KNOWN = (842226, 4698, 1808589)
places = st.sets(st.integers(0, codes.BANDS * codes.BAND_BITS - 1), max_size=codes.SURE)


def changed(code: codes.Code, at: set[int]) -> codes.Code:
    """The code with the bits at these places turned over."""
    parts = list(code)
    for place in at:
        band, bit = divmod(place, codes.BAND_BITS)
        parts[band] ^= 1 << bit
    first, second, third = parts
    return first, second, third


@given(whole, places)
def test_what_differs_by_few_bits_shares_a_band(code: codes.Code, at: set[int]) -> None:
    other = changed(code, at)
    assert codes.nearest([code], [other]) == [(len(at), 0)]
    probes = codes.probes([code])
    assert any(other[band] in probes[band] for band in range(codes.BANDS))


@given(whole)
def test_two_bits_in_every_band_are_more_than_is_promised(code: codes.Code) -> None:
    other = changed(code, {0, 1, 21, 22, 42, 43})
    probes = codes.probes([code])
    assert not any(other[band] in probes[band] for band in range(codes.BANDS))


@given(st.lists(whole, min_size=1, max_size=5), st.lists(whole, max_size=5))
def test_the_nearest_is_what_counting_finds(
    asked: list[codes.Code], kept: list[codes.Code]
) -> None:
    def bits(one: codes.Code, two: codes.Code) -> int:
        return sum((a ^ b).bit_count() for a, b in zip(one, two, strict=True))

    counted = [[bits(one, other) for one in asked] for other in kept]
    wanted = [(min(row), row.index(min(row))) for row in counted]
    assert codes.nearest(asked, kept) == wanted


def test_many_at_once_get_the_codes_that_each_gets_alone() -> None:
    sketches = [hashing.of(drawn.photo(number)) for number in range(5)]
    alone = [codes.of(sketch) for sketch in sketches]
    assert codes.own(sketches) == [one.own for one in alone if one]
    assert all(one and one.own == one.asked[WINDOWS.index(CORE)] for one in alone)


def test_a_known_code() -> None:
    """What is kept in databases is found only as long as codes stay what they are."""
    found = codes.of(hashing.of(drawn.photo(1)))
    assert found is not None
    assert found.own == KNOWN


@pytest.mark.parametrize("window", WINDOWS)
def test_a_stretch_gives_shares_of_what_lies_in_the_window(window: Window) -> None:
    for start, share in ((window.left, window.width), (window.top, window.height)):
        matrix = stretch(start, share, 16)
        assert matrix.shape == (16, hashing.SIDE)
        assert matrix.sum(axis=1) == pytest.approx(1)
        assert 0 <= start <= start + share <= 1 + 1e-9
