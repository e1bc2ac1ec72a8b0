"""The device's side of the exchange: enrol, hand in, take what is new (docs/protocol.md)."""

import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldkit import __version__, ids, wire
from fieldkit.blobs import Blobs
from fieldkit.clock import Clock, iso
from fieldkit.enrolment import Enrolment
from fieldkit.errors import Locked, TooLarge
from fieldkit.inbox import Inbox
from fieldkit.media import Uploads
from fieldkit.notices import Notices
from fieldkit.outbox import Outbox, Queued
from fieldkit.proofs import Proofs
from fieldkit.purge import purge
from fieldkit.receipts import Receipt, Receipts
from fieldkit.session import API, Session
from fieldkit.store import Store
from fieldkit.transport import Transport

WANT_BYTES = 24_000
CLOCK_TOLERANCE_MS = 120_000
# Ids per question to /sync/have.
_HAVE = 500
_DEFAULT_LIMITS = {"batch_items": 100, "batch_bytes": 1024 * 1024}
# The rest of an answer's news, kept for `status` and for the next envelope.
_KEPT = ("offset_ms", "next_after_s", "min_app")


@dataclass(frozen=True)
class Step:
    """What one exchange did."""

    sent: int = 0
    tray: int = 0
    taken: int = 0
    unsettled: frozenset[str] = frozenset()
    more: bool = False
    reset: bool = False


@dataclass
class SyncReport:
    """What one sync did, and what the person should be told (`warnings`: text keys)."""

    sent: int = 0
    tray: int = 0
    taken: int = 0
    uploaded: int = 0
    wiped: bool = False
    next_after_s: int | None = None
    warnings: list[str] = field(default_factory=list)

    def add(self, step: Step) -> None:
        """Count one exchange."""
        self.sent += step.sent
        self.tray += step.tray
        self.taken += step.taken


