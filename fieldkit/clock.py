"""The clock seam: wall time, time since boot, and which boot it was (docs/protocol.md, 9)."""

import os
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")
_ZONE_LINK = Path("/etc/localtime")
_PROCESS_BOOT = str(uuid.uuid4())


class Clock(Protocol):
    """What fieldkit asks of a clock."""

    def now(self) -> datetime:
        """The device's wall clock, with its offset from UTC."""

    def mono(self) -> int:
        """Milliseconds since boot; sleep counts."""

    def boot(self) -> str:
        """An id that changes with every boot."""

    def timezone(self) -> str:
        """The zone's IANA name, or its offset where the name is not known."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now().astimezone()

    def mono(self) -> int:
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return time.monotonic_ns() // 1_000_000

    def boot(self) -> str:
        """The kernel's boot id; where it cannot be read, one id for this process."""
        try:
            return _BOOT_FILE.read_text().strip()
        except OSError:
            return _PROCESS_BOOT

    def timezone(self) -> str:
        named = os.environ.get("TZ", "").lstrip(":")
        if named:
            return named
        target = str(_ZONE_LINK.resolve())
        if "zoneinfo/" in target:
            return target.split("zoneinfo/", 1)[1]
        return self.now().isoformat()[-6:]

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class FakeClock:
    """A clock that moves only when told, for simulated shifts and tests.

    `drift_ms` shifts the wall clock alone, as a phone set wrongly does.
    """

    def __init__(
        self,
        start: datetime = datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
        *,
        mono: int = 60_000,
        boot: str | None = None,
        zone: str = "Asia/Shanghai",
        drift_ms: int = 0,
    ) -> None:
        self._now = start
        self._mono = mono
        self._boot = boot or str(uuid.uuid4())
        self._zone = zone
        self.drift_ms = drift_ms

    def now(self) -> datetime:
        return self._now + timedelta(milliseconds=self.drift_ms)

    def mono(self) -> int:
        return self._mono

    def boot(self) -> str:
        return self._boot

    def timezone(self) -> str:
        return self._zone

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._now += timedelta(seconds=seconds)
        self._mono += int(seconds * 1000)

    def reboot(self) -> None:
        """A new boot: a new id, and time since boot starts again."""
        self._boot = str(uuid.uuid4())
        self._mono = 0


def iso(moment: datetime) -> str:
    """ISO 8601 with offset, to the millisecond, as the protocol writes instants."""
    return moment.isoformat(timespec="milliseconds")
