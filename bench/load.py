"""A load: clients who hand in what they have, all at once, and what they are told."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bench.taken import Taken

Lines = list[bytes]
Verdicts = Counter[str]
Load = Callable[[], Verdicts]
"""One client's: hands in everything once; the same call again is the exact replay."""
Result = TypeVar("Result")


class WrongAnswer(Exception):
    """Not every item got the verdict that it must get: a fast wrong answer is no measurement."""


def at_once(acts: Sequence[Callable[[], Result]]) -> list[Result]:
    """Do everything, each in a thread of its own; the results in order."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(lambda act: act(), acts))


def all_hand_in(loads: Sequence[Load]) -> Verdicts:
    """Every client hands in its load at once; the verdicts of all."""
    return sum(at_once(loads), Counter())


def refuse_unless_all(verdict: str, took: Taken[Verdicts], items: int) -> None:
    """WrongAnswer unless all items got this verdict."""
    if took.result != {verdict: items}:
        raise WrongAnswer(f"{items} × {verdict} expected, {dict(took.result)} told")
