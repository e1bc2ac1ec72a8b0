"""The run: all products serve at once and are measured in turn, so that all see one machine."""

import http.client
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.deployment import DATABASES
from bench.items import BATCH
from bench.load import WrongAnswer, all_hand_in, refuse_unless_all
from bench.peers import gewu, kinto, pouchdb
from bench.peers.installed import Unavailable
from bench.peers.subject import MOST_CLIENTS, Subject
from bench.rounds import Rounds
from bench.sample import HandIn
from bench.taken import taken

CLIENTS = (1, MOST_CLIENTS)
WHATS = ("fresh", "replay")
PEERS = {kinto.NAME: kinto.running, pouchdb.NAME: pouchdb.running}
TROUBLE = (Unavailable, WrongAnswer, OSError, http.client.HTTPException, ValueError, LookupError)


@dataclass(frozen=True)
class Size:
    """`part` of each subject's batches are handed in, at least one by each client."""

    rounds: Rounds
    part: float


FULL, QUICK = Size(Rounds(3, 200.0, warm=True), 1.0), Size(Rounds(1, 200.0), 0.125)


@dataclass(frozen=True, kw_only=True)
class Sample(HandIn):
    """One measurement of a subject."""

    subject: str


@dataclass
class Run:
    """What was measured, what ran, and which peers fell out and why."""

    samples: list[Sample] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def measure(
    cache: Path, folder: Path, size: Size, names: Collection[str], say: Callable[[str], None]
) -> Run:
    """Start Gewu and these `PEERS` in `folder`, measure, stop. Trouble with Gewu is raised."""
    run = Run()
    with ExitStack() as stack:
        ours = [stack.enter_context(_gewu(database, folder)) for database in DATABASES]
        subjects = [*ours, *_peers(names, cache, folder, stack, run, say)]
        run.about = {one.name: one.about for one in subjects}
        if size.rounds.warm:
            say("warm-up")
            _round(subjects, -1, QUICK.part, Run(missing=run.missing))
        for number in size.rounds:
            say(f"round {number + 1} of {size.rounds.most}")
            _round(subjects, number, size.part, run)
    return run


def _gewu(database: str, folder: Path) -> AbstractContextManager[Subject]:
    own = folder / f"gewu-{database}"
    own.mkdir()
    return gewu.running(database, own)


def _peers(
    names: Collection[str],
    cache: Path,
    folder: Path,
    stack: ExitStack,
    run: Run,
    say: Callable[[str], None],
) -> Iterator[Subject]:
    for name in names:
        say(f"{name}: install if needed, and start")
        (folder / name).mkdir()
        try:
            yield stack.enter_context(PEERS[name](cache, folder / name))
        except TROUBLE as trouble:
            run.missing[name] = str(trouble)


def _round(subjects: Sequence[Subject], number: int, part: float, run: Run) -> None:
    """Everybody once with each number of clients; a peer in trouble is left out from then on."""
    for subject in subjects:
        if subject.name in run.missing:
            continue
        try:
            for clients in CLIENTS:
                run.samples += _measured(subject, number, clients, part)
        except TROUBLE as trouble:
            if subject.ours:
                raise
            run.missing[subject.name] = str(trouble)


def _measured(subject: Subject, number: int, clients: int, part: float) -> Iterator[Sample]:
    each = max(1, round(subject.batches * part) // clients)
    loads = subject.prepared(clients, each)
    items = clients * each * BATCH
    for what in WHATS:
        took = taken(partial(all_hand_in, loads), subject.pids)
        refuse_unless_all(subject.told[what], took, items)
        yield Sample(
            subject=subject.name,
            what=what,
            clients=clients,
            round=number,
            items=items,
            seconds=took.seconds,
            cpu=took.there,
            load_cpu=took.here,
            verdicts=dict(took.result),
        )
