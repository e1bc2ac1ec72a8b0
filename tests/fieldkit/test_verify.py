import base64
from dataclasses import replace

import pytest

from fieldkit.client import Client
from fieldkit.receipts import Receipt
from fieldkit.verify import Finding, check
from tests.fieldkit.fakeserver import FakeServer


@pytest.fixture
def receipts(client: Client) -> list[Receipt]:
    """Three receipts of one install."""
    for number in range(3):
        client.outbox.capture("report", {"n": number})
        client.sync()
    return client.receipts.all()


@pytest.fixture
def key(server: FakeServer) -> bytes:
    return server.key.public_key().public_bytes_raw()


def _faults(receipts: list[Receipt], key: bytes) -> list[tuple[int, str]]:
    return [(finding.no, finding.fault) for finding in check(receipts, key)]


def test_honest_receipts_in_any_order_have_no_fault(receipts, key) -> None:
    assert len(receipts) == 3
    assert check(reversed(receipts), key) == []


def test_another_status_in_a_line_is_found(receipts, key) -> None:
    digest, _ = receipts[1].lines[0]
    receipts[1] = replace(receipts[1], lines=((digest, "quarantined"),))
    assert check(receipts, key) == [Finding(receipts[1].install, 2, "root_wrong")]


def test_a_line_too_many_is_found(receipts, key) -> None:
    receipts[0] = replace(receipts[0], lines=receipts[0].lines * 2)
    assert _faults(receipts, key) == [(1, "root_wrong")]


def test_a_signed_number_of_items_must_be_that_of_the_lines(receipts, server, key) -> None:
    more = replace(receipts[0], items=2)
    signature = base64.b64encode(server.key.sign(more.signed_text())).decode()
    assert _faults([replace(more, sig=signature)], key) == [(1, "root_wrong")]


@pytest.mark.parametrize("field", ["epoch", "at", "root", "prev"])
def test_every_signed_field_is_covered(receipts, key, field: str) -> None:
    receipts[2] = replace(receipts[2], **{field: "changed"})
    assert (3, "signature_wrong") in _faults(receipts, key)


def test_another_install_s_receipt_is_found(receipts, key) -> None:
    stolen = replace(receipts[0], install="mine")
    assert _faults([stolen], key) == [(1, "signature_wrong")]


@pytest.mark.parametrize("sig", ["", "no base64", "AAAA"])
def test_a_signature_of_another_shape_is_wrong_not_a_crash(receipts, key, sig: str) -> None:
    receipts[2] = replace(receipts[2], sig=sig)
    assert _faults(receipts, key) == [(3, "signature_wrong")]


def test_another_key_proves_nothing(receipts) -> None:
    other = FakeServer().key.public_key().public_bytes_raw()
    assert [fault for _, fault in _faults(receipts, other)] == ["signature_wrong"] * 3


def test_a_missing_receipt_is_found(receipts, key) -> None:
    assert _faults([receipts[0], receipts[2]], key) == [(3, "link_missing")]


def test_a_replaced_receipt_breaks_the_chain_after_it(receipts, key) -> None:
    receipts[1] = replace(receipts[1], at="another day")
    assert _faults(receipts, key) == [(2, "signature_wrong"), (3, "link_broken")]


def test_the_first_receipt_has_no_receipt_before_it(receipts, key) -> None:
    receipts[0] = replace(receipts[0], prev="something")
    assert (1, "link_broken") in _faults(receipts, key)


def test_a_chain_goes_on_over_a_restored_server(client: Client, server, key) -> None:
    """The server lost receipt 2 with its backup and gives number 2 again in a new epoch."""
    items = []
    for number in range(2):
        items.append(client.outbox.capture("report", {"n": number}))
        client.sync()
    server.forget(items[1].id)
    server.receipts.pop()
    client.sync()
    numbers = [(receipt.no, receipt.epoch == server.epoch) for receipt in client.receipts.all()]
    assert sorted(numbers) == [(1, False), (2, False), (2, True)]
    assert check(client.receipts.all(), key) == []
