"""What the state machine knows by itself, and what it demands of the server at every moment."""

import json
from collections.abc import Collection
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldkit.receipts import Receipts
from fieldkit.verify import check
from fieldkit.wire import decode_base64
from server.items.models import Item, Quarantine
from server.kernel import feed
from server.kernel.clock import iso, now
from server.kernel.feed import Inbox
from server.sync.models import Receipt
from server.tasks.clock import light
from server.tasks.models import Task, TaskEvent
from tests.journeys.world import Device

WAITING = frozenset({"assigned", "delivered"})
WORKABLE = frozenset({"accepted", "in_progress", "returned"})
OPEN = WAITING | WORKABLE
UNFINISHED = OPEN | {"declined"}
LEGAL: dict[str, tuple[Collection[str | None], str | None]] = {
    "assign": ({None}, "assigned"),
    "deliver": ({"assigned"}, "delivered"),
    "accept": (WAITING | {"returned"}, "accepted"),
    "decline": (WAITING, "declined"),
    "start": ({"accepted", "returned"}, "in_progress"),
    "progress": (WORKABLE, "in_progress"),
    "complete": (WORKABLE, "done"),
    "request_transfer": (OPEN, None),
    "cancel": (UNFINISHED, "cancelled"),
    "verify": ({"done"}, "verified"),
    "return": ({"done"}, "returned"),
    "hand_over": (UNFINISHED, "assigned"),
    "request_extension": (OPEN, None),
    "explain": (OPEN | {"done", "verified", "declined"}, None),
    "suspend": (UNFINISHED, None),
    "resume": (UNFINISHED, None),
    "extend": (OPEN, None),
    "transfer": (OPEN, "assigned"),
    "refuse": (OPEN, None),
    "settle": (OPEN | {"done", "verified", "declined", "cancelled"}, None),
    "accept_late_work": (OPEN | {"done", "declined", "cancelled"}, "done"),
    "evidence": ({"done"}, None),
}
"""Of each step: the states it is legal from, and the state it leads to (None: it stays)."""


ASKS = ("request_extension", "request_transfer")


class Truth:
    """What was captured and what the phones were told, whatever became of the phones.

    `told` is the status of each item that a phone was told of; `handed_in` are the items of phones
    that wiped themselves, as they may only if the server has them all.
    """

    def __init__(self, members: Collection[str]) -> None:
        self.members = list(members)
        self.captured: dict[str, bytes] = {}
        self.told: dict[str, str] = {}
        self.handed_in: set[str] = set()
        self.tasks: list[str] = []
        self._numbers = dict.fromkeys(self.members, 0)

    def look_at(self, device: Device) -> None:
        """Note what the phone holds, and what it was told of each item first."""
        for row in device.store.rows("SELECT id, line, state, status FROM items"):
            self.captured[row["id"]] = bytes(row["line"])
            if row["state"] != "queued":
                assert self.told.setdefault(row["id"], row["status"]) == row["status"]

    def check_items(self, session: Session) -> None:
        """Stored once, byte for byte, with the status that was told; nothing else is stored."""
        rows = session.execute(
            select(Item.id, Item.raw, Item.status, Item.flags).where(Item.member.in_(self.members))
        ).all()
        stored = {row.id: row for row in rows}
        assert {id_: row.raw for id_, row in stored.items()}.items() <= self.captured.items()
        assert {id_: stored[id_].status for id_ in self.told} == self.told
        assert self.handed_in <= stored.keys()
        assert not [row.id for row in rows if "duplicate_of" in row.flags]
        aside = select(Quarantine.code).where(Quarantine.member.in_(self.members))
        assert session.scalars(aside).all() == []

    def check_numbers(self, session: Session) -> None:
        """New changes have the numbers right after the last, up to the counter."""
        for member, before in self._numbers.items():
            last, _ = feed.counter(session, member)
            new = select(Inbox.seq).where(Inbox.member == member, Inbox.seq > before)
            numbers = sorted(session.scalars(new))
            assert numbers[-1:] == ([last] if last > before else [])
            self._numbers[member] = last

    def check_tasks(self, session: Session) -> None:
        """Every history is one of legal steps, and the task stands where its history ends."""
        query = select(TaskEvent).where(TaskEvent.task.in_(self.tasks)).order_by(TaskEvent.no)
        histories: dict[str, list[Any]] = {id_: [] for id_ in self.tasks}
        for event in session.scalars(query):
            histories[event.task].append(event)
        for task in session.scalars(select(Task).where(Task.id.in_(self.tasks))):
            check_history(task, histories[task.id])
            self._check_who_acted(histories[task.id])

    def _check_who_acted(self, events: list[Any]) -> None:
        """Only the owner's own items moved the task, under the assignment they were captured on."""
        for event in events:
            if event.item and not event.flags:
                said = json.loads(self.captured[event.item])["body"]
                assert (said["task"], said["action"]) == (event.task, event.action)
                assert (said["assignment"], event.actor) == (event.assignment, event.assignee)

    def check_receipts(self, session: Session, device: Device) -> None:
        """The server numbers without gaps; the phone holds proof of all that it was told of."""
        install = device.store.need("install")
        query = select(Receipt.no).where(Receipt.install == install).order_by(Receipt.no)
        numbers = list(session.scalars(query))
        assert numbers == list(range(1, len(numbers) + 1))
        key, receipts = device.store.need("server_key"), Receipts(device.store).all()
        assert check(receipts, decode_base64(key)) == []
        proven = {digest for receipt in receipts for digest, _ in receipt.lines}
        settled = device.store.rows("SELECT sha256 FROM items WHERE settled IS NOT NULL")
        assert {row["sha256"] for row in settled} <= proven

    def check_feed(self, session: Session, device: Device) -> None:
        """The phone knows what it would know from 0, and of tasks just those that are its own."""
        page = feed.page(session, device.store.member, 0, 1000)
        told = {(c["kind"], c["id"]): c["body"] for c in page if c["op"] == "put"}
        rows = device.store.rows("SELECT kind, id FROM objects WHERE op = 'put'")
        known = {
            (row["kind"], row["id"]): device.client.inbox.get(row["kind"], row["id"])
            for row in rows
        }
        assert {key: essence(body) for key, body in known.items()} == {
            key: essence(body) for key, body in told.items()
        }
        own = select(Task.id, Task.version).where(
            Task.assignee == device.store.member,
            Task.pending_assignee.is_(None),
            Task.state != "cancelled",
        )
        versions = {id_: task["version"] for id_, task in device.tasks().items()}
        assert versions == {row.id: row.version for row in session.execute(own)}


