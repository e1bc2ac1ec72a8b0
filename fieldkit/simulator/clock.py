"""The clock of a simulated shift: told during the day, this machine's once the worker is back."""

import time
from datetime import UTC, datetime, timedelta

from fieldkit.clock import FakeClock


class ShiftClock(FakeClock):
    """Stands still between `go_to` calls; after `come_back` it runs with the machine's clock.

    `sleep` really sleeps, `scale` times as long as asked.
    """

    def __init__(self, start: datetime, *, scale: float) -> None:
        super().__init__(start)
        self._scale = scale
        self._back_at: float | None = None

    def go_to(self, moment: datetime) -> None:
        """Let the time pass until `moment`; what is over stays over."""
        self.advance(max(0.0, (moment - self._now).total_seconds()))

    def come_back(self) -> None:
        """The shift is over; from now on this is the machine's own time."""
        self.go_to(datetime.now(UTC))
        self._back_at = time.monotonic()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._since_back())

    def mono(self) -> int:
        return super().mono() + int(self._since_back() * 1000)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds * self._scale)

    def _since_back(self) -> float:
        return 0.0 if self._back_at is None else time.monotonic() - self._back_at
