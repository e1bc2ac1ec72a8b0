"""What a supervisor's browser asks for, the same again and again, and what that takes."""

import json
from collections.abc import Sequence
from functools import partial

from bench.cases.stage import Stage
from bench.figures import latency_ms
from bench.load import WrongAnswer, at_once
from bench.phones import unpacked
from bench.rounds import Rounds
from bench.taken import taken
from bench.wire import Wire

A_VIEW_S = 0.6


def asked(stage: Stage, wires: Sequence[Wire], token: str, path: str) -> dict[str, float]:
    """CPU ms of the server's processes and latency; as many browsers as wires ask at once.

    They share `pages`, each asks once at least, and none after its time is over.
    """
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
    for wire in wires:
        _page(wire, path, headers)
        wire.forget()
    each = max(1, stage.size.pages // len(wires))
    acts = [partial(_pages, wire, path, headers, each) for wire in wires]
    took = taken(partial(at_once, acts), stage.server.pids)
    seconds = [one for wire in wires for one in wire.seconds]
    return {"cpu_ms": took.there * 1000 / len(seconds)} | latency_ms(seconds)


def _pages(wire: Wire, path: str, headers: dict[str, str], times: int) -> None:
    for _ in Rounds(times, A_VIEW_S):
        _page(wire, path, headers)


def _page(wire: Wire, path: str, headers: dict[str, str]) -> None:
    status, told, body = wire.ask("GET", path, headers)
    if status != 200 or not json.loads(unpacked(told, body))["results"]:
        raise WrongAnswer(f"GET {path}: {status} {body[:200]!r}")
