"""`line`: a shift (班次) handed in by fieldkit over a 2G line."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from pathlib import Path

from bench import street
from bench.cases.record import Record
from bench.cases.shift import ACTIONS, ITEMS, whole
from bench.cases.stage import Stage
from bench.items import Notebook
from bench.load import Lines, WrongAnswer, at_once
from bench.slow import Line, alone_s, slow_line
from bench.street import Worker
from bench.taken import taken
from fieldkit.client import Client
from fieldkit.clock import SystemClock
from fieldkit.enrolment import Enrolment
from fieldkit.simulator.tally import TallyTransport
from fieldkit.store import Store
from fieldkit.transport import HttpTransport
from server.kernel.database import reading
from server.kernel.state import epoch


@dataclass(frozen=True)
class Handset:
    """The home of fieldkit with a shift in its outbox, and the slow line of its own."""

    home: Path
    line: Line

    def hand_in(self) -> dict[str, float]:
        """What it took; WrongAnswer unless all of the shift went."""
        http = HttpTransport()
        tally = TallyTransport(http)
        with Store(self.home) as store:
            store.set("url", f"http://127.0.0.1:{self.line.port}")
            took = taken(Client(store, tally, SystemClock()).sync)
            http.close()
            if (took.result.sent, store.unsent()) != (ITEMS, 0):
                raise WrongAnswer(f"{ITEMS} × sent expected, {took.result} told")
        return {
            "seconds": took.seconds,
            "bytes_alone_s": alone_s(self.line.up.carried + self.line.down.carried),
            "sent_bytes": float(self.line.up.carried),
            "received_bytes": float(self.line.down.carried),
            "round_trips": float(tally.requests),
        }


def measure(stage: Stage) -> Iterator[Record]:
    """Seconds from opening a connection to the last answer, beside those of the bytes alone.

    Of the phone that took longest; each has a line of its own, and has taken its feed before it
    came to it. Bytes are those of HTTP; round trips are requests: that of TCP's handshake is in
    the seconds alone.
    """
    for clients, round_ in stage.crowds():
        with ExitStack() as stack:
            workers = stage.workers[:clients]
            handsets = [stack.enter_context(_handset(stage, worker)) for worker in workers]
            found = at_once([handset.hand_in for handset in handsets])
        yield stage.record("line", clients, round_, max(found, key=itemgetter("seconds")))


@contextmanager
def _handset(stage: Stage, worker: Worker) -> Iterator[Handset]:
    """Enrolled and caught up over a good line, its shift worked."""
    lines = whole(Notebook(worker, stage.phones[0].rng), street.assign(worker, ACTIONS))
    with tempfile.TemporaryDirectory(dir=stage.deployment.data) as home:
        with Store(Path(home)) as store:
            http = HttpTransport()
            client = Client(store, http, SystemClock())
            _enrol(client, street.with_new_phone(worker), stage.server.port)
            client.sync()
            _capture(client, lines)
            http.close()
        with slow_line(stage.server.port) as line:
            yield Handset(Path(home), line)


def _enrol(client: Client, worker: Worker, port: int) -> None:
    """Without a code: the server hands out few to one address in a minute."""
    with reading() as session:
        answer = {"token": worker.token, "member": {"id": worker.member}, "epoch": epoch(session)}
    enrolment = Enrolment(client.store, client.session)
    enrolment.keep(f"http://127.0.0.1:{port}", worker.install, answer)


def _capture(client: Client, lines: Lines) -> None:
    """Write the items down once more, as fieldkit writes them."""
    for item in map(json.loads, lines):
        at = datetime.fromisoformat(item["at"])
        known = {"loc": item["loc"], "task": item.get("task")}
        client.outbox.capture(item["kind"], item["body"], at=at, **known)
