"""What a supervisor's browser asks for, the same again and again, and what that takes."""

import json

from bench.cases.stage import Stage
from bench.figures import latency_ms
from bench.load import WrongAnswer
from bench.phones import unpacked
from bench.rounds import Rounds
from bench.taken import taken
from bench.wire import Wire

A_VIEW_S = 1.5


def asked(stage: Stage, wire: Wire, token: str, path: str) -> dict[str, float]:
    """CPU ms of the server's processes and latency, `pages` times or until its time is over."""
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
    _page(wire, path, headers)
    wire.forget()

    def ask() -> None:
        for _ in Rounds(stage.size.pages, A_VIEW_S):
            _page(wire, path, headers)

    took = taken(ask, stage.server.pids)
    return {"cpu_ms": took.there * 1000 / len(wire.seconds)} | latency_ms(wire.seconds)


def _page(wire: Wire, path: str, headers: dict[str, str]) -> None:
    status, told, body = wire.ask("GET", path, headers)
    if status != 200 or not json.loads(unpacked(told, body))["results"]:
        raise WrongAnswer(f"GET {path}: {status} {body[:200]!r}")
