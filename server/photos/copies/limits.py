"""How much a picture may cost before it is given up; the child that reads it is held to this."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Pixels are judged before decoding; memory and results in bytes, times in seconds.

    The largest pictures of phones sold today (108 million pixels) pass.
    """

    pixels: int = 120_000_000
    memory: int = 1536 << 20
    cpu_s: int = 20
    wall_s: float = 60.0
    result: int = 8 << 20


LIMITS = Limits()
