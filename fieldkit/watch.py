"""Staying in touch for ever: sync, wait as the server asks, back off, sync again."""

import random
from collections.abc import Callable, Iterator

from fieldkit import backoff
from fieldkit.client import Client, SyncReport
from fieldkit.errors import FieldkitError, NotEnrolled, ProblemError, Unauthorized, UpgradeNeeded

DEFAULT_WAIT_S = 900
# How often the outbox is looked at while waiting, so that new work goes out at once.
_GLANCE_S = 5


def watch(
    client: Client, draw: Callable[[], float] = random.random
) -> Iterator[SyncReport | FieldkitError]:
    """Sync again and again; each outcome is given out before the wait that follows it.

    Ends when the device was wiped. Raises Unauthorized, UpgradeNeeded and NotEnrolled,
    which waiting does not cure; the queue stays. Every other failure is waited out, a failure
    after something got through like a first one.
    """
    failures = 0
    while True:
        newest, waiting = client.outbox.newest(), client.store.unsent()
        try:
            report = client.sync()
        except (Unauthorized, UpgradeNeeded, NotEnrolled):
            raise
        except FieldkitError as error:
            moved = client.store.unsent() < waiting
            failures = 1 if moved else failures + 1
            yield error
            client.clock.sleep(backoff.delay(failures, draw(), _asked(error)))
            continue
        failures = 0
        yield report
        if report.wiped:
            return
        asked = report.next_after_s
        _wait(client, DEFAULT_WAIT_S if asked is None else max(asked, _GLANCE_S), newest)


def _asked(error: FieldkitError) -> int | None:
    return error.retry_after if isinstance(error, ProblemError) else None


def _wait(client: Client, seconds: float, newest: int) -> None:
    """Wait, but no longer than until something new was captured."""
    while seconds > 0 and client.outbox.newest() == newest:
        client.clock.sleep(min(_GLANCE_S, seconds))
        seconds -= _GLANCE_S
