"""Push: one batch in one transaction (docs/protocol.md, section 4).

Lines are hashed, parsed and validated before the transaction. If a room raises on an item, the
batch is tried again without it; the item is kept as `handler_failed`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from server.config import Settings
from server.grid.auth import DeviceCaller
from server.grid.queries import lock_member
from server.grid.scope import today
from server.grid.service import devices
from server.items import rules as item_rules
from server.items.intake import Batch, HandlerFailed, IdTaken, Kinds, take_in
from server.items.lines import Line, read_line
from server.items.recall import recall
from server.items.verdicts import Verdict
from server.items.whereabouts import Whereabouts
from server.kernel import audit, clock, feed
from server.kernel.database import glancing, writing
from server.kernel.signing import Signer
from server.kernel.state import epoch
from server.regime.books import Refs
from server.sync import installs, receipts, rules
from server.sync.rules import Install
from server.tasks import exchanging

log = structlog.get_logger()
GAPS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the committed transaction says; `is_quiet`: neither changes nor files are to be told."""

    epoch: str
    received_at: datetime
    offset_ms: int | None
    verdicts: Sequence[Verdict]
    receipt: dict[str, Any] | None
    gaps: item_rules.Ranges
    reset: bool
    forked: bool
    is_quiet: bool = False


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
    alone: set[Kinds]


def hand_in(
    caller: DeviceCaller,
    envelope: dict[str, Any],
    raw_lines: Sequence[bytes],
    settings: Settings,
    signer: Signer,
) -> Pushed:
    """Keep every line exactly once and say what became of it."""
    received_at = clock.now()
    lines = _read(raw_lines, settings.item_bytes)
    hand = _Hand(caller, envelope, lines, settings, signer, received_at, {}, set())
    if not lines and (pushed := _glance(hand)) is not None:
        return pushed
    while True:
        try:
            with writing() as session:
                return _commit(session, hand)
        except HandlerFailed as failed:
            _learn(hand, failed)
        except IdTaken:
            continue


def _read(raw_lines: Sequence[bytes], item_bytes: int) -> list[Line]:
    """The lines judged; of a batch that is handed in again, those that are known need it not."""
    numbered = list(enumerate(raw_lines, 2))
    if not numbered:
        return []
    with glancing() as session:
        known = recall(session, numbered, item_bytes)
    return [known.get(no) or read_line(no, raw, item_bytes) for no, raw in numbered]


def _learn(hand: _Hand, failed: HandlerFailed) -> None:
    """A single item that made its room raise is set aside; of several, each is tried alone."""
    if len(failed.items) > 1:
        hand.alone.add(failed.kinds)
        return
    item, error = failed.items[0], failed.__cause__
    log.error("handler_failed", kind=item.kind, item=item.id, exc_info=error)
    hand.failures[item.sha256] = type(error).__name__


def _glance(hand: _Hand) -> Pushed | None:
    """The answer to a device that only asks, without the write lock; None if it tells something."""
    with glancing() as session:
        install, now_epoch, last, swept, lacks_media = installs.look(session, hand.caller.install)
    envelope = hand.envelope
    cursor, seen = envelope["cursor"], (envelope["epoch"], now_epoch)
    if rules.must_reset(*seen, cursor, last, swept, install.began):
        return None
    if not rules.tells_nothing(install, envelope, swept, hand.received_at):
        return None
    pushed = _pushed(hand, install, now_epoch, False, [], None)
    return replace(pushed, is_quiet=cursor == last and not lacks_media)


def _commit(session: Session, hand: _Hand) -> Pushed:
    now_epoch = epoch(session)
    # What one of the member's phones brings, the tasks of another one must see.
    lock_member(session, hand.caller.member)
    install = installs.lock(session, hand.caller.install)
    if rules.is_news(install.seen_at, hand.received_at):
        devices.changed(session, install.member)
    _note_clock(install, hand)
    reset = _must_reset(session, install, hand.envelope, now_epoch)
    # What the device acknowledges it had before it wrote these lines: a delivery comes first.
    _acknowledge(session, install, 0 if reset else hand.envelope["cursor"], hand.lines)
    verdicts, forked = _take_in(session, hand, install)
    seqs = [line.seq for line in hand.lines if line.seq]
    install.seqs = item_rules.add_to_ranges(install.seqs, seqs)
    _note_fork(session, install, forked)
    at = clock.iso(hand.received_at)
    receipt = receipts.give(session, install, hand.signer, now_epoch, at, verdicts)
    installs.write(session, install)
    return _pushed(hand, install, now_epoch, reset, verdicts, receipt)


def _note_clock(install: Install, hand: _Hand) -> None:
    envelope = hand.envelope
    newest = item_rules.offset_ms(hand.received_at, envelope["sent_at"])
    install.offsets = item_rules.with_offset(install.offsets, newest)
    install.seen_at = hand.received_at
    install.app = envelope["app"] or install.app
    install.outbox = envelope["outbox"] or install.outbox


def _take_in(session: Session, hand: _Hand, install: Install) -> tuple[list[Verdict], bool]:
    if not hand.lines:
        return [], False
    mono, boot = hand.envelope["mono"], hand.envelope["boot"]
    offset_ms = item_rules.median_offset(install.offsets)
    day = today(hand.settings.timezone, hand.received_at)
    batch = Batch(
        install=install.install,
        member=install.member,
        clock=item_rules.ExchangeClock(hand.received_at, mono, boot, offset_ms),
        late_after=timedelta(hours=hand.settings.late_hours),
        seen=install.seqs,
        where=Whereabouts(session, install.member, day),
        packs=Refs(session, hand.settings.timezone),
        envelope={"mono": mono, "boot": boot, "offset_ms": offset_ms},
        failures=hand.failures,
        alone=frozenset(hand.alone),
    )
    return take_in(session, batch, hand.lines)


def _note_fork(session: Session, install: Install, forked: bool) -> None:
    if forked and not install.forked:
        install.forked = True
        audit.note(session, install.member, "device.forked", install.install)


def _must_reset(
    session: Session, install: Install, envelope: dict[str, Any], now_epoch: str
) -> bool:
    """Whether the device must start over; where it starts, if it does so by itself or must."""
    last, swept = feed.counter(session, install.member)
    cursor = envelope["cursor"]
    reset = rules.must_reset(envelope["epoch"], now_epoch, cursor, last, swept, install.began)
    if reset or cursor == 0:
        install.began = swept
    return reset


def _acknowledge(session: Session, install: Install, cursor: int, lines: Sequence[Line]) -> None:
    """Take the cursor as the acknowledgement, with all tasks locked that the exchange may touch."""
    changes = feed.between(session, install.member, install.cursor, cursor)
    exchanging.lock_tasks(session, changes, lines)
    feed.acknowledged(session, install.member, install.install, changes)
    install.cursor = cursor


def _pushed(
    hand: _Hand,
    install: Install,
    now_epoch: str,
    reset: bool,
    verdicts: Sequence[Verdict],
    receipt: dict[str, Any] | None,
) -> Pushed:
    return Pushed(
        epoch=now_epoch,
        received_at=hand.received_at,
        offset_ms=item_rules.offset_ms(hand.received_at, hand.envelope["sent_at"]),
        verdicts=verdicts,
        receipt=receipt,
        gaps=item_rules.gaps(install.seqs)[:GAPS_SHOWN],
        reset=reset,
        forked=install.forked,
    )