def essence(body: Any) -> dict[str, Any]:
    """A body without what delivery changes, of which no phone is told."""
    kept = {key: value for key, value in body.items() if key != "updated_at"}
    return kept | ({"state": "assigned"} if kept.get("state") == "delivered" else {})


def check_history(task: Task, events: list[Any]) -> None:
    assert [event.no for event in events] == list(range(1, task.events + 1))
    for before, event in pairwise([None, *events]):
        assert event.from_state == (before.to_state if before else None)
        check_hands(before, event)
        assert legal(event), (event.action, event.from_state, event.to_state)
    last = events[-1]
    assert (task.state, task.assignee, task.assignment) == (
        last.to_state,
        last.assignee,
        last.assignment,
    )
    check_clock(task, events)
    assert task.version == 1 + sum(e.action not in ("assign", "deliver") for e in events)
    items = [event.item for event in events if event.item]
    assert len(items) == len(set(items))


def check_clock(task: Task, events: list[Any]) -> None:
    """What the task says of its clock and of what is asked is what its history says."""
    stands, asks, due = False, None, None
    for event in events:
        stands = event.action == "suspend" or (stands and event.action != "resume")
        due = (event.detail.get("due") or {"to": due})["to"]
        if event.action in ASKS:
            asks = event.detail
        elif event.action in ("extend", "refuse") or event.assignment != task.assignment:
            asks = None
        if event.to_state not in UNFINISHED:
            stands, asks = False, None
    assert (task.suspended_at is not None, task.request) == (stands, asks)
    assert due is None or iso(task.due) == due
    assert (task.done_at is not None) == (task.state in ("done", "verified"))
    assert (task.closed_at is not None) == (task.state in ("verified", "cancelled"))
    assert light(task, now()) == naive_light(task, stands)


def naive_light(task: Task, stands: bool) -> str:
    if task.state not in UNFINISHED:
        return "none"
    if stands or task.due is None:
        return "suspended" if stands else "none"
    turned = [name for name in ("yellow_at", "due") if getattr(task, name) <= now()]
    return ("green", "yellow", "red")[len(turned)]


def check_hands(before: Any, event: Any) -> None:
    """The task changes hands only by a new assignment, and only people and leases make one."""
    first = before is None
    made = event.assignment - (0 if first else before.assignment)
    if made == 0:
        assert event.assignee == before.assignee
        return
    assert made == 1
    assert event.action in ("assign", "reassign", "hand_over", "transfer", "accept_late_work")
    assert event.to_state == ("done" if event.action == "accept_late_work" else "assigned")


def legal(event: Any) -> bool:
    """Whether the step may be taken from where it was taken, and leads where it led."""
    if event.flags:
        return bool(event.action == "complete" and event.from_state == event.to_state)
    if event.action == "reassign":
        return event.from_state in UNFINISHED and event.to_state in ("assigned", event.from_state)
    states, to = LEGAL[event.action]
    return event.from_state in states and event.to_state == (to or event.from_state)
