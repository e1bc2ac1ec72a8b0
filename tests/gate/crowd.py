"""A crowd before the gates of some web processes, on a clock of its own: seconds cost nothing.

Each process serves one request after the other; whatever their threads do, that is their pace. A
device that was let in keeps its connection, so that its requests come to one process.
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from fieldkit import backoff
from server.gate.book import BYTES, Book
from server.gate.gate import Gate

THREADS = 4


@dataclass(frozen=True)
class Server:
    """A request takes `service_s` in the middle, and `factor` times that once it `changes`."""

    processes: int
    service_s: float
    patience: float
    factor: float = 1.0
    changes: float = math.inf

    def seconds(self, now: float) -> float:
        """What a request takes one process in the middle, so that together they keep the pace."""
        return self.service_s * self.processes * (1 if now < self.changes else self.factor)


@dataclass
class Device:
    """`wants` so many requests, one after the other; `away`: how often it was sent away."""

    number: int
    wants: int
    process: "Process | None" = None
    failures: int = 0
    away: int = 0
    told: list[int] = field(default_factory=list)


@dataclass
class Process:
    """One web process and the requests that wait in it."""

    gate: Gate
    queue: deque[tuple[float, Device]] = field(default_factory=deque)
    busy: bool = False


class Crowd:
    """Devices that come at a moment each, and back off as fieldkit does."""

    def __init__(self, server: Server, seed: int) -> None:
        self._server = server
        self._rng = random.Random(seed)
        book = Book(bytearray(BYTES))
        self._processes = [
            Process(Gate(book, server.patience, THREADS, server.processes, 0.0))
            for _ in range(server.processes)
        ]
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self.now = 0.0
        self.devices: list[Device] = []
        self.waits: list[float] = []

    def come(self, at: float, wants: int) -> None:
        """One device more."""
        device = Device(self._rng.getrandbits(64), wants)
        self.devices.append(device)
        self._later(at, lambda: self._arrive(device))

    def run(self) -> None:
        """Until every device is done."""
        while self._events:
            self.now, _, act = heapq.heappop(self._events)
            act()

    def _later(self, at: float, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._events, (at, self._number, act))

    def _arrive(self, device: Device) -> None:
        process = device.process or self._rng.choice(self._processes)
        wait = process.gate.ask(device.number, self.now)
        if wait is None:
            device.failures, device.process = 0, process
            process.gate.came_in()
            process.queue.append((self.now, device))
            return self._serve(process)
        device.failures, device.process = device.failures + 1, None
        device.away += 1
        device.told.append(wait)
        pause = backoff.delay(device.failures, self._rng.random(), wait)
        return self._later(self.now + pause, lambda: self._arrive(device))

    def _serve(self, process: Process) -> None:
        if process.busy or not process.queue:
            return
        process.busy = True
        came, device = process.queue.popleft()
        self.waits.append(self.now - came)
        took = self._rng.expovariate(1 / self._server.seconds(self.now))
        self._later(self.now + took, lambda: self._answered(process, device))

    def _answered(self, process: Process, device: Device) -> None:
        process.busy = False
        process.gate.left(self.now)
        device.wants -= 1
        if device.wants:
            self._arrive(device)
        self._serve(process)
