"""The code of a photo, by which the index finds those alike (感知哈希): 63 bits in three bands.

The bits are the signs of the 63 lowest frequencies (DCT-II, 8 × 8 without the mean) of the core, as
in the known pHash, of logarithms, so that what a brighter picture loses weighs less. Codes that
differ by up to `SURE` bits have a band in which they differ by one bit or not at all (`probes`).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from server.photos.likeness.comparing import structure
from server.photos.likeness.hashing import SIDE
from server.photos.likeness.windows import WINDOWS, stretch

BANDS = 3
BAND_BITS = 21
SURE = 2 * BANDS - 1
LEAST_STRUCTURE = 1.5
"""Below it (grey levels from one part of a picture to the next) a picture is flat: it has no code,
or all walls and nights would be alike."""
_PIXELS = 16
_LOWEST = 8
_DARKEST = np.float32(16)

Code = tuple[int, int, int]
Waves = np.ndarray[Any, np.dtype[np.float32]]


class Codes(NamedTuple):
    """What a photo is kept under, and what it is looked up by: one code for each of `WINDOWS`."""

    own: Code
    asked: list[Code]


def of(sketch: bytes) -> Codes | None:
    """The codes of a sketch; None for a flat one."""
    if structure(sketch) < LEAST_STRUCTURE:
        return None
    asked = _coded(_DOWN @ _tones([sketch]) @ _ACROSS)
    return Codes(asked[0], asked)


def own(sketches: Sequence[bytes]) -> list[Code]:
    """What photos are kept under, flat or not; many at once cost little each."""
    return _coded(_DOWN[0] @ _tones(sketches) @ _ACROSS[0])


def _tones(sketches: Sequence[bytes]) -> Waves:
    grey = np.frombuffer(b"".join(sketches), np.uint8).reshape(-1, SIDE, SIDE)
    return np.log(grey + _DARKEST, dtype=np.float32)


def _coded(waves: Waves) -> list[Code]:
    bits = (waves.reshape(len(waves), -1)[:, 1:] > 0).reshape(-1, BAND_BITS, BANDS)
    # Every third to each band: what errs more, the high frequencies, is shared out.
    bands = (_WEIGHTS[:, None] * bits).sum(axis=1).tolist()
    return [(first, second, third) for first, second, third in bands]


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


def _dct() -> Waves:
    waves = np.arange(_LOWEST)[:, None] * (2 * np.arange(_PIXELS)[None] + 1)
    return np.cos(np.pi * waves / (2 * _PIXELS)).astype(np.float32)


_LEFT, _TOP, _WIDTH, _HEIGHT = np.array(WINDOWS).T
_DOWN = _dct() @ stretch(_TOP, _HEIGHT, _PIXELS)
_ACROSS = (_dct() @ stretch(_LEFT, _WIDTH, _PIXELS)).swapaxes(1, 2)
_WEIGHTS = 1 << np.arange(BAND_BITS)
