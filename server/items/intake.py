"""Intake (接收): a batch of judged lines becomes items, effects, or quarantined lines.

All of it happens in the caller's one transaction: look up what is known in one query each, claim
the new ids in sorted order, hand each room its items, write what differs. A handler that raises
makes the caller start again without the item (server/sync/push.py, `replay` in service.py).
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from server.grid.queries import device_areas
from server.items import queries, rules
from server.items.handling import ACCEPTED, Handler, Incoming, Outcome
from server.items.lines import Line
from server.items.models import Item, Quarantine
from server.items.sorting import Sorted, answer_twins, sort_out, verdict_of_fresh
from server.items.verdicts import CODE_OF_STATUS, QUARANTINED, Verdict
from server.items.whereabouts import Whereabouts
from server.kernel import events, marks
from server.kernel.ids import uuid7
from server.kernel.statements import Alteration, Insertion
from server.media import joining
from server.media import service as media
from server.regime.books import Refs

UNIQUE_VIOLATION = "23505"
"""As PostgreSQL names it; SQLite has one writer, who has seen every id."""

_ITEMS = Insertion(Item)
_ASIDE = Insertion(
    Quarantine, lambda insert: insert.on_conflict_do_nothing(index_elements=["install", "sha256"])
)
_CHANGE = Alteration(Item, "id", ["status", "code", "flags", "held"])

Kinds = tuple[str, ...]
_handlers: dict[Kinds, Handler] = {}


def handle_with(kinds: Kinds, handler: Handler) -> None:
    """Say which room reacts to items of `kinds`, which it is handed in this order.

    Called from server/sync/handlers.py, in order of effect.
    """
    _handlers[kinds] = handler


class HandlerFailed(Exception):
    """A room's handler raised on these items of its kinds."""

    def __init__(self, kinds: Kinds, items: Sequence[Incoming]) -> None:
        super().__init__(*kinds)
        self.kinds, self.items = kinds, items


class IdTaken(Exception):
    """Another exchange claimed one of the ids at the same instant; try again, it is known now."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Whose lines these are and when they came; `seen` are the numbers seen of the install.

    `failures` are bytes that made a room raise, `alone` the kinds to be handed on one by one;
    `afresh` judges bytes that were set aside before as if they were new.
    """

    install: str
    member: str
    clock: rules.ExchangeClock
    late_after: timedelta
    seen: rules.Ranges
    where: Whereabouts
    packs: Refs
    envelope: dict[str, Any] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    alone: frozenset[Kinds] = frozenset()
    afresh: bool = False


def take_in(session: Session, batch: Batch, lines: Sequence[Line]) -> tuple[list[Verdict], bool]:
    """(one verdict per line in order, whether the install forked); HandlerFailed, IdTaken."""
    unknown = [line for line in lines if line.known is None]
    items = queries.known_items(session, [line.id for line in unknown if line.id])
    hashes = [] if batch.afresh else [line.sha256 for line in unknown]
    aside = queries.known_aside(session, batch.install, hashes)
    sorted_ = sort_out(lines, items, aside, batch.failures)
    forked = queries.is_forked(session, batch.install, batch.seen, sorted_.fresh)
    incoming = _incoming(session, batch, sorted_.fresh)
    _claim(session, incoming)
    outcomes = _apply(session, batch, incoming)
    _settle(session, sorted_, incoming, outcomes)
    _tell(session, incoming, outcomes)
    _keep_aside(session, batch, sorted_.aside)
    return answer_twins(sorted_, lines), forked


def _incoming(session: Session, batch: Batch, lines: Sequence[Line]) -> list[Incoming]:
    twins = queries.same_content(session, batch.member, lines)
    incoming = []
    for line in lines:
        item = _describe(batch, line)
        item.duplicate_of = twins.setdefault(line.content, item.id)
        if item.duplicate_of == item.id:
            item.duplicate_of = None
        else:
            item.flags.append("duplicate_of")
        incoming.append(item)
    return incoming


def _describe(batch: Batch, line: Line) -> Incoming:
    data: dict[str, Any] = line.item or {}
    at, clock = data["at"], batch.clock
    estimated, how = rules.estimate(at, data.get("mono"), data.get("boot"), clock)
    loc = data.get("loc")
    place = batch.where.of(loc)
    return Incoming(
        id=data["id"],
        sha256=line.sha256,
        raw=line.raw,
        install=batch.install,
        member=batch.member,
        seq=data["seq"],
        kind=data["kind"],
        schema=data["schema"],
        at=at,
        estimated=estimated,
        clock=how,
        received_at=clock.received_at,
        body=data["body"],
        loc=loc,
        lat=place.lat,
        lon=place.lon,
        area=place.area,
        pack=batch.packs.at(place.area, estimated),
        task=data.get("task") or data["body"].get("task"),
        media=data.get("media") or [],
        prev=data.get("prev"),
        replaces=data.get("replaces"),
        content=line.content,
        flags=rules.flags_of(
            at, estimated, clock.received_at, batch.late_after, loc, place.outside
        ),
    )


def _claim(session: Session, incoming: Sequence[Incoming]) -> None:
    """Insert the items in sorted id order, so that two exchanges never wait for each other."""
    try:
        _ITEMS.write(session, [_row(item) for item in sorted(incoming, key=lambda item: item.id)])
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != UNIQUE_VIOLATION:
            raise
        raise IdTaken from error
    media.attach(session, incoming)


