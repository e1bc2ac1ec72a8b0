"""One thread of a web process tells all its pages what changed.

Every few seconds it reads the marks once, and writes to those whom they concern. A page that does
not read is cut; one whose token ended or whose reach changed is ended, and comes again by itself.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Collection

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.grid import roles
from server.grid.auth import again
from server.kernel.database import glancing
from server.kernel.problems import Problem
from server.live import queries, rules
from server.live.queries import Read
from server.live.rules import INBOX, Hint, Position, Touched
from server.live.streams import Outlet, Stream

EXTENSION = "gewu_live"
"""Where the app finds the hub of its process; without one, answers end at once."""
HEARTBEAT_S = 15.0
CHECK_S = 30.0
"""So long a token that was revoked, or a post that ended, may still be told."""
LIFE_S = 600.0
SPREAD = 0.2
MOST_OF_A_MEMBER = 20
FULL_RETRY_S = 60
ARRIVAL_S = 30.0
"""So long room is kept for a page that was let in and does not come: it hung up meanwhile."""

log = structlog.get_logger()


class Hub:
    """The open pages of one process; `every_s` seconds between two looks, `most` pages."""

    def __init__(self, app: Flask, every_s: float, most: int) -> None:
        self._app, self._every_s, self._most = app, every_s, most
        self._streams: dict[Stream, Outlet] = {}
        self._coming: dict[Stream, Outlet] = {}
        self._expected: dict[Stream, float] = {}
        self._seen: frozenset[Touched] = frozenset()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """End all streams at once, and each that comes from now on; waits for nobody."""
        with self._lock:
            self._stopping.set()

    def check_room(self, member: str) -> None:
        """`busy` if the process has enough pages, `too_many_requests` if the member has."""
        with self._lock:
            self._check_room(member, time.monotonic())

    def expect(self, stream: Stream) -> None:
        """Keep room for a page until it joins; or raise as `check_room` does."""
        now = time.monotonic()
        with self._lock:
            self._check_room(stream.caller.member, now)
            self._expected[stream] = now

    def _check_room(self, member: str, now: float) -> None:
        """With the lock held."""
        since = now - ARRIVAL_S
        self._expected = {one: at for one, at in self._expected.items() if at > since}
        every = (*self._streams, *self._coming, *self._expected)
        members = Counter(stream.caller.member for stream in every)
        if self._stopping.is_set() or members.total() >= self._most:
            raise Problem("busy", retry_after=FULL_RETRY_S)
        if members[member] >= MOST_OF_A_MEMBER:
            raise Problem("too_many_requests", retry_after=FULL_RETRY_S)

    def join(self, stream: Stream, outlet: Outlet) -> None:
        """Tell this page from now on."""
        now = time.monotonic()
        stream.checked_at = stream.said_at = now
        stream.ends_at = now + LIFE_S * random.uniform(1 - SPREAD, 1 + SPREAD)
        with self._lock:
            self._expected.pop(stream, None)
            if not self._stopping.is_set():
                self._coming[stream] = outlet
                return
        outlet.end()

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self.beat(time.monotonic())
            except Exception:
                # Without its thread, every page would wait for ever.
                log.exception("live_look_failed")
        self._welcome()
        for stream in list(self._streams):
            self._part(stream)

    def beat(self, now: float) -> None:
        """Look once, and tell; `now` on the monotonic clock."""
        self._welcome()
        for stream, outlet in list(self._streams.items()):
            if outlet.has_left():
                self._part(stream, gently=False)
        if not self._streams:
            return
        try:
            with self._app.app_context(), glancing() as session:
                self._check(session, now)
                told = self._look(session)
        except SQLAlchemyError as error:
            # Nobody moved on, so nothing is lost: the next look finds it.
            log.error("live_look_failed", reason=type(error).__name__)
            return
        for stream, (hints, position) in told.items():
            self._tell(stream, hints, position, now)

    def _welcome(self) -> None:
        with self._lock:
            self._streams |= self._coming
            self._coming = {}

    def _check(self, session: Session, now: float) -> None:
        """End whom the token lets in no longer, who reaches other areas now, and who is old."""
        for stream in list(self._streams):
            if now >= stream.ends_at:
                self._part(stream)
            elif now - stream.checked_at >= CHECK_S:
                stream.checked_at = now
                caller = again(session, stream.caller, roles.EVERYBODY)
                if caller is None or queries.reach_of(caller) != stream.reach:
                    self._part(stream)

    def _look(self, session: Session) -> dict[Stream, tuple[list[Hint], Position]]:
        """What each is to be told, and where it stands then."""
        streams = list(self._streams)
        if not streams:
            return {}
        inboxes = queries.inboxes(session, (stream.caller.member for stream in streams))
        look = queries.read(session, min(stream.position.since for stream in streams))
        told = {s: self._news(s, look, inboxes.get(s.caller.member, 0)) for s in streams}
        self._seen = frozenset(mark for mark in look.touched if mark.no >= look.upto)
        return told

    def _news(self, stream: Stream, look: Read, inbox: int) -> tuple[list[Hint], Position]:
        """What was seen at the last look is no news for who was there then."""
        heard = self._seen if stream.met else frozenset()
        since = stream.position.since
        touched = [mark for mark in look.touched if mark.no >= since and mark not in heard]
        hints = rules.hints(touched, stream.reach, look.above)
        if inbox != stream.position.inbox:
            hints.append(Hint(INBOX))
        return hints, Position(stream.position.scope, look.upto, inbox)

    def _tell(
        self, stream: Stream, hints: Collection[Hint], position: Position, now: float
    ) -> None:
        stream.position, stream.met = position, True
        if hints:
            text = rules.changed(hints, position)
        elif now - stream.said_at >= HEARTBEAT_S:
            text = rules.still_here(position)
        else:
            return
        stream.said_at = now
        if not self._streams[stream].say(text):
            self._part(stream, gently=False)

    def _part(self, stream: Stream, gently: bool = True) -> None:
        with self._lock:
            outlet = self._streams.pop(stream)
        if gently:
            outlet.end()
        else:
            outlet.cut()
