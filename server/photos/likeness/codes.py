"""The code of a photo, by which the index finds those alike (感知哈希): 63 bits in three bands.

The bits are the signs of the 63 lowest frequencies (DCT-II, 8 × 8 without the mean) of the core, as
in the known pHash, of logarithms, so that what a brighter picture loses weighs less. Codes that
differ by up to `SURE` bits have a band in which they differ by one bit or not at all (`probes`).
"""

from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from server.photos.likeness.comparing import picture, structure
from server.photos.likeness.windows import CORE, WINDOWS, Window, cut

BANDS = 3
BAND_BITS = 21
SURE = 2 * BANDS - 1
LEAST_STRUCTURE = 1.5
"""Below it (grey levels from one part of a picture to the next) a picture is flat: it has no code,
or all walls and nights would be alike."""
_PIXELS = 16
_LOWEST = 8
_DARKEST = 16.0

Code = tuple[int, int, int]


class Codes(NamedTuple):
    """What a photo is kept under, and what it is looked up by: one code a window."""

    own: Code
    asked: list[Code]


def of(sketch: bytes) -> Codes | None:
    """The codes of a sketch; None for a flat one."""
    if structure(sketch) < LEAST_STRUCTURE:
        return None
    tone = _tone(sketch)
    return Codes(_code(tone, CORE), [_code(tone, window) for window in WINDOWS])


def own(sketch: bytes) -> Code:
    """What a photo is kept under, flat or not."""
    return _code(_tone(sketch), CORE)


def _tone(sketch: bytes) -> Image.Image:
    return Image.fromarray(np.log(np.asarray(picture(sketch)) + _DARKEST))


def _code(tone: Image.Image, window: Window) -> Code:
    waves = _DCT @ cut(tone, window, _PIXELS, _PIXELS) @ _DCT.T
    bits = (waves.ravel()[1:] > 0).reshape(BAND_BITS, BANDS)
    # Every third to each band: what errs more, the high frequencies, is shared out.
    first, second, third = (_WEIGHTS @ bits).tolist()
    return first, second, third


def probes(codes: list[Code]) -> list[list[int]]:
    """By band: its values in these codes, and all that differ from one of them by one bit."""
    flips = [0, *(1 << bit for bit in range(BAND_BITS))]
    return [
        sorted({value ^ flip for value in {code[band] for code in codes} for flip in flips})
        for band in range(BANDS)
    ]


def nearest(asked: list[Code], kept: list[Code]) -> list[tuple[int, int]]:
    """For each kept code: in how many bits it differs from the nearest asked one, and its place."""
    if not kept:
        return []
    unlike = np.array(asked, np.uint32)[:, None] ^ np.array(kept, np.uint32)
    bits = np.bitwise_count(unlike).sum(axis=2)
    return list(zip(bits.min(axis=0).tolist(), bits.argmin(axis=0).tolist(), strict=True))


def _dct() -> np.ndarray[Any, np.dtype[np.float64]]:
    waves = np.arange(_LOWEST)[:, None] * (2 * np.arange(_PIXELS)[None] + 1)
    return np.cos(np.pi * waves / (2 * _PIXELS))


_DCT = _dct()
_WEIGHTS = 1 << np.arange(BAND_BITS)
