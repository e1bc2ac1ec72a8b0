"""How many requests a device makes before it leaves: measured, forgotten exponentially. Pure."""

import math

MEMORY_S = 30.0
GUESSED = 20.0
"""How many visits the first guess weighs, now and later."""
GUESSED_REQUESTS = 8.0
"""First guess of the requests of one sync: the exchange and some photos."""


class Visits:
    """Those of one process that began lately, and the requests that were let in."""

    def __init__(self, now: float) -> None:
        self._visits = GUESSED
        self._requests = GUESSED * GUESSED_REQUESTS
        self._at = now

    def add(self, now: float, begins: bool) -> None:
        """One request more; whether a visit begins with it."""
        keep = math.exp((self._at - now) / MEMORY_S)
        guess = GUESSED * (1 - keep)
        self._visits = self._visits * keep + begins + guess
        self._requests = self._requests * keep + 1 + guess * GUESSED_REQUESTS
        self._at = now

    def requests(self, inside: int) -> float:
        """Requests of one visit. Who is `inside` still has made half of its own as yet."""
        return self._requests / max(self._visits - inside / 2, self._visits / 2)
