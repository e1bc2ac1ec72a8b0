"""Who comes in at once, and who is told when to come: appointments (预约) by the pace. Pure.

A device that was let in is let in until its sync is done, so that what was begun is finished. A
newcomer is let in while the queue is short. Who is sent away gets a ticket, is told when its turn
will be, and has precedence over newcomers when it comes then; each time more. No more are told to
come at one time than can be taken then, so that those with precedence are few. People and
enrolments do not stand in the line: they are let in until a request would wait as long as the
patience of the server.
"""

import math

from server.gate.book import Book, Known, Line
from server.gate.pace import Pace
from server.gate.visits import Visits

PAUSE_S = 15.0
"""A device that was quiet for so long has left."""
LONGEST_S = 900
"""Nobody is told to come later than this: devices wait no longer by themselves either."""
FIRST_S = 120
"""An estimate is trusted for so long, the next one of the same device for three times that."""
EARLY_S = 1.0
"""Who comes so much too early comes in time: `Retry-After` is in whole seconds."""
LATE_S = 20.0
"""A request that got its thread so late is not worked on: devices give up after 30 seconds."""
MOST_PATIENCE_S = LATE_S / 5
"""Devices queue no longer, however patient people are: the server may become slower meanwhile."""
LAST_S = 6.0
"""Who was sent away more often than `SHARES` tells is let in while a request waits no longer."""
SHARES = (1 / 4, 1 / 4, 1 / 2, 1 / 2, 1)
"""Of the patience, by how often one was sent away; the first for who does not come in its turn."""
SLOT_S = 10.0
OVERBOOKED = 1.2
"""Turns are so much nearer than the pace says, so that the queue does not run dry."""


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
        self._visits = Visits(now)
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
        # Of a sum of moments a little may be left over a whole second.
        return min(LONGEST_S, max(1, math.ceil(known.due - now)))

    def _limit(self, known: Known, now: float) -> float:
        """Seconds that a request of this device may have to wait."""
        if now < known.inside_until:
            return math.inf
        patience = min(self._patience, MOST_PATIENCE_S)
        if _is_in_turn(known, now):
            return patience * SHARES[known.times] if known.times < len(SHARES) else LAST_S
        line = self._line(now)
        return patience * SHARES[0] if known.ticket or line.given > line.taken else patience

    def _welcome(self, device: int, known: Known, now: float) -> None:
        is_new = now >= known.inside_until
        self._visits.add(now, begins=is_new)
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
        each = self._pace.seconds * self._visits.requests(self._inside) / self._processes
        trusted = min(LONGEST_S, FIRST_S * 3**known.times)
        least = self._patience / 2 * 2**known.times
        turn = max(least, (ticket - line.taken) * each / OVERBOOKED)
        if turn <= trusted:
            turn = self._booked(now, turn, each)
        return Known(ticket, now + turn, now + min(turn, trusted), 0.0, known.times + 1)

    def _booked(self, now: float, turn: float, each: float) -> float:
        """Seconds to the first moment from `turn` on that is not taken by others; it is now."""
        slot = int((now + turn) // SLOT_S)
        while (at := slot * SLOT_S + self._book.booked(slot) * each) >= (slot + 1) * SLOT_S:
            slot += 1
        if at - now < LONGEST_S:
            self._book.add(slot)
        return max(turn, min(LONGEST_S, at - now))

    def _line(self, now: float) -> Line:
        """The line; nobody is waited for after so long that every ticket was due."""
        line = self._book.line
        return line if now - line.at <= LONGEST_S else line._replace(taken=line.given)


def _is_in_turn(known: Known, now: float) -> bool:
    return known.ticket > 0 and known.turn <= now + EARLY_S
