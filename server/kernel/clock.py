"""The one place that tells the time; tests and the demo's past put another clock in its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_source = _system


def now() -> datetime:
    """The current instant, in UTC."""
    return _source()


def iso(instant: datetime) -> str:
    """`instant` as the wire writes it: UTC, milliseconds, `Z`."""
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


@contextmanager
def standing_at(instant: datetime) -> Iterator[None]:
    """For tests and the demo's past: the clock stands still at `instant`."""
    global _source
    before, _source = _source, lambda: instant
    try:
        yield
    finally:
        _source = before
