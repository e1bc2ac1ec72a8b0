"""Random histories of phones, supervisors and a bad network, against the truth kept on our side.

Phones capture, exchange with faults, upload with cuts, are backed up, restored, cloned, taken back
and enrolled anew; supervisors push, reassign, cancel, verify, return, suspend, answer and settle.
What must hold after every step is in truth.py; at the end every phone hands in what it has, and
nothing may be missing.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fieldkit.errors import NotEnrolled, Offline, Unauthorized
from fieldkit.simulator.faults import send_part
from fieldkit.transport import HttpTransport, Request, Response
from server.grid import roles
from server.kernel import clock, feed
from server.kernel.database import reading
from tests import factories
from tests.journeys.truth import Truth
from tests.journeys.world import Device, World, opened

SETTINGS = settings(
    max_examples=24,
    stateful_step_count=40,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=list(HealthCheck),
)
FAULTS = st.lists(st.sampled_from(("well", "lost", "unanswered", "twice")), max_size=4)
ACTIONS = (
    *("accept", "decline", "start", "progress", "complete", "complete", "explain"),
    *("request_transfer", "request_extension"),
)
COLOURS = ("red", "green", "blue")
OCTETS = "application/offset+octet-stream"
PHONES_MOST, PHOTO_BYTES = 4, 90_000
any_one = st.integers(0, PHONES_MOST - 1)


class Cutting(HttpTransport):
    """A road from ever other addresses; tears the next upload at a part of its bytes if told."""

    def __init__(self) -> None:
        super().__init__(timeout=60)
        self.tear: float | None = None

    def send(self, request: Request) -> Response:
        # One address may enrol only so many phones a minute.
        headers = {**request.headers, "X-Forwarded-For": str(uuid.uuid4())}
        request = replace(request, headers=headers)
        if self.tear is None or headers.get("Content-Type") != OCTETS:
            return super().send(request)
        length, self.tear = int(len(request.body) * self.tear), None
        send_part(request, length)
        raise Offline("torn")


class Phone(Device):
    """A phone on such a road."""

    def __init__(self, home: Path) -> None:
        self.cutting = Cutting()
        super().__init__(home, self.cutting)


class Machine(RuleBasedStateMachine):
    """One history."""

    def __init__(self, world: World, folder: Path) -> None:
        super().__init__()
        self.world, self.folder = world, folder / f"history{len(list(folder.glob('history*')))}"
        with world.inside():
            grids = world.street.grids[:2]
            self.members = [factories.member(roles.WORKER, grid) for grid in grids]
        self.desk = world.supervisor
        self.truth = Truth(self.members)
        self.phones: list[Phone] = []
        self.backups: list[Path] = []
        self.made = 0
        for member in self.members:
            self._enrol(self._open(self._new_home()), member)

    def _new_home(self) -> Path:
        self.made += 1
        return self.folder / f"phone{self.made}"

    def _open(self, home: Path) -> Phone:
        device = Phone(home)
        self.phones.append(device)
        return device

    def _enrol(self, device: Phone, member: str) -> None:
        device.client.enroll(self.desk.post("/enrolments", {"member": member, "ttl_s": 60})["url"])

    def _phone(self, which: int) -> Phone:
        return self.phones[which % len(self.phones)]

    def _task(self, which: int) -> str:
        return self.truth.tasks[which % len(self.truth.tasks)]

    @rule(which=any_one, photo=st.booleans())
    def capture(self, which: int, photo: bool) -> None:
        self._capture(self._phone(which), photo)

    @rule(which=any_one)
    def capture_much(self, which: int) -> None:
        for _ in range(8):
            self._capture(self._phone(which), photo=False)

    def _capture(self, device: Phone, photo: bool) -> None:
        self.made += 1
        try:
            photos = [device.photo(COLOURS[self.made % 3], PHOTO_BYTES)] if photo else []
            device.acts.report("01-10", f"第{self.made}处", photos=photos)
        except NotEnrolled:
            return
        self.truth.look_at(device)

    @rule(which=any_one, task=any_one, action=st.sampled_from(ACTIONS))
    def act(self, which: int, task: int, action: str) -> None:
        device = self._phone(which)
        tasks = sorted(device.tasks().items())
        if tasks:
            device.acts.act_on(tasks[task % len(tasks)][1], action, reason=f"第{self.made}次")
            self.made += 1
            self.truth.look_at(device)

    @rule(which=any_one, faults=FAULTS, tear=st.none() | st.floats(0, 1))
    def sync(self, which: int, faults: list[str], tear: float | None) -> None:
        device = self._phone(which)
        device.cutting.tear = tear
        if self._try(device, faults) and not self._is_leaving(device):
            with self.world.inside(), reading() as session:
                self.truth.check_feed(session, device)

    @rule(which=any_one)
    def sync_well(self, which: int) -> None:
        self.sync(which, [], None)

    def _try(self, device: Phone, faults: list[str]) -> bool:
        """Whether the sync came to its end; a wiped phone must have handed in all it held."""
        held = device.lines()
        try:
            if device.sync(*faults).wiped:
                self.truth.handed_in |= held.keys()
        except (Offline, Unauthorized, NotEnrolled):
            return False
        finally:
            device.network.script.clear()
            self.truth.look_at(device)
        return True

    def _is_leaving(self, device: Phone) -> bool:
        return device.store.get("install") is None or device.client.inbox.ordered("wipe")

    @rule(which=any_one)
    def back_up(self, which: int) -> None:
        self.made += 1
        self.backups.append(self._phone(which).back_up(self.folder / f"backup{self.made}"))

    @precondition(lambda self: self.backups)
    @rule(which=any_one, backup=any_one, dead=st.booleans())
    def restore(self, which: int, backup: int, dead: bool) -> None:
        """A backup goes on, beside the phone it was taken from or instead of another one."""
        if dead or len(self.phones) == PHONES_MOST:
            self.phones.pop(which % len(self.phones)).close()
        home = self._new_home()
        shutil.copytree(self.backups[backup % len(self.backups)], home)
        self.truth.look_at(self._open(home))

    @rule(which=any_one, member=st.integers(0, 1))
    def enrol_anew(self, which: int, member: int) -> None:
        """For the same member, or for another if the phone was wiped."""
        device = self._phone(which)
        known = device.store.get("member")
        self._enrol(device, known["id"] if known else self.members[member])

    @rule(which=any_one, mode=st.sampled_from(("drain", "drain", "now")))
    def revoke(self, which: int, mode: str) -> None:
        install = self._phone(which).store.get("install")
        if install is not None:
            answer = self.desk.ask("POST", f"/devices/{install}/revoke", {"mode": mode})
            assert answer.status in (200, 409)

    @rule(
        member=st.integers(0, 1),
        seconds=st.sampled_from((None, 2, 3600)),
        demanding=st.sampled_from((False, False, True)),
    )
    def push(self, member: int, seconds: int | None, demanding: bool) -> None:
        """A new task is exactly one number further on its worker's feed."""
        before = self._newest(self.members[member])
        due = clock.iso(clock.now() + timedelta(seconds=seconds)) if seconds else None
        demands = {"photos": ["near"]} if demanding else {}
        wanted = {"assignee": self.members[member], "title": "任务", "due": due}
        wanted |= {"demands": demands}
        self.truth.tasks.append(self.desk.post("/tasks", wanted)["id"])
        assert self._newest(self.members[member]) == before + 1

    def _newest(self, member: str) -> int:
        with self.world.inside(), reading() as session:
            return feed.counter(session, member)[0]

    @precondition(lambda self: self.truth.tasks)
    @rule(task=any_one, member=st.integers(0, 1), mode=st.sampled_from(("soft", "hard")))
    def reassign(self, task: int, member: int, mode: str) -> None:
        wanted = {"assignee": self.members[member], "mode": mode}
        self._decide(task, "reassign", wanted, (409, 422))

    @precondition(lambda self: self.truth.tasks)
    @rule(task=any_one)
    def lend(self, task: int) -> None:
        """Given away and back again: for its worker it is another assignment."""
        for member in (0, 1, 0):
            self.reassign(task, member, "soft")

    @precondition(lambda self: self.truth.tasks)
    @rule(task=any_one, what=st.sampled_from(("cancel", "verify", "return", "verify", "return")))
    def decide(self, task: int, what: str) -> None:
        self._decide(task, what, {"reason": "理由"}, (409,))

    @precondition(lambda self: self.truth.tasks)
    @rule(task=any_one, what=st.sampled_from(("suspend", "resume", "refuse")))
    def hold(self, task: int, what: str) -> None:
        self._decide(task, what, {"reason": "理由"}, (409,))

    @precondition(lambda self: self.truth.tasks)
    @rule(task=any_one, member=st.integers(0, 1))
    def grant(self, task: int, member: int) -> None:
        """More time, or the other one, as was asked."""
        until = clock.iso(clock.now() + timedelta(days=1))
        wanted = {"until": until, "assignee": self.members[member]}
        self._decide(task, "grant", wanted, (409, 422))

    @precondition(lambda self: self.truth.tasks)
    @rule(task=any_one, decision=st.sampled_from(("keep", "dismiss", "accept_late_work")))
    def settle(self, task: int, decision: str) -> None:
        self._decide(task, "settle", {"decision": decision}, (409,))

    def _decide(self, task: int, what: str, wanted: dict[str, Any], refusals: Any) -> None:
        path = f"/tasks/{self._task(task)}"
        seen = self.desk.ask("GET", path)
        answer = self.desk.ask("POST", f"{path}/{what}", wanted, if_match=seen.headers["etag"])
        assert answer.status == 200 or answer.status in refusals, answer.body

    @invariant()
    def nothing_is_lost_doubled_or_out_of_order(self) -> None:
        with self.world.inside(), reading() as session:
            self.truth.check_items(session)
            self.truth.check_numbers(session)
            self.truth.check_tasks(session)

    def teardown(self) -> None:
        """Every phone hands in what it has; then all of it is there, and readable as captured."""
        try:
            for device in self.phones:
                self._hand_in_all(device)
            self.nothing_is_lost_doubled_or_out_of_order()
            self._read_some()
        finally:
            for device in self.phones:
                device.close()

    def _hand_in_all(self, device: Phone) -> None:
        device.cutting.tear = None
        if not self._try(device, []) or self._is_leaving(device) or device.store.unsent():
            known = device.store.get("member")
            self._enrol(device, known["id"] if known else self.members[0])
        assert self._try(device, [])
        assert device.store.unsent() == 0
        assert device.lines().keys() <= self.truth.told.keys()
        with self.world.inside(), reading() as session:
            self.truth.check_feed(session, device)
            self.truth.check_receipts(session, device)

    def _read_some(self) -> None:
        for id_ in sorted(self.truth.told)[:5]:
            shown = self.desk.get(f"/items/{id_}")
            assert shown["raw"].encode() == self.truth.captured[id_]
            assert shown["photos"] in ("none", "complete")


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A deployment behind a proxy that tells the addresses of the phones."""
    with opened(tmp_path, database_url, proxies=1) as world:
        yield world


def test_every_history_is_a_good_one(world: World, tmp_path: Path) -> None:
    class History(Machine):
        def __init__(self) -> None:
            super().__init__(world, tmp_path)

    run_state_machine_as_test(History, settings=SETTINGS)
