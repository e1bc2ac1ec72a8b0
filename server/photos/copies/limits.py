"""How much a picture may cost before it is given up; the child that reads it is held to this."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Pixels are judged before decoding; memory and results in bytes, times in seconds.

    But for the result they are settings, `GEWU_DARKROOM_…`. As they stand there the largest
    pictures of phones sold today (108 million pixels) pass.
    """

    pixels: int
    memory: int
    cpu_s: int
    wall_s: float
    result: int = 8 << 20
