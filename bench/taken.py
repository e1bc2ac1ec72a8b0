"""What an act took: seconds on the clock, CPU seconds here and in other processes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bench.cpu import cpu_seconds

Result = TypeVar("Result")


@dataclass(frozen=True)
class Taken(Generic[Result]):
    """`there` is the CPU of the processes asked for, `here` that of this one; all in seconds."""

    seconds: float
    there: float
    here: float
    result: Result


def taken(act: Callable[[], Result], pids: Sequence[int] = ()) -> Taken[Result]:
    """Do it and say what it took, here and in the trees of the processes `pids`."""
    there, here, began = cpu_seconds(pids), time.process_time(), time.perf_counter()
    result = act()
    seconds = time.perf_counter() - began
    return Taken(seconds, cpu_seconds(pids) - there, time.process_time() - here, result)
