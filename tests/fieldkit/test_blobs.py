import pytest

from fieldkit.blobs import Photo
from fieldkit.capture import take_in
from fieldkit.client import Client
from fieldkit.errors import InputError
from fieldkit.store import Store


def test_an_item_cannot_name_a_file_that_is_not_there(client: Client, store: Store) -> None:
    with pytest.raises(InputError):
        client.outbox.capture("report", {}, media=[Photo("0" * 64, 5, "image/jpeg")])
    assert client.outbox.waiting() == []
    assert store.count("SELECT COUNT(*) FROM media") == 0


def test_waiting_files_name_their_first_item_smallest_first(
    client: Client, store: Store, jpeg
) -> None:
    large, small = take_in(store, jpeg("a", 900)), take_in(store, jpeg("b", 90))
    first = client.outbox.capture("report", {}, media=[large])
    client.outbox.capture("report", {}, media=[small, large])
    rows = client.blobs.waiting()
    assert [row["sha256"] for row in rows] == [small.sha256, large.sha256]
    assert rows[1]["item"] == first.id


@pytest.mark.parametrize(
    ("state", "wanted", "waiting"),
    [("done", 1, 1), ("queued", 0, 1), ("failed", 0, 0), ("lost", 0, 0)],
)
def test_only_what_was_thought_done_is_queued_again(
    client: Client, store: Store, jpeg, state: str, wanted: int, waiting: int
) -> None:
    photo = take_in(store, jpeg())
    client.outbox.capture("report", {}, media=[photo])
    client.blobs.mark(photo.sha256, state, "why")
    assert client.blobs.wanted([photo.sha256, "unknown", ""]) == wanted
    assert len(client.blobs.waiting()) == waiting


def test_a_lost_file_that_is_taken_in_again_is_sent(client: Client, store: Store, jpeg) -> None:
    photo = take_in(store, jpeg())
    client.outbox.capture("report", {}, media=[photo])
    client.blobs.mark(photo.sha256, "lost", "file_lost")
    assert [row["reason"] for row in client.blobs.troubled()] == ["file_lost"]
    client.outbox.capture("report", {}, media=[take_in(store, jpeg())])
    assert len(client.blobs.waiting()) == 1
    assert client.blobs.troubled() == []
