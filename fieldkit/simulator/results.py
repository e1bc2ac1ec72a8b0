"""What one simulated device did, counted from its own store."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from fieldkit.receipts import Receipt, Receipts
from fieldkit.simulator.device import SimulatedDevice
from fieldkit.verify import check
from fieldkit.wire import decode_base64

_ANSWERED = ("accepted", "quarantined", "conflict", "stale")


@dataclass(frozen=True)
class DeviceResult:
    """Counts of one device; `trouble` says why it stopped early, None if it did not.

    `kinds` and `statuses` count its items; `items_left` and `media_left` never reached the
    server; `unproven` counts answered items that no receipt names; `items` holds (id, sha256,
    kind, status) of what was answered.
    """

    name: str
    member: str
    install: str
    captured: int
    kinds: dict[str, int]
    statuses: dict[str, int]
    duplicates: int
    photos: int
    items_left: int
    media_left: int
    replays: int
    exchanges: int
    retries: int
    receipts: int
    receipts_verified: int
    unproven: int
    actions: dict[str, int]
    faults: dict[str, int]
    trouble: str | None = None
    items: list[dict[str, str]] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything was handed in and is proven."""
        left = self.items_left or self.media_left or self.unproven
        return self.trouble is None and not left and self.receipts == self.receipts_verified

    def wire(self) -> dict[str, Any]:
        """As JSON is written."""
        return asdict(self)


def count(device: SimulatedDevice, trouble: str | None) -> DeviceResult:
    """The result of a device that has finished."""
    store = device.store
    member = store.get("member", {})
    rows = store.rows("SELECT id, sha256, kind, status, flags FROM items ORDER BY n")
    answered = [row for row in rows if row["status"] in _ANSWERED]
    receipts = Receipts(store).all()
    proven = {digest for receipt in receipts for digest, _ in receipt.lines}
    counters = device.client.outbox.counters()
    return DeviceResult(
        name=str(member.get("name", "")),
        member=str(member.get("id", "")),
        install=store.get("install", ""),
        captured=len(rows),
        kinds=dict(Counter(row["kind"] for row in rows)),
        statuses=dict(Counter(row["status"] for row in answered)),
        duplicates=sum("duplicate_of" in row["flags"] for row in rows),
        photos=store.count("SELECT COUNT(*) FROM media WHERE state = 'done'"),
        items_left=counters["items"],
        media_left=counters["media"],
        replays=device.tally.replays,
        exchanges=device.tally.exchanges,
        retries=device.retries,
        receipts=len(receipts),
        receipts_verified=len(receipts) - _faulty(store.get("server_key"), receipts),
        unproven=sum(row["sha256"] not in proven for row in answered),
        actions=dict(device.actions),
        faults=dict(device.network.injected),
        trouble=trouble,
        items=[{key: row[key] for key in ("id", "sha256", "kind", "status")} for row in answered],
    )


def _faulty(key: str | None, receipts: Sequence[Receipt]) -> int:
    """How many receipts do not prove what they say; all of them while the key is not known."""
    findings = check(receipts, decode_base64(key or ""))
    return len({(finding.install, finding.no) for finding in findings})