class Client:
    """One enrolled device. Every call may be broken off anywhere and made again."""

    def __init__(self, store: Store, transport: Transport, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.outbox = Outbox(store, clock)
        self.inbox = Inbox(store)
        self.blobs = Blobs(store)
        self.receipts = Receipts(store)
        self.session = Session(store, transport)
        self.notices = Notices(store, self.session, clock)
        self._uploads = Uploads(store, self.session)
        self._proofs = Proofs(store, self.session)
        self._max_items: int | None = None
        self._begun: frozenset[str] = frozenset()

    def enroll(
        self, address: str, code: str | None = None, device: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Exchange a one-time code for a token; the member (section 3).

        `address` is the server's, or the whole address of the code's QR. What is queued
        stays; another member's lines wait until that member enrols here again.
        Raises InputError, TransportError, or ProblemError (404 unknown, 410 used or expired).
        """
        described = {
            "model": platform.machine(),
            "os": f"{platform.system()} {platform.release()}",
            "app": __version__,
            "timezone": self.clock.timezone(),
            **(device or {}),
        }
        member = Enrolment(self.store, self.session).run(
            address, code, install=ids.random_uuid(), device=described
        )
        self._proofs.check_key_if_reachable()
        return member

    def exchange(self, skip: Collection[str] = frozenset()) -> Step:
        """One round trip (section 4): hand in a batch without the hashes in `skip`, take a page.

        A batch that is too large is not an error: the next one is half as long, and a
        single line that is too large goes to the tray. Raises TransportError, ProblemError.
        """
        lines, body = self._request(skip)
        try:
            response = self.session.send(
                "POST",
                API + "/sync",
                headers={"Content-Type": "application/x-ndjson"},
                body=body,
                compress=True,
            )
        except TooLarge as error:
            return self._shrink(lines, error)
        return self._apply(wire.read_answer(response.body), lines)

    def sync(self) -> SyncReport:
        """Exchange until the outbox is empty and the feed has no more, then send photos.

        Raises TransportError or ProblemError where it had to stop; what was reached until
        then stays reached.
        """
        report = SyncReport()
        self._max_items = None
        self._exchange_all(report)
        report.uploaded = self._uploads.run(self._begun)
        leaving = self.inbox.ordered("wipe")
        report.wiped = leaving and self.store.wipe()
        if not leaving:
            self._proofs.refresh()
            self.notices.tell()
        if not report.wiped:
            report.next_after_s = self.store.get("next_after_s")
            report.warnings = self.warnings()
            purge(self.store, self.clock.now())
        return report

    def require_unlocked(self) -> None:
        """Raises Locked while a supervisor's lock stands."""
        if self.inbox.ordered("lock"):
            raise Locked

    def warnings(self) -> list[str]:
        """Text keys of what the person should know now."""
        offset = self.store.get("offset_ms") or 0
        signs = {
            "clock_off": abs(offset) > CLOCK_TOLERANCE_MS,
            "reenrol": bool(self.store.get("reenrol")),
            "key_changed": self.store.get("other_key") is not None,
            "update_app": _older(__version__, self.store.get("min_app")),
            "locked": self.inbox.ordered("lock"),
        }
        return [key for key, given in signs.items() if given]

    def _exchange_all(self, report: SyncReport) -> None:
        skip: frozenset[str] = frozenset()
        resets = 0
        while True:
            step = self.exchange(skip)
            report.add(step)
            skip |= step.unsettled
            resets += step.reset
            if self.store.get("offer_held"):
                self._offer_held()
            # A server that resets every time, or gives no page though it has more, would
            # keep the device busy for nothing.
            feed_goes_on = step.more and (step.taken > 0 or (step.reset and resets == 1))
            if not feed_goes_on and not self.outbox.batch(1, 1, skip):
                return

    def _request(self, skip: Collection[str]) -> tuple[list[Queued], bytes]:
        envelope = self._envelope()
        limits = _DEFAULT_LIMITS | self.store.get("limits", {})
        lines = self.outbox.batch(
            self._max_items or limits["batch_items"],
            limits["batch_bytes"] - len(wire.encode(envelope)) - 1,
            skip,
        )
        return lines, wire.request_body(envelope, [queued.line for queued in lines])

    def _envelope(self) -> dict[str, Any]:
        install = self.store.need("install")
        return {
            "install": install,
            "epoch": self.store.get("epoch"),
            "sent_at": iso(self.clock.now()),
            "mono": self.clock.mono(),
            "boot": self.clock.boot(),
            "app": __version__,
            "cursor": self.store.get("cursor", 0),
            "want": {"bytes": WANT_BYTES},
            "outbox": wire.without_none(self.outbox.counters()),
            "receipt": self.receipts.last(install),
        }

    def _shrink(self, lines: list[Queued], error: TooLarge) -> Step:
        if not lines:
            raise error
        if len(lines) == 1:
            self.outbox.set_aside(lines[0].sha256, error.code, error.title)
            return Step(tray=1)
        self._max_items = len(lines) // 2
        return Step()

    def _apply(self, answer: wire.Answer, lines: list[Queued]) -> Step:
        """Apply a whole answer in one local transaction."""
        offered = {queued.sha256 for queued in lines}
        with self.store.write():
            reset = answer.reset or answer.epoch != self.store.get("epoch")
            if reset:
                self._restart(answer.epoch)
            receipt = self._keep_receipt(answer)
            settled = self.outbox.settle(answer.results, offered=offered, receipt=receipt)
            partial = [entry for entry in answer.media if entry.get("state") == "partial"]
            self._begun = frozenset(str(entry.get("sha256")) for entry in partial)
            self.blobs.wanted(entry.get("sha256", "") for entry in answer.media)
            # After a reset the feed counts from 0, whatever cursor an empty page names.
            fed = not reset or any(change["seq"] for change in answer.changes)
            more = answer.more if fed else True
            taken = self.inbox.apply(answer.changes, answer.cursor if fed else 0, more)
            self._keep_news(answer)
        unsettled = frozenset(self.outbox.still_queued(offered))
        return Step(settled.sent, settled.tray, taken, unsettled, more, reset)

    def _restart(self, epoch: str) -> None:
        self.inbox.restart()
        self.store.set("epoch", epoch)
        self.store.set("offer_held", True)
        self.store.set("check_key", True)

    def _keep_receipt(self, answer: wire.Answer) -> int | None:
        """Keep the answer's receipt; its number."""
        if answer.receipt is None:
            return None
        receipt = Receipt.read(
            answer.receipt,
            epoch=answer.epoch,
            install=self.store.need("install"),
            lines=[(str(r.get("sha256")), str(r.get("status"))) for r in answer.results],
        )
        self.receipts.keep(receipt)
        return receipt.no

    def _keep_news(self, answer: wire.Answer) -> None:
        for key in _KEPT:
            self.store.set(key, getattr(answer, key))
        self.store.set("reenrol", answer.reenrol or None)
        self.store.set("last_sync", iso(self.clock.now()))

    def _offer_held(self) -> None:
        """Ask which of the held items the server lost, and queue those again (section 5)."""
        held = self.outbox.held()
        for start in range(0, len(held), _HAVE):
            asked = held[start : start + _HAVE]
            unknown = self.session.post("/sync/have", {"ids": asked}).get("unknown") or []
            self.outbox.requeue(set(asked) & set(unknown))
        self.store.set("offer_held", None)


def _older(version: str, least: str | None) -> bool:
    """Whether a dotted version is below `least`; what is no such version never is."""
    try:
        return _numbers(version) < _numbers(least or "0")
    except ValueError:
        return False


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
