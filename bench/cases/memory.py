"""`memory`: what the processes of the server and of the database hold."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.load import all_hand_in
from bench.memory import memory
from bench.phones import captured

EVERY_S = 0.1


def measure(stage: Stage) -> Iterator[Record]:
    """Bytes before the hand-ins of all clients, the most seen until their end, and afterwards.

    PSS, or RSS where the kernel tells no PSS (`memory_as` of the machine in the results). Once:
    only a server of which nothing was asked yet is idle in this sense.
    """
    phones = stage.phones[: max(stage.size.clients)]
    shares = [captured(phone, stage.size.batches) for phone in phones]
    idle = memory(stage.server.pids).pss
    for phone in phones:
        phone.ready()
    loads = [partial(phone.hand_in, share) for phone, share in zip(phones, shares, strict=True)]
    with watched(stage.server.pids) as seen:
        all_hand_in(loads)
    figures = {
        "idle_bytes": float(idle),
        "most_bytes": float(max(idle, *seen)),
        "after_bytes": float(seen[-1]),
        "processes": float(memory(stage.server.pids).processes),
    }
    yield stage.record("memory", len(phones), 0, figures)


@contextmanager
def watched(pids: Sequence[int]) -> Iterator[list[int]]:
    """The bytes that the processes held meanwhile; the last are those at the end."""
    seen: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(EVERY_S):
            seen.append(memory(pids).pss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()
        seen.append(memory(pids).pss)
