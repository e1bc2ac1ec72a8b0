"""Gewu as its users serve it, on one of its databases."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import street
from bench.deployment import THREADS, WORKERS, Deployment, deployed, served
from bench.load import Load
from bench.peers.subject import MOST_CLIENTS, Subject
from bench.phones import Phone, captured
from bench.ports import free_port

ABOUT = (
    f"gunicorn, {WORKERS} processes of {THREADS} threads; exchanges of 100 items; synced to disk; "
    "schema, effects on tasks and shifts, feed, audit, signed receipt"
)
BATCHES = 64


def name(database: str) -> str:
    """What the product is called on this database."""
    return f"gewu/{database}"


@dataclass(frozen=True)
class Site:
    """A served Gewu and its phones."""

    deployment: Deployment
    phones: list[Phone]

    def prepared(self, clients: int, batches: int) -> Sequence[Load]:
        """A load for each phone, which has taken its tasks (`Subject.prepared`)."""
        phones = self.phones[:clients]
        with self.deployment.app():
            shares = [captured(phone, batches) for phone in phones]
        for phone in phones:
            phone.ready()
        return [partial(phone.hand_in, share) for phone, share in zip(phones, shares, strict=True)]


@contextmanager
def running(database: str, folder: Path) -> Iterator[Subject]:
    """A new deployment in `folder`, served."""
    with deployed(database, folder) as deployment:
        with deployment.app():
            workers = street.build()[:MOST_CLIENTS]
        port, rng = free_port(), random.Random(database)
        with served(deployment, port) as server:
            site = Site(deployment, [Phone(worker, port, rng) for worker in workers])
            told = {"fresh": "accepted", "replay": "replay"}
            known = (name(database), ABOUT, server.pids, BATCHES, told, site.prepared)
            yield Subject(*known, ours=True)
