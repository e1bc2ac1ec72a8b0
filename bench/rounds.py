"""How often a measurement is repeated: bounded in number and in time."""

import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Rounds:
    """The numbers of the rounds, from 0: `most` of them, none begun after `seconds` but the first.

    `warm` asks for something that only warms up, before the first.
    """

    most: int
    seconds: float
    warm: bool = False

    def __iter__(self) -> Iterator[int]:
        ends = time.monotonic() + self.seconds
        for number in range(self.most):
            if number and time.monotonic() > ends:
                return
            yield number
