"""Codes find what is alike, and the bands give what they promise."""

from hypothesis import given
from hypothesis import strategies as st

from server.photos.likeness import codes

bands = st.integers(0, 2**codes.BAND_BITS - 1)
whole = st.tuples(bands, bands, bands)
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
