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

LEVELS = (100_000, 1_000_000)
CPU, RATIO = "cpu_s_per_10000", "to_empty_ratio"


def measure(stage: Stage) -> Iterator[Record]:
    """CPU s per 10,000 items of fresh batches on an empty store, and when so many items are in it.

    The ratio is to the median of the empty store.
    """
    empty: dict[int, list[float]] = {clients: [] for clients in stage.size.clients}
    for clients, round_, figures in _crowds(stage):
        empty[clients].append(figures[CPU])
        yield _record(stage, clients, round_, 0, figures)
    for level in [*(one for one in LEVELS if one < stage.size.grown), stage.size.grown]:
        fill_items(stage, level)
        for clients, round_, figures in _crowds(stage):
            ratio = {RATIO: figures[CPU] / median(empty[clients])}
            yield _record(stage, clients, round_, level, figures | ratio)


def _record(
    stage: Stage, clients: int, round_: int, level: int, figures: dict[str, float]
) -> Record:
    named = {f"{name}{AT}{level:,}": value for name, value in figures.items()}
    return stage.record("growth", clients, round_, named)


def _crowds(stage: Stage) -> Iterator[tuple[int, int, dict[str, float]]]:
    """What was not asked for a while is not in memory: the first hand-ins only warm up."""
    _handed_in(stage, max(stage.size.clients), 1)
    for clients, round_ in stage.crowds():
        each = max(1, stage.size.batches // clients)
        yield clients, round_, _handed_in(stage, clients, each)


def _handed_in(stage: Stage, clients: int, batches: int) -> dict[str, float]:
    phones = stage.phones[:clients]
    shares = [captured(phone, batches) for phone in phones]
    for phone in phones:
        phone.ready()
    loads = [partial(phone.hand_in, share) for phone, share in zip(phones, shares, strict=True)]
    took = taken(partial(all_hand_in, loads), stage.server.pids)
    items = clients * batches * BATCH
    refuse_unless_all("accepted", took, items)
    latency = latency_ms([one for phone in phones for one in phone.wire.seconds])
    return {CPU: took.there / items * PER} | latency
