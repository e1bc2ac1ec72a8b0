"""The parts of a sketch that are looked at: its core, and where another photo's core may lie in it.

The core leaves out the edges, which a crop takes away, and the lower quarter, where stamps stand.
A photo that is asked about was perhaps cut out of a kept one, or a kept one out of it: by up to
`CUT` of its width and height, anywhere. Each window is the kept photo's core in one of these cases.
"""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from server.photos.likeness.hashing import SIDE

CUT = 0.05
_STEPS = (0.0, CUT / 2, CUT)
Grey = np.ndarray[Any, np.dtype[np.float32]]


class Window(NamedTuple):
    """A part of a photo, in shares of its width and height."""

    left: float
    top: float
    width: float
    height: float

    def within(self) -> "Window":
        """The same, as far as it lies inside the photo."""
        left, top = max(0.0, self.left), max(0.0, self.top)
        return Window(left, top, min(self.width, 1 - left), min(self.height, 1 - top))


CORE = Window(0.05, 0.05, 0.90, 0.70)


def _of_a_larger(x: float, y: float) -> Window:
    """The core of a kept photo out of which this one was cut, `x` and `y` from its corner."""
    left, top, width, height = CORE
    rest = 1 - CUT
    return Window((left - x) / rest, (top - y) / rest, width / rest, height / rest).within()


def _of_a_smaller(x: float, y: float) -> Window:
    """The core of a kept photo that was cut out of this one, `x` and `y` from its corner."""
    left, top, width, height = (part * (1 - CUT) for part in CORE)
    return Window(x + left, y + top, width, height)


WINDOWS = (
    CORE,  # first: its code is the one that a photo is kept under
    *(_of_a_larger(x, y) for x, y in product(_STEPS, _STEPS)),
    *(_of_a_smaller(x, y) for x, y in product(_STEPS, _STEPS)),
)


def cut(grey: Image.Image, window: Window, width: int, height: int) -> Grey:
    """The window of a sketch's picture as `height` rows of `width` values."""
    left, top = window.left * SIDE, window.top * SIDE
    box = (left, top, left + window.width * SIDE, top + window.height * SIDE)
    return np.asarray(grey.resize((width, height), Image.Resampling.BILINEAR, box=box))


def stretch(start: float, share: float, size: int) -> Grey:
    """What `cut` does along one side, as a matrix of `size` rows to be multiplied by."""
    unit = Image.fromarray(np.eye(SIDE, dtype=np.float32))
    box = (0, start * SIDE, SIDE, (start + share) * SIDE)
    return np.asarray(unit.resize((SIDE, size), Image.Resampling.BILINEAR, box=box))
