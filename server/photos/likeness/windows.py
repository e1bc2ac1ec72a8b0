"""The parts of a sketch that are looked at: its core, and where another photo's core may lie in it.

The core leaves out the edges, which a crop takes away, and the lower quarter, where stamps stand.
A photo that is asked about was perhaps cut out of a kept one, or a kept one out of it: by up to
`CUT` of its width and height, anywhere, or by `CUT` of each edge. Each window is the kept photo's
core in one of these cases.
"""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from server.photos.likeness.hashing import SIDE

CUT = 0.05
_STEPS = (0.0, CUT / 2, CUT)
Grey = np.ndarray[Any, np.dtype[np.float32]]
Sides = np.ndarray[Any, np.dtype[Any]]


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


def _of_a_larger(x: float, y: float, share: float = CUT) -> Window:
    """The core of a kept photo out of which this one was cut, `x` and `y` from its corner."""
    left, top, width, height = CORE
    rest = 1 - share
    return Window((left - x) / rest, (top - y) / rest, width / rest, height / rest).within()


def _of_a_smaller(x: float, y: float, share: float = CUT) -> Window:
    """The core of a kept photo that was cut out of this one, `x` and `y` from its corner."""
    left, top, width, height = (part * (1 - share) for part in CORE)
    return Window(x + left, y + top, width, height)


WINDOWS = (
    CORE,  # first: its code is the one that a photo is kept under
    *(_of_a_larger(x, y) for x, y in product(_STEPS, _STEPS)),
    *(_of_a_smaller(x, y) for x, y in product(_STEPS, _STEPS)),
    _of_a_larger(CUT, CUT, 2 * CUT),
    _of_a_smaller(CUT, CUT, 2 * CUT),
)


def within(windows: Sides) -> Sides:
    """The same windows, as far as they lie inside the photo; left, top, width, height last."""
    start = np.maximum(windows[..., :2], 0)
    inside: Sides = np.concatenate([start, np.minimum(windows[..., 2:], 1 - start)], axis=-1)
    return inside


def cut(greys: Grey, windows: Sides, width: int, height: int) -> Grey:
    """The windows of sketches' pictures as `height` rows of `width` values each.

    One picture and many windows, or as many pictures as windows, or many pictures and one window.
    """
    down = stretch(windows[..., 1], windows[..., 3], height)
    across = stretch(windows[..., 0], windows[..., 2], width)
    seen: Grey = np.matmul(down @ greys, across.swapaxes(-2, -1))
    return seen


def stretch(start: ArrayLike, share: ArrayLike, size: int) -> Grey:
    """What `cut` does along one side, as matrices of `size` rows to be multiplied by.

    Each row weighs what lies around the middle of its part by a triangle, as wide as the part to
    either side and at least a value wide: Pillow's BILINEAR with a box.
    """
    scale = np.asarray(share)[..., None] * SIDE / size
    middles = np.asarray(start)[..., None] * SIDE + _middles(size) * scale
    away = np.abs(_middles(SIDE) - middles[..., None])
    weights = np.maximum(0, 1 - away / np.maximum(scale, 1)[..., None])
    shares: Grey = (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32, copy=False)
    return shares


def _middles(many: int) -> Grey:
    # No finer than what they are combined with: half the width is twice the speed.
    return np.arange(many, dtype=np.float32) + np.float32(0.5)
