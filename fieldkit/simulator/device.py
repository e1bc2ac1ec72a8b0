"""One simulated device: a real store and client, worked by a script instead of a person."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fieldkit.acts import Acts
from fieldkit.capture import take_in
from fieldkit.client import Client, SyncReport
from fieldkit.simulator.clock import ShiftClock
from fieldkit.simulator.faults import FaultyTransport, Odds
from fieldkit.simulator.photos import Album, Shot
from fieldkit.simulator.shift import SIGN_IN, Step, last_shift_day, script
from fieldkit.simulator.tally import TallyTransport
from fieldkit.simulator.walk import Ring, a_point, outer_ring
from fieldkit.store import Store
from fieldkit.transport import HttpTransport
from fieldkit.watch import watch

PATIENCE_S = 120.0
_BETWEEN_TRIES_S = 5.0
_NEW = ("assigned", "delivered")
_READY = ("accepted", "returned")
_CAN_WAIT = 0
_UNASKED = ("after",)
# Where somebody without an area works: an invented square kilometre.
_NOWHERE: Ring = ((30.0, 120.0), (30.0, 120.01), (30.01, 120.01), (30.01, 120.0))


class SimulatedDevice:
    """A device in `home`; lives in one thread.

    `rng` decides what is captured and is used for nothing else, so that a seeded run captures
    the same; `luck` decides faults and waits. `scale` shortens every wait.
    """

    def __init__(
        self, home: Path, rng: random.Random, luck: random.Random, odds: Odds, scale: float
    ) -> None:
        now = datetime.now(UTC)
        self.day = last_shift_day(now)
        self.store = Store(home)
        self.retries = 0
        self.actions: Counter[str] = Counter()
        self._rng, self._luck = rng, luck
        self._clock = ShiftClock(datetime.combine(self.day.date(), SIGN_IN), scale=scale)
        self._plain = HttpTransport()
        self.network = FaultyTransport(self._plain, odds, luck)
        self.tally = TallyTransport(self.network)
        self.client = Client(self.store, self.tally, self._clock)
        self._acts = Acts(self.store, self.client.outbox)
        self._acted: set[str] = set()
        self._give_up_at = time.monotonic() + PATIENCE_S

    def close(self) -> None:
        """Close the connection and the store."""
        self._plain.close()
        self.store.close()

    def enroll(self, address: str, code: str) -> None:
        """Enrol in the office, where the network is good: a lost answer would cost the code."""
        office = Client(self.store, self._plain, self._clock)
        office.enroll(address, code, {"model": "Gewu Demo", "os": "simulated"})

    def work_shift(self, album: Album, most_reports: int) -> None:
        """Work the whole script offline; at its end the clock shows the present."""
        steps = script(self._rng, str(uuid.uuid4()), self.day, self.ring(), most_reports)
        for step in steps:
            self._clock.go_to(step.at)
            self._capture(step, album)
        self.come_back()

    def come_back(self) -> None:
        """From here on the clock is the machine's."""
        self._clock.come_back()

    def sync(self) -> bool:
        """Try, with the back-off of `sync --watch`, until one sync went through; else False."""
        for outcome in watch(self.client, self._luck.random):
            if isinstance(outcome, SyncReport):
                return True
            self.retries += 1
            if self._tired():
                return False
        return False

    def hand_in(self) -> bool:
        """Sync until neither item nor photo is left; False if that took too long."""
        while self.sync():
            if not self.store.unsent():
                return True
            if self._tired():
                return False
            self._clock.sleep(_BETWEEN_TRIES_S)
        return False

    def take_up_tasks(self, album: Album) -> None:
        """Act on each task as it stands here, offline, and once only in one outing.

        New ones are accepted and started; those of priority 0 can wait for the next outing, all
        others are done at once, in one chain on one base version. What was begun is completed.
        """
        for task in self.client.inbox.objects("task"):
            steps = _chain(task)
            if not steps or task["id"] in self._acted:
                continue
            self._acted.add(task["id"])
            for action in steps:
                self._act(task, action, album)

    def ring(self) -> Ring:
        """The polygon of the worker's own area, as the feed told it."""
        areas = {area["id"]: area for area in self.client.inbox.objects("area")}
        for post in _own_first(self._member().get("posts") or []):
            geometry = areas.get(post.get("area"), {}).get("geometry")
            if geometry:
                return outer_ring(geometry)
        return _NOWHERE

    def _member(self) -> dict[str, Any]:
        known = self.client.inbox.get("member", self.store.member)
        return known or dict(self.store.need("member"))

    def _capture(self, step: Step, album: Album) -> None:
        photos = [take_in(self.store, album.photo(shot), shot.role) for shot in step.shots]
        self.client.outbox.capture(step.kind, step.body, loc=step.loc, media=photos)

    def _act(self, task: Mapping[str, Any], action: str, album: Album) -> None:
        self.actions[action] += 1
        if action != "complete":
            self._acts.act_on(task, action)
            return
        lat, lon = a_point(self._rng, self.ring())
        now, demanded = self._clock.now(), (task.get("demands") or {}).get("photos")
        shots = [
            Shot("manhole", self._rng.randrange(1_000_000), now, lat, lon, role)
            for role in demanded or _UNASKED
        ]
        photos = [take_in(self.store, album.photo(shot), shot.role) for shot in shots]
        loc = {"lat": lat, "lon": lon, "acc": 8.0, "src": "gps"}
        self._acts.act_on(task, action, result="已处理，现场已恢复", loc=loc, photos=photos)

    def _tired(self) -> bool:
        return time.monotonic() > self._give_up_at


def _chain(task: Mapping[str, Any]) -> Sequence[str]:
    """The steps that the worker takes on a task now."""
    last = () if task.get("priority") == _CAN_WAIT else ("complete",)
    if task["state"] in _NEW:
        return ("accept", "start", *last)
    if task["state"] in _READY:
        return ("start", *last)
    return ("complete",) if task["state"] == "in_progress" else ()


def _own_first(posts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The worker's own posts before those held as a backup (AB岗)."""
    return sorted(posts, key=lambda post: post.get("backup_of") is not None)
