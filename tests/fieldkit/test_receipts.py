import hashlib

import pytest

from fieldkit.client import Client
from fieldkit.errors import BadAnswer
from fieldkit.receipts import Receipt, Receipts, root_of
from fieldkit.store import Store
from tests.fieldkit.fakeserver import FakeServer


def _receipt(no: int, install: str = "i", epoch: str = "e") -> Receipt:
    return Receipt(install, epoch, no, 0, "r", "", "at", "sig", ())


def test_every_hand_in_leaves_a_receipt(client: Client, server: FakeServer) -> None:
    item = client.outbox.capture("report", {})
    client.sync()
    (receipt,) = client.receipts.all()
    assert receipt.lines == ((item.sha256, "accepted"),)
    assert receipt.signed_text().decode() == server.receipts[0]["signed"]
    assert client.outbox.sent()[0]["receipt"] == receipt.no == 1


def test_the_root_of_the_protocol() -> None:
    joined = b"aa accepted\nbb stale"
    assert root_of([("aa", "accepted"), ("bb", "stale")]) == hashlib.sha256(joined).hexdigest()


def test_keeping_twice_keeps_once(store: Store) -> None:
    receipts = Receipts(store)
    receipts.keep(_receipt(1))
    receipts.keep(_receipt(1))
    assert receipts.all() == [_receipt(1)]


@pytest.mark.parametrize(
    ("held", "missing", "last"),
    [
        ([], None, 0),
        ([1], None, 1),
        ([1, 2, 3], None, 3),
        ([2], 1, 2),
        ([1, 3], 2, 3),
        ([1, 2, 5, 7], 3, 7),
    ],
)
def test_the_first_missing_number(
    store: Store, held: list[int], missing: int | None, last: int
) -> None:
    receipts = Receipts(store)
    receipts.keep(_receipt(4, install="another"))
    for no in held:
        receipts.keep(_receipt(no))
    assert receipts.first_missing("i") == missing
    assert receipts.last("i") == last


@pytest.mark.parametrize(
    "change",
    [{"no": None}, {"no": "x"}, {"items": None}, {"root": ...}],
)
def test_a_receipt_in_another_shape_is_no_answer(change: dict) -> None:
    good = {"no": 1, "items": 0, "root": "r", "prev": None, "at": "a", "sig": "s"}
    assert Receipt.read(good, epoch="e", install="i", lines=[]).prev == ""
    bad = {key: value for key, value in {**good, **change}.items() if value is not ...}
    with pytest.raises(BadAnswer):
        Receipt.read(bad, epoch="e", install="i", lines=[])