def _row(item: Incoming) -> dict[str, Any]:
    return {
        "id": item.id,
        "install": item.install,
        "member": item.member,
        "seq": item.seq,
        "kind": item.kind,
        "schema": item.schema,
        "sha256": item.sha256,
        "content": item.content,
        "at": item.at.isoformat(),
        "estimated": item.estimated,
        "clock": item.clock,
        "received_at": item.received_at,
        "lat": item.lat,
        "lon": item.lon,
        "area": item.area,
        "task": item.task,
        "pack": item.pack,
        "status": "accepted",
        "code": None,
        "flags": item.flags,
        "held": False,
        "duplicate_of": item.duplicate_of,
        "prev": item.prev,
        "replaces": item.replaces,
        "version": 1,
        "raw": item.raw,
    }


def _apply(session: Session, batch: Batch, incoming: Sequence[Incoming]) -> dict[str, Outcome]:
    """The outcome by item id of those whose kind a room reacts to."""
    outcomes: dict[str, Outcome] = {}
    for kinds, handler in _handlers.items():
        theirs = [item for kind in kinds for item in incoming if item.kind == kind]
        groups = [[item] for item in theirs] if kinds in batch.alone else [theirs]
        for group in filter(None, groups):
            outcomes |= _guarded(session, kinds, handler, group)
    return outcomes


def _guarded(
    session: Session, kinds: Kinds, handler: Handler, items: Sequence[Incoming]
) -> dict[str, Outcome]:
    """The handler's outcomes by item id; what it raises, but for a database away, names its items.

    An outcome too few or too many is a failure like any other.
    """
    try:
        decided = handler(session, items)
        session.flush()
        return {item.id: outcome for item, outcome in zip(items, decided, strict=True)}
    except Exception as error:
        if _is_away(error):
            raise
        raise HandlerFailed(kinds, items) from error


def _is_away(error: Exception) -> bool:
    """Whether the database is away, busy or full; SQLite names a wrong statement the same."""
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def _settle(
    session: Session,
    sorted_: Sorted,
    incoming: Sequence[Incoming],
    outcomes: Mapping[str, Outcome],
) -> None:
    """Fill the open verdicts and write what the rooms decided differently from `accepted`."""
    lines = {line.id: line for line in sorted_.fresh}
    refused, changed = [], []
    for item in incoming:
        line, outcome = lines[item.id], outcomes.get(item.id, ACCEPTED)
        flags = [*item.flags, *(flag for flag in outcome.flags if flag not in item.flags)]
        code = outcome.code or CODE_OF_STATUS.get(outcome.status)
        sorted_.verdicts[line.no] = verdict_of_fresh(line, outcome.status, flags, code)
        if outcome.status == QUARANTINED:
            line.code = code
            refused.append(line)
        elif outcome.flags or outcome.status != "accepted":
            changed.append(_change(item.id, outcome.status, code, flags))
    _CHANGE.write(session, changed)
    if refused:
        _unclaim(session, refused)
        sorted_.aside += refused


def _tell(session: Session, incoming: Sequence[Incoming], outcomes: Mapping[str, Outcome]) -> None:
    """Say who came to stay, now that it is certain."""
    by_status: dict[str, list[Incoming]] = {}
    for item in incoming:
        by_status.setdefault(outcomes.get(item.id, ACCEPTED).status, []).append(item)
    accepted = by_status.get(ACCEPTED.status, [])
    by_status.pop(QUARANTINED, None)
    if accepted:
        events.tell(session, events.RECEIVED, [item.id for item in accepted])
    stood = [item for items in by_status.values() for item in items]
    marks.touch(session, "item", [item.area for item in stood])
    joining.announce(session, stood)


def _change(id_: str, status: str, code: str | None, flags: list[str]) -> dict[str, Any]:
    held = "held" in flags
    return {"id": id_, "status": status, "code": code, "flags": flags, "held": held}


def _unclaim(session: Session, lines: Sequence[Line]) -> None:
    """A refused line claims no id: its row goes, its bytes go to the quarantine."""
    ids = [str(line.id) for line in lines]
    media.detach(session, ids)
    session.execute(delete(Item).where(Item.id.in_(ids)))


def _keep_aside(session: Session, batch: Batch, lines: Sequence[Line]) -> None:
    if not lines:
        return
    rows = [
        {
            "id": uuid7(),
            "install": batch.install,
            "member": batch.member,
            "sha256": line.sha256,
            "item": line.id,
            "seq": line.seq,
            "kind": line.kind,
            "status": "conflict" if line.code == "id_conflict" else QUARANTINED,
            "code": line.code,
            "detail": line.detail,
            "received_at": batch.clock.received_at,
            "envelope": batch.envelope,
            "state": "open",
            "version": 1,
            "raw": line.raw,
        }
        for line in lines
    ]
    _ASIDE.write(session, rows)
    touch_aside(session, batch.member)


def touch_aside(session: Session, member: str) -> None:
    """Lines of the member that are kept aside are others now: told where somebody sees them."""
    marks.touch(session, "aside", device_areas(session, member) or [None])
