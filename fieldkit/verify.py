"""Checking receipts without the server: root, chain and signature (docs/protocol.md, 10)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from fieldkit import ed25519
from fieldkit.receipts import Receipt, root_of
from fieldkit.wire import decode_base64


@dataclass(frozen=True)
class Finding:
    """Something wrong with one receipt; `fault` is a key of the text catalogue."""

    install: str
    no: int
    fault: str


def check(receipts: Iterable[Receipt], public_key: bytes) -> list[Finding]:
    """All faults of the receipts, none if every one proves what it says.

    The faults: `root_wrong` (the lines are not those that were signed), `signature_wrong`
    (forged, altered, or another server's key), `link_missing` (the receipt before was
    never fetched), `link_broken` (the receipt before is held, but another was signed).
    """
    ordered = sorted(receipts, key=lambda receipt: (receipt.install, receipt.no))
    digests: dict[tuple[str, int], set[str]] = defaultdict(set)
    for receipt in ordered:
        digests[receipt.install, receipt.no].add(receipt.digest())
    findings = []
    for receipt in ordered:
        before = digests.get((receipt.install, receipt.no - 1), set())
        faults = (*_own_faults(receipt, public_key), *_link_faults(receipt, before))
        findings += [Finding(receipt.install, receipt.no, fault) for fault in faults]
    return findings


def _own_faults(receipt: Receipt, public_key: bytes) -> list[str]:
    faults = []
    if len(receipt.lines) != receipt.items or root_of(receipt.lines) != receipt.root:
        faults.append("root_wrong")
    if not ed25519.verify(public_key, receipt.signed_text(), decode_base64(receipt.sig)):
        faults.append("signature_wrong")
    return faults


def _link_faults(receipt: Receipt, before: set[str]) -> list[str]:
    """`before` holds the hashes of the receipts with the number below (one per epoch)."""
    if receipt.no == 1:
        return ["link_broken"] if receipt.prev else []
    if not before:
        return ["link_missing"]
    return [] if receipt.prev in before else ["link_broken"]
