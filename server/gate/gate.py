"""Who comes in at once, and who is told when to come: appointments (预约) by the pace. Pure.

A device that was let in is let in until its sync is done, so that what was begun is finished. A
newcomer is let in while the queue is short. Who is sent away gets a ticket, is told when its turn
will be, and has precedence over newcomers when it comes then; each time more. People and enrolments
do not stand in the line: they are let in until a request would wait as long as the patience of the
server.
"""

import math
from dataclasses import dataclass

from server.gate.book import Book, Known, Line
from server.gate.pace import Pace

PAUSE_S = 15.0
"""A device that was quiet for so long has left."""
LONGEST_S = 900
"""Nobody is told to come later than this: devices wait no longer by themselves either."""
FIRST_S = 120
"""An estimate is trusted for so long, the next one of the same device for twice that."""
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
OVERBOOKED = 1.1
"""Who waits is told to come so much before its turn, so that the queue does not run dry."""


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
    """The gate of one of some web processes; moments are seconds of one monotonic clock.

    `patience`: seconds that a request may wait for its thread; `threads` of this process.
    """

    def __init__(
        self, book: Book, patience: float, threads: int, processes: int, now: float
    ) -> None:
        self._book, self._patience = book, patience
        self._threads, self._processes = threads, processes
        self._pace = Pace()
        self._counted = _Counted(at=now)
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
        """The seconds after which to come again; who comes too early is told the same moment."""
        if device is None:
            return max(1, math.ceil(self.wait))
        known = self._book[device]
        if now < known.inside_until:
            until = known.inside_until + self.wait
            known = known._replace(due=now + self.wait, inside_until=until, times=known.times + 1)
        elif known.due <= now + EARLY_S:
            known = self._ticket(known, now)
        self._book[device] = known
        return max(1, math.ceil(known.due - now))

    def _limit(self, known: Known, now: float) -> float:
        """Seconds that a request of this device may have to wait."""
        if now < known.inside_until:
            return math.inf
        if known.ticket and known.turn <= now + EARLY_S:
            return self._patience * min(MOST_PATIENCE, (1 + known.times) / 2)
        line = self._line(now)
        return self._patience / (2 if line.given > line.taken else 1)

    def _welcome(self, device: int, known: Known, now: float) -> None:
        is_new = now >= known.inside_until
        self._counted.add(now, visits=int(is_new))
        if is_new:
            line = self._line(now)
            self._book.line = line._replace(taken=min(line.given, line.taken + 1))
        times = known.times if known.ticket or not is_new else 0
        self._book[device] = Known(0, 0.0, 0.0, now + self.wait + PAUSE_S, times)

    def _ticket(self, known: Known, now: float) -> Known:
        """The ticket that it has, or else the next one, with the moment that it will be worth."""
        line = self._line(now)
        ticket = known.ticket or line.given + 1
        self._book.line = line._replace(given=max(line.given, ticket), at=now)
        requests = self._counted.requests / self._counted.visits
        each = self._pace.seconds * requests / self._processes / OVERBOOKED
        trusted = min(LONGEST_S, FIRST_S * 2**known.times)
        turn = max(self._patience * 2**known.times, (ticket - line.taken) * each)
        return Known(ticket, now + turn, now + min(turn, trusted), 0.0, known.times + 1)

    def _line(self, now: float) -> Line:
        """The line; nobody is waited for after so long that every ticket was due."""
        line = self._book.line
        return line if now - line.at <= LONGEST_S else line._replace(taken=line.given)
