"""How quick the server is at this moment: seconds between two finished requests. Pure."""

import math

MEMORY_S = 5.0
"""What is older than this counts little."""
FIRST_GUESS_S = 0.1
GUESSED = 5.0
"""How many requests the first guess weighs; it is slow, so that a crowd does not get in on it."""


class Pace:
    """Measured while requests waited, forgotten exponentially; a first guess until then."""

    def __init__(self) -> None:
        self._finished = GUESSED
        self._busy_s = GUESSED * FIRST_GUESS_S
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds that one request more lengthens the queue by."""
        return self._busy_s / self._finished

    def finished(self, now: float, waiting: int) -> None:
        """A request is done and so many wait still; a gap counts if some waited at its begin."""
        if self._since is not None:
            gap = now - self._since
            keep = math.exp(-gap / MEMORY_S)
            self._finished = self._finished * keep + 1
            self._busy_s = self._busy_s * keep + gap
        self._since = now if waiting > 0 else None
