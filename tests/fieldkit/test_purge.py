import os
from datetime import timedelta

import pytest

from fieldkit.capture import take_in
from fieldkit.client import Client
from fieldkit.clock import FakeClock
from fieldkit.purge import KEEP_DAYS, purge
from fieldkit.store import Store
from tests.fieldkit.fakeserver import FakeServer

LONG = timedelta(days=KEEP_DAYS + 1)


def _items(store: Store) -> int:
    return store.count("SELECT COUNT(*) FROM items")


@pytest.mark.parametrize(("days", "left"), [(KEEP_DAYS - 1, 1), (KEEP_DAYS + 1, 0)])
def test_accepted_items_are_kept_30_days(
    client: Client, store: Store, clock: FakeClock, days: int, left: int
) -> None:
    client.outbox.capture("report", {})
    client.sync()
    purge(store, clock.now() + timedelta(days=days))
    assert _items(store) == left


def test_sync_makes_room_by_itself(client: Client, store: Store, clock: FakeClock) -> None:
    client.outbox.capture("report", {})
    client.sync()
    clock.advance(LONG.total_seconds())
    client.sync()
    assert _items(store) == 0
    assert len(client.receipts.all()) == 1


def test_queued_and_trayed_items_stay_for_ever(
    client: Client, server: FakeServer, store: Store, clock: FakeClock
) -> None:
    server.verdict = lambda item: "quarantined"
    client.outbox.capture("report", {})
    client.sync()
    client.outbox.capture("report", {})
    assert purge(store, clock.now() + LONG) == 0
    assert _items(store) == 2


def test_an_item_waits_for_its_photo(client: Client, store: Store, clock: FakeClock, jpeg) -> None:
    photo = take_in(store, jpeg())
    client.outbox.capture("report", {}, media=[photo])
    client.exchange()
    assert purge(store, clock.now() + LONG) == 0
    client.sync()
    os.utime(store.media_path(photo.sha256), (0, 0))
    assert purge(store, clock.now() + LONG) == 1
    assert not store.media_path(photo.sha256).exists()


def test_a_photo_that_a_younger_item_names_stays(
    client: Client, server: FakeServer, store: Store, clock: FakeClock, jpeg
) -> None:
    photo = take_in(store, jpeg())
    client.outbox.capture("report", {"n": 1}, media=[photo])
    client.sync()
    clock.advance(LONG.total_seconds())
    client.outbox.capture("report", {"n": 2}, media=[photo])
    client.sync()
    assert (_items(store), store.media_path(photo.sha256).exists()) == (1, True)
    server.blobs.clear()
    server.partial.clear()
    client.blobs.wanted([photo.sha256])
    assert client.sync().uploaded == 1


def test_a_file_just_taken_in_is_not_swept_away(store: Store, clock: FakeClock, jpeg) -> None:
    fresh, old = take_in(store, jpeg("a")), take_in(store, jpeg("b", 77))
    os.utime(store.media_path(old.sha256), (0, 0))
    purge(store, clock.now())
    assert store.media_path(fresh.sha256).exists()
    assert not store.media_path(old.sha256).exists()
