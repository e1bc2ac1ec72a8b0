import pytest

from fieldkit.client import Client
from fieldkit.errors import BadAnswer, Offline
from fieldkit.store import Store
from fieldkit.verify import check
from tests.fieldkit.conftest import ADDRESS
from tests.fieldkit.fakeserver import FakeServer, LossyTransport


def test_lost_receipts_are_fetched_and_the_chain_is_whole(
    client: Client, server: FakeServer, network: LossyTransport
) -> None:
    client.outbox.capture("report", {})
    for _ in range(3):
        network.script.append("unanswered")
        with pytest.raises(Offline):
            client.sync()
    client.sync()
    assert [receipt.no for receipt in client.receipts.all()] == [1, 2, 3, 4]
    assert check(client.receipts.all(), server.key.public_key().public_bytes_raw()) == []


def lose_the_first_receipt(client: Client, network: LossyTransport) -> None:
    """One item in two hand-ins, of which only the second is answered."""
    client.outbox.capture("report", {})
    network.script.append("unanswered")
    with pytest.raises(Offline):
        client.exchange()
    client.exchange()


def test_a_receipt_lost_before_the_phone_was_enrolled_anew_is_fetched_after_it(
    client: Client, server: FakeServer, network: LossyTransport
) -> None:
    lose_the_first_receipt(client, network)
    assert [receipt.no for receipt in client.receipts.all()] == [2]
    server.codes.add("K7Q3")
    client.enroll(ADDRESS.replace("K7Q2", "K7Q3"))
    client.sync()
    assert [receipt.no for receipt in client.receipts.all()] == [1, 2]
    assert check(client.receipts.all(), server.key.public_key().public_bytes_raw()) == []


def test_receipts_of_who_had_the_phone_before_are_not_insisted_on(
    client: Client, server: FakeServer, network: LossyTransport
) -> None:
    lose_the_first_receipt(client, network)
    handle = server.handle

    def strange(method, target, headers, body):
        if "receipts" in target:
            return server.problem(404, "not_found")
        return handle(method, target, headers, body)

    server.handle = strange
    assert client.sync().warnings == []
    assert [receipt.no for receipt in client.receipts.all()] == [2]


def test_many_lost_receipts_come_in_pages(
    client: Client, server: FakeServer, network: LossyTransport
) -> None:
    client.outbox.capture("report", {})
    for _ in range(45):
        network.script.append("unanswered")
        with pytest.raises(Offline):
            client.exchange()
    client.sync()
    assert len(client.receipts.all()) == 46
    assert server.requests.count("GET /api/v1/sync/receipts") == 3


def test_a_receipt_the_server_does_not_have_either_is_asked_for_once(
    client: Client, server: FakeServer, network: LossyTransport
) -> None:
    client.outbox.capture("report", {})
    network.script.append("unanswered")
    with pytest.raises(Offline):
        client.sync()
    handle = server.handle

    def forgetful(method, target, headers, body):
        status, given, answer = handle(method, target, headers, body)
        return (
            (status, given, b'{"receipts":[]}')
            if "receipts" in target
            else (
                status,
                given,
                answer,
            )
        )

    server.handle = forgetful
    client.sync()
    assert server.requests.count("GET /api/v1/sync/receipts") == 1


def test_the_key_of_first_use_stays_and_another_is_told_loudly(
    client: Client, server: FakeServer, store: Store
) -> None:
    pinned = store.need("server_key")
    server.key = FakeServer().key
    assert client.sync().warnings == []
    server.forget()
    assert client.sync().warnings == ["key_changed"]
    assert store.need("server_key") == pinned


def test_the_same_key_after_a_restore_is_no_news(client: Client, server: FakeServer) -> None:
    server.forget()
    assert client.sync().warnings == []


@pytest.mark.parametrize("key", [None, "", "AAAA", 7])
def test_what_is_no_key_is_not_pinned(
    client: Client, server: FakeServer, store: Store, key: object
) -> None:
    store.set("server_key", None)
    store.set("check_key", True)
    exchange = server.handle

    def odd(method, target, headers, body):
        if target.endswith("/sync/key"):
            return server.ok({"alg": "Ed25519", "key": key})
        return exchange(method, target, headers, body)

    server.handle = odd
    with pytest.raises(BadAnswer):
        client.sync()
    assert store.get("server_key") is None
