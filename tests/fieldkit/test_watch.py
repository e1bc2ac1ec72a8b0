from itertools import islice

import pytest

from fieldkit.client import Client, SyncReport
from fieldkit.errors import Busy, NotEnrolled, Offline, StoreTrouble, Unauthorized, UpgradeNeeded
from fieldkit.store import Store
from fieldkit.watch import DEFAULT_WAIT_S, watch
from tests.fieldkit.fakeserver import FakeServer, LossyTransport


def _waits(client: Client, count: int) -> list[float]:
    """Seconds of clock time between the first `count` + 1 outcomes."""
    times = []
    for _ in islice(watch(client, draw=lambda: 0.0), count + 1):
        times.append(client.clock.mono())
    return [(after - before) / 1000 for before, after in zip(times, times[1:], strict=False)]


@pytest.mark.parametrize(
    ("asked", "waited"), [(900, 900), (12, 12), (0, 5), (None, DEFAULT_WAIT_S)]
)
def test_waits_as_long_as_the_server_asks(
    client: Client, server: FakeServer, asked: int | None, waited: float
) -> None:
    server.extra = {"next_after_s": asked}
    assert _waits(client, 1) == [waited]


def test_new_work_ends_the_wait(client: Client, server: FakeServer) -> None:
    outcomes = watch(client)
    next(outcomes)
    sleep = client.clock.sleep

    def captures_meanwhile(seconds: float) -> None:
        sleep(seconds)
        client.outbox.capture("report", {})

    client.clock.sleep = captures_meanwhile
    before = client.clock.mono()
    assert next(outcomes).sent == 1
    assert client.clock.mono() - before == 5000


def test_failures_are_told_and_waited_out_for_ever(
    client: Client, network: LossyTransport, server: FakeServer
) -> None:
    network.script.extend(["lost"] * 40)
    client.outbox.capture("report", {})
    outcomes = list(islice(watch(client, draw=lambda: 1.0), 41))
    assert [type(outcome) for outcome in outcomes] == [Offline] * 40 + [SyncReport]
    assert len(server.effects) == 1


def test_never_comes_back_before_retry_after(client: Client, server: FakeServer) -> None:
    server.faults.append(server.problem(503, "busy", **{"retry-after": "77"}))
    assert _waits(client, 1) == [77]


def test_success_forgets_earlier_failures(client: Client, network: LossyTransport) -> None:
    network.script.extend(["lost", "lost", "well", "lost"])
    times, outcomes = [], watch(client, draw=lambda: 1.0)
    for _ in range(5):
        next(outcomes)
        times.append(client.clock.mono() // 1000)
    waits = [after - before for before, after in zip(times, times[1:], strict=False)]
    assert waits == [4, 8, 900, 4]


def test_a_failure_after_something_got_through_counts_like_a_first_one(
    client: Client, network: LossyTransport
) -> None:
    for _ in range(101):
        client.outbox.capture("report", {})
    network.script.extend(["lost", "lost", "lost", "well", "lost"])
    times, outcomes = [], watch(client, draw=lambda: 1.0)
    for _ in range(5):
        next(outcomes)
        times.append(client.clock.mono() // 1000)
    waits = [after - before for before, after in zip(times, times[1:], strict=False)]
    assert waits == [4, 8, 16, 4]


def test_a_full_disk_is_waited_out(client: Client, store: Store) -> None:
    store.db.execute("PRAGMA query_only = ON")
    outcomes = watch(client)
    assert isinstance(next(outcomes), StoreTrouble)
    store.db.execute("PRAGMA query_only = OFF")
    assert isinstance(next(outcomes), SyncReport)


@pytest.mark.parametrize(("status", "error"), [(401, Unauthorized), (426, UpgradeNeeded)])
def test_what_waiting_does_not_cure_ends_the_watch(
    client: Client, server: FakeServer, status: int, error: type
) -> None:
    server.faults.append(server.problem(status, "no"))
    with pytest.raises(error):
        next(watch(client))


def test_a_device_that_is_not_enrolled_does_not_watch(store: Store, network, clock) -> None:
    with pytest.raises(NotEnrolled):
        next(watch(Client(store, network, clock)))


def test_ends_after_a_wipe(client: Client, server: FakeServer) -> None:
    server.put("command", "w", {"command": "wipe"})
    assert [outcome.wiped for outcome in watch(client)] == [True]


def test_busy_is_given_out_as_it_is(client: Client, server: FakeServer) -> None:
    server.faults.append(server.problem(429, "slow down"))
    outcome = next(watch(client))
    assert isinstance(outcome, Busy)
    assert outcome.status == 429
