"""`growth`: whether a hand-in costs more when a store has years of work in it."""

from collections.abc import Iterator
from functools import partial
from statistics import median

from bench.aims import AT
from bench.cases.filling import fill_items
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.figures import latency_ms
from bench.items import BATCH
from bench.load import all_hand_in, refuse_unless_all
from bench.phones import captured
from bench.sample import PER
from bench.taken import taken

CLIENTS = 8
LEVELS = (100_000, 1_000_000)
CPU, RATIO = "cpu_s_per_10000", "to_empty_ratio"


def measure(stage: Stage) -> Iterator[Record]:
    """CPU s per 10,000 items of fresh batches on an empty store, and when so many items are in it.

    The ratio is to the median of the empty store.
    """
    empty = []
    for round_, figures in enumerate(_rounds(stage)):
        empty.append(figures[CPU])
        yield _record(stage, round_, 0, figures)
    for level in [*(one for one in LEVELS if one < stage.size.grown), stage.size.grown]:
        fill_items(stage, level)
        for round_, figures in enumerate(_rounds(stage)):
            ratio = {RATIO: figures[CPU] / median(empty)}
            yield _record(stage, round_, level, figures | ratio)


def _record(stage: Stage, round_: int, level: int, figures: dict[str, float]) -> Record:
    named = {f"{name}{AT}{level:,}": value for name, value in figures.items()}
    return stage.record("growth", CLIENTS, round_, named)


def _rounds(stage: Stage) -> Iterator[dict[str, float]]:
    """What was not asked for a while is not in memory: the first hand-ins only warm up."""
    _handed_in(stage, 1)
    for _ in stage.size.rounds:
        yield _handed_in(stage, stage.size.batches)


def _handed_in(stage: Stage, batches: int) -> dict[str, float]:
    phones = stage.phones[:CLIENTS]
    shares = [captured(phone, batches) for phone in phones]
    for phone in phones:
        phone.ready()
    loads = [partial(phone.hand_in, share) for phone, share in zip(phones, shares, strict=True)]
    took = taken(partial(all_hand_in, loads), stage.server.pids)
    items = CLIENTS * batches * BATCH
    refuse_unless_all("accepted", took, items)
    latency = latency_ms([one for phone in phones for one in phone.wire.seconds])
    return {CPU: took.there / items * PER} | latency
