"""`line`: a shift (班次) handed in by fieldkit over a 2G line."""

import json
from collections.abc import Iterator
from datetime import datetime

from bench import street
from bench.cases.record import Record
from bench.cases.shift import ACTIONS, ITEMS, whole
from bench.cases.stage import Stage
from bench.items import Notebook
from bench.load import Lines, WrongAnswer
from bench.slow import alone_s, slow_line
from bench.street import Worker
from bench.taken import taken
from fieldkit.client import Client
from fieldkit.clock import SystemClock
from fieldkit.simulator.tally import TallyTransport
from fieldkit.store import Store
from fieldkit.transport import HttpTransport
from server.cli.queries import ACTOR
from server.grid.service import devices
from server.kernel.database import writing


def measure(stage: Stage, round_: int) -> Iterator[Record]:
    """Seconds from opening a connection to the last answer, beside those of the bytes alone.

    The phone has taken its feed before it came to the slow line. Bytes are those of HTTP; round
    trips are requests: that of TCP's handshake is in the seconds alone.
    """
    worker = stage.workers[0]
    tasks = street.assign(worker, ACTIONS)
    lines = whole(Notebook(worker, stage.phones[0].rng), tasks)
    http = HttpTransport()
    tally = TallyTransport(http)
    home = stage.deployment.data / f"line-{round_}"
    with Store(home) as store, slow_line(stage.server.port) as line:
        client = Client(store, tally, SystemClock())
        _enrol(client, worker, stage.server.port)
        _capture(client, lines)
        http.close()
        store.set("url", f"http://127.0.0.1:{line.port}")
        requests = tally.requests
        took = taken(client.sync)
        http.close()
        if (took.result.sent, store.unsent()) != (ITEMS, 0):
            raise WrongAnswer(f"{ITEMS} × sent expected, {took.result} told")
    alone = alone_s(line.up.carried + line.down.carried)
    figures = {
        "seconds": took.seconds,
        "bytes_alone_s": alone,
        "sent_bytes": float(line.up.carried),
        "received_bytes": float(line.down.carried),
        "round_trips": float(tally.requests - requests),
    }
    yield stage.record("line", 1, round_, figures)


def _enrol(client: Client, worker: Worker, port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    with writing() as session:
        code = devices.make_enrolment(session, ACTOR, worker.member, 3600, address).code
    client.enroll(address, code)
    client.sync()


def _capture(client: Client, lines: Lines) -> None:
    """Write the items down once more, as fieldkit writes them."""
    for item in map(json.loads, lines):
        at = datetime.fromisoformat(item["at"])
        known = {"loc": item["loc"], "task": item.get("task")}
        client.outbox.capture(item["kind"], item["body"], at=at, **known)
