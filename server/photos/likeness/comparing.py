"""The second look at two photos that the index holds for alike: how far they are apart.

The core of the kept photo is laid over the other one and moved and stretched until it fits best.
What is compared are the steps from one part of the picture to the next, by their cosine, in the
tones of the brighter one, so that neither brightness nor contrast counts.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from server.photos.likeness.hashing import SIDE
from server.photos.likeness.windows import CORE, Grey, Window, cut

FARTHEST = 100
_WIDTH, _HEIGHT = 16, 12
_QUANTILES = np.linspace(0, _WIDTH * _HEIGHT - 1, 9).astype(int)
_MOVES = (0.02, 0.01, 0.005)
_TRIES = 3
_GAIN = 1e-4
_HOPELESS = 0.5
_WAYS = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (-0.5, -0.5, 1), (0.5, 0.5, -1))
"""Right, left, down, up; larger and smaller about the same middle."""

Steps = np.ndarray[Any, np.dtype[np.float32]]


def picture(sketch: bytes) -> Image.Image:
    """A sketch as Pillow's image of floats, to be cut at fractions of a pixel."""
    grey = np.frombuffer(sketch, np.uint8).reshape(SIDE, SIDE)
    return Image.fromarray(grey.astype(np.float32))


def structure(sketch: bytes) -> float:
    """How much there is to see: the mean step between neighbouring parts, in grey levels."""
    return float(np.abs(_steps(cut(picture(sketch), CORE, _WIDTH, _HEIGHT))).mean())


def distance(kept: bytes, other: bytes, start: Window) -> int:
    """How far two photos are apart by their sketches: 0 (the same picture) to `FARTHEST`.

    `start` is where in `other` the core of `kept` about lies.
    """
    likeness = _best(cut(picture(kept), CORE, _WIDTH, _HEIGHT), picture(other), start)
    return round(FARTHEST * (1 - max(0.0, likeness)))


def _best(core: Grey, other: Image.Image, window: Window) -> float:
    """The likeness where `core` fits best, climbing there from `window` by ever smaller moves."""
    best = _likeness(core, other, window)
    if best < _HOPELESS:
        return best
    for move in _MOVES:
        for _ in range(_TRIES):
            reached = max((_likeness(core, other, one), one) for one in _around(window, move))
            if reached[0] <= best + _GAIN:
                break
            best, window = reached
    return best


def _around(window: Window, move: float) -> Iterator[Window]:
    left, top, width, height = window
    for x, y, wider in _WAYS:
        size = wider * move
        moved = Window(left + x * move, top + y * move, width + size, height + size)
        yield moved.within()


def _likeness(core: Grey, other: Image.Image, window: Window) -> float:
    seen = cut(other, window, _WIDTH, _HEIGHT)
    dark, light = (core, seen) if core.mean() <= seen.mean() else (seen, core)
    one, two = _steps(_in_light_of(dark, light)), _steps(light)
    return float(one @ two / np.sqrt((one @ one) * (two @ two) + 1e-6))


def _in_light_of(dark: Grey, light: Grey) -> Grey:
    """The darker picture with the other's tones, by their quantiles.

    What got brighter lost differences on the way, up to plain white; so they are taken out of both.
    """
    before, after = (np.sort(grey.ravel())[_QUANTILES] for grey in (dark, light))
    return np.interp(dark, before, after).astype(np.float32)


def _steps(grey: Grey) -> Steps:
    across, down = grey[:, 1:] - grey[:, :-1], grey[1:] - grey[:-1]
    return np.concatenate([across.ravel(), down.ravel()])
