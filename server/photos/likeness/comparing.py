"""The second look at photos that the index holds for alike: how far they are apart.

The core of each kept photo is laid over the one asked about and moved and stretched until it fits
best. What is compared are the steps from one part of the picture to the next, by their cosine, in
the tones of the brighter one, so that neither brightness nor contrast counts. All kept photos climb
at once, as arrays: one by one they would cost some two milliseconds each.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from server.photos.likeness.hashing import SIDE
from server.photos.likeness.windows import CORE, Grey, Window, cut, within

FARTHEST = 100
_WIDTH, _HEIGHT = 16, 12
_QUANTILES = np.linspace(0, _WIDTH * _HEIGHT - 1, 9).astype(int)
_STAGES = ((0.02, 0.5), (0.01, 0.8), (0.005, 0.85))
"""How far is moved, and the likeness below which it is no use: the same photo is beyond it then."""
_TRIES = 3
_GAIN = 1e-4
_WAYS = np.array(
    [
        (1, 0, 0, 0),
        (-1, 0, 0, 0),
        (0, 1, 0, 0),
        (0, -1, 0, 0),
        (-0.5, -0.5, 1, 1),
        (0.5, 0.5, -1, -1),
    ],
    np.float32,
)
"""Right, left, down, up; larger and smaller about the same middle."""

Numbers = np.ndarray[Any, np.dtype[Any]]


def structure(sketch: bytes) -> float:
    """How much there is to see: the mean step between neighbouring parts, in grey levels."""
    return float(np.abs(_steps(_cores([sketch]))).mean())


def distances(kept: Sequence[bytes], other: bytes, starts: Sequence[Window]) -> list[int]:
    """How far each kept photo and the other are apart by their sketches: 0 (the same picture) to
    `FARTHEST`.

    `starts` say where in `other` the core of each kept one about lies.
    """
    if not kept:
        return []
    cores, grey, windows = _cores(kept), _greys([other]), np.array(starts, np.float32)
    best = _likeness(cores, _seen(grey, windows))
    for move, least in _STAGES:
        _climb(cores, grey, windows, best, move, np.flatnonzero(best >= least))
    return [round(FARTHEST * (1 - max(0.0, likeness))) for likeness in best.tolist()]


def _climb(
    cores: Grey, grey: Grey, windows: Numbers, best: Numbers, move: float, climbing: Numbers
) -> None:
    """Move the windows that are climbing, each where it fits best, while it gets better."""
    for _ in range(_TRIES):
        if not climbing.size:
            return
        around = within(windows[climbing] + move * _WAYS[:, None])
        likeness = _likeness(cores[climbing], _seen(grey, around))
        way, each = likeness.argmax(axis=0), np.arange(climbing.size)
        better = likeness[way, each] > best[climbing] + _GAIN
        climbing, way, each = climbing[better], way[better], each[better]
        best[climbing], windows[climbing] = likeness[way, each], around[way, each]


def _greys(sketches: Sequence[bytes]) -> Grey:
    grey = np.frombuffer(b"".join(sketches), np.uint8)
    return grey.reshape(-1, SIDE, SIDE).astype(np.float32)


def _cores(sketches: Sequence[bytes]) -> Grey:
    return _seen(_greys(sketches), np.array(CORE))


def _seen(grey: Grey, windows: Numbers) -> Grey:
    return cut(grey, windows, _WIDTH, _HEIGHT)


def _likeness(cores: Grey, seen: Grey) -> Numbers:
    """How like the cores are what is seen, -1 to 1; arrays of pictures, of the shape of `seen`."""
    cores = np.broadcast_to(cores, seen.shape)
    is_darker = (cores.mean(axis=(-2, -1)) <= seen.mean(axis=(-2, -1)))[..., None, None]
    dark, light = np.where(is_darker, cores, seen), np.where(is_darker, seen, cores)
    one, two = _steps(_in_light_of(dark, light)), _steps(light)
    lengths = (one * one).sum(axis=-1) * (two * two).sum(axis=-1)
    likeness: Numbers = (one * two).sum(axis=-1) / np.sqrt(lengths + 1e-6)
    return likeness


def _in_light_of(dark: Grey, light: Grey) -> Grey:
    """The darker pictures with the others' tones, by their quantiles.

    What got brighter lost differences on the way, up to plain white; so they are taken out of both.
    """
    tones, lights = (grey.reshape(-1, _WIDTH * _HEIGHT) for grey in (dark, light))
    before, after = (np.sort(grey, axis=1)[:, _QUANTILES] for grey in (tones, lights))
    wide, high = before[:, 1:] - before[:, :-1], after[:, 1:] - after[:, :-1]
    slope = np.divide(high, wide, out=np.zeros_like(high), where=wide > 0)
    # Between which two quantiles a tone lies; of equal ones the last, as numpy's interp has it.
    place = (tones[:, None] >= before[:, 1:-1, None]).sum(axis=1, dtype=np.uint8)
    at = place + slope.shape[1] * np.arange(len(tones))[:, None]
    start, foot, rise = (of.take(at) for of in (before[:, :-1], after[:, :-1], slope))
    return (foot + (tones - start) * rise).reshape(dark.shape)


def _steps(grey: Grey) -> Grey:
    across, down = grey[..., 1:] - grey[..., :-1], grey[..., 1:, :] - grey[..., :-1, :]
    flat = (*grey.shape[:-2], -1)
    return np.concatenate([across.reshape(flat), down.reshape(flat)], axis=-1)
