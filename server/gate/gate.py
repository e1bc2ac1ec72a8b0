"""Who comes in at once, and who is told when to come: appointments (预约) by the pace. Pure.

A device that was let in is let in until its sync is done, so that what was begun is finished. A
newcomer is let in while the queue is short. Who is sent away is told the next free moment, and has
precedence over newcomers when it comes then; each time more. People and enrolments do not stand in
the line: they are let in until a request would wait as long as the patience of the server.
"""

import math
from dataclasses import dataclass

from server.gate.book import Book, Known
from server.gate.pace import Pace

PAUSE_S = 15.0
"""A device that was quiet for so long has left."""
LONGEST_S = 900
"""Nobody is told to come later than this: devices wait no longer by themselves either."""
EARLY_S = 1.0
"""Who comes so much too early comes in time: `Retry-After` is in whole seconds."""
MOST_PATIENCE = 3
"""Who was sent away often is let in where a request waits so many times the patience."""
LATE_S = 20.0
"""A request that got its thread so late is not worked on: devices give up after 30 seconds."""
MEMORY_S = 30.0
VISIT_REQUESTS = 8.0
"""First guess of the requests of one sync: the exchange and some photos."""
GUESSED_VISITS = 100.0
OVERBOOKED = 1.2
"""Appointments given for each that can be kept, so that the queue does not run dry."""


@dataclass
class _Counted:
    """Visits and their requests of the last moments, forgotten exponentially."""

    visits: float = GUESSED_VISITS
    requests: float = GUESSED_VISITS * VISIT_REQUESTS
    at: float = 0.0

    def add(self, now: float, visits: int) -> None:
        keep = math.exp((self.at - now) / MEMORY_S)
        self.visits = self.visits * keep + visits + GUESSED_VISITS * (1 - keep)
        self.requests = self.requests * keep + 1 + GUESSED_VISITS * VISIT_REQUESTS * (1 - keep)
        self.at = now


class Gate:
    """The gate of one web process; moments are seconds of one monotonic clock.

    `patience`: seconds that a request may wait for its thread; `threads` of this process.
    """

    def __init__(self, book: Book, patience: float, threads: int, now: float) -> None:
        self._book, self._patience, self._threads = book, patience, threads
        self._pace = Pace()
        self._counted = _Counted(at=now)
        self._line_ends = now
        self._inside = 0

    @property
    def wait(self) -> float:
        """Seconds that the next request would wait for its thread."""
        return max(0, self._inside - self._threads + 1) * self._pace.seconds

    def ask(self, device: int | None, now: float) -> int | None:
        """None: come in; else the seconds after which to come again. A person has no `device`."""
        if device is None:
            return None if self.wait <= self._patience else math.ceil(self.wait)
        known = self._book[device]
        if self.wait <= self._limit(known, now):
            self._welcome(device, known, now)
            return None
        return self.send_away(device, now)

    def came_in(self) -> None:
        """A request was let in and waits for a thread or has one."""
        self._inside += 1

    def left(self, now: float) -> None:
        """One of those is answered."""
        self._inside -= 1
        self._pace.finished(now, self._inside - self._threads + 1)

    def is_late(self, waited: float) -> bool:
        """Whether a request that is given its thread only now is too old to be worked on."""
        return waited > LATE_S

    def send_away(self, device: int | None, now: float) -> int:
        """The seconds after which to come again; who comes too early keeps its appointment."""
        if device is None:
            return max(1, math.ceil(self.wait))
        known = self._book[device]
        if now < known.inside_until:
            known = Known(now + self.wait, known.inside_until + self.wait, known.times + 1)
        elif known.due <= now + EARLY_S:
            known = Known(self._next_free(now), 0.0, known.times + 1)
        self._book[device] = known
        return max(1, math.ceil(known.due - now))

    def _limit(self, known: Known, now: float) -> float:
        """Seconds that a request of this device may have to wait."""
        if now < known.inside_until:
            return math.inf
        if 0 < known.due <= now + EARLY_S:
            return self._patience * min(MOST_PATIENCE, (1 + known.times) / 2)
        return self._patience / (2 if self._line_ends > now else 1)

    def _welcome(self, device: int, known: Known, now: float) -> None:
        is_new = now >= known.inside_until
        times = 0 if is_new and not known.due else known.times
        if is_new and not known.due:
            self._line_ends -= self._step
        self._counted.add(now, visits=int(is_new))
        self._book[device] = Known(0.0, now + self.wait + PAUSE_S, times)

    @property
    def _step(self) -> float:
        """Seconds from one appointment to the next."""
        requests = self._counted.requests / self._counted.visits
        return self._pace.seconds * requests / OVERBOOKED

    def _next_free(self, now: float) -> float:
        self._line_ends = min(max(self._line_ends, now) + self._step, now + LONGEST_S)
        return self._line_ends
