"""Push: one batch in one transaction (docs/protocol.md, section 4).

Lines are hashed, parsed and validated before the transaction. If a room raises on an item, the
batch is tried again without it; the item is kept as `handler_failed`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.config import Settings
from server.grid.auth import DeviceCaller
from server.grid.models import Device
from server.grid.scope import today
from server.items import rules as item_rules
from server.items.intake import Batch, HandlerFailed, take_in
from server.items.lines import Line, read_line
from server.items.verdicts import Verdict
from server.items.whereabouts import Whereabouts
from server.kernel import audit, clock, feed
from server.kernel.database import writing
from server.kernel.problems import Problem
from server.kernel.signing import Signer
from server.kernel.state import epoch
from server.sync import receipts, rules

log = structlog.get_logger()
GAPS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the committed transaction says."""

    epoch: str
    received_at: datetime
    offset_ms: int | None
    verdicts: Sequence[Verdict]
    receipt: dict[str, Any] | None
    gaps: item_rules.Ranges
    reset: bool
    forked: bool


@dataclass(slots=True)
class _Hand:
    """A hand-in on its way: what does not change between tries, and what the tries taught."""

    caller: DeviceCaller
    envelope: dict[str, Any]
    lines: list[Line]
    settings: Settings
    signer: Signer
    received_at: datetime
    failures: dict[str, str]
    alone: set[str]


def hand_in(
    caller: DeviceCaller,
    envelope: dict[str, Any],
    raw_lines: Sequence[bytes],
    settings: Settings,
    signer: Signer,
) -> Pushed:
    """Keep every line exactly once and say what became of it."""
    received_at = clock.now()
    lines = [read_line(no, raw, settings.item_bytes) for no, raw in enumerate(raw_lines, 2)]
    hand = _Hand(caller, envelope, lines, settings, signer, received_at, {}, set())
    while True:
        try:
            with writing() as session:
                return _commit(session, hand)
        except HandlerFailed as failed:
            _learn(hand, failed)


def _learn(hand: _Hand, failed: HandlerFailed) -> None:
    """A single item that made its room raise is set aside; of several, each is tried alone."""
    if len(failed.items) > 1:
        hand.alone.add(failed.kind)
        return
    item, error = failed.items[0], failed.__cause__
    log.error("handler_failed", kind=failed.kind, item=item.id, exc_info=error)
    hand.failures[item.sha256] = type(error).__name__


def _commit(session: Session, hand: _Hand) -> Pushed:
    now_epoch = epoch(session)
    device = _locked_device(session, hand.caller.install)
    offsets = _note_clock(device, hand)
    # What the device acknowledges it had before it wrote these lines: a delivery comes first.
    reset = _acknowledge(session, device, hand.envelope, now_epoch)
    verdicts, forked = _take_in(session, hand, device, item_rules.median_offset(offsets))
    device.seqs = item_rules.add_to_ranges(
        device.seqs, [line.seq for line in hand.lines if line.seq]
    )
    _note_fork(session, device, forked)
    at = clock.iso(hand.received_at)
    receipt = receipts.give(session, device, hand.signer, now_epoch, at, verdicts)
    return Pushed(
        epoch=now_epoch,
        received_at=hand.received_at,
        offset_ms=item_rules.offset_ms(hand.received_at, hand.envelope["sent_at"]),
        verdicts=verdicts,
        receipt=receipt,
        gaps=item_rules.gaps(device.seqs)[:GAPS_SHOWN],
        reset=reset,
        forked=device.forked,
    )


def _locked_device(session: Session, install: str) -> Device:
    """The device's row, locked: two exchanges of one install go one after the other."""
    device = session.scalars(
        select(Device).where(Device.install == install).with_for_update()
    ).one_or_none()
    if device is None or device.state == "revoked":
        raise Problem("unauthorized")
    return device


def _note_clock(device: Device, hand: _Hand) -> list[int]:
    envelope = hand.envelope
    newest = item_rules.offset_ms(hand.received_at, envelope["sent_at"])
    device.offsets = item_rules.with_offset(device.offsets, newest)
    device.seen_at = hand.received_at
    device.app = envelope["app"] or device.app
    device.outbox = envelope["outbox"] or device.outbox
    return device.offsets


def _take_in(
    session: Session, hand: _Hand, device: Device, offset_ms: int | None
) -> tuple[list[Verdict], bool]:
    if not hand.lines:
        return [], False
    mono, boot = hand.envelope["mono"], hand.envelope["boot"]
    day = today(hand.settings.timezone, hand.received_at)
    batch = Batch(
        install=device.install,
        member=device.member,
        clock=item_rules.ExchangeClock(hand.received_at, mono, boot, offset_ms),
        late_after=timedelta(hours=hand.settings.late_hours),
        seen=device.seqs,
        where=Whereabouts(session, device.member, day),
        envelope={"mono": mono, "boot": boot, "offset_ms": offset_ms},
        failures=hand.failures,
        alone=frozenset(hand.alone),
    )
    return take_in(session, batch, hand.lines)


def _note_fork(session: Session, device: Device, forked: bool) -> None:
    if forked and not device.forked:
        device.forked = True
        audit.note(session, device.member, "device.forked", device.install)


def _acknowledge(
    session: Session, device: Device, envelope: dict[str, Any], now_epoch: str
) -> bool:
    """Take the cursor as the acknowledgement; whether the device must start over instead."""
    last, swept = feed.counter(session, device.member)
    cursor = envelope["cursor"]
    reset = rules.must_reset(envelope["epoch"], now_epoch, cursor, last, swept, device.began)
    if reset or cursor == 0:
        device.began = swept
    if reset:
        device.cursor = 0
        return True
    feed.acknowledged(session, device.member, device.install, device.cursor, cursor)
    device.cursor = cursor
    return False
