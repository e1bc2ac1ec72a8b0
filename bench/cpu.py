"""CPU seconds of whole process trees, read from /proc (Linux)."""

import os
from collections.abc import Iterable

from bench.processes import stats, tree

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Places in a `Stat`: user and system ticks, own and of children that ended.
SPENT = slice(11, 15)


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system seconds of the processes, of all below them, and of those that ended there.

    The resolution is that of the kernel's ticks, usually 10 ms.
    """
    known = stats()
    ticks = sum(int(spent) for pid in tree(roots, known) for spent in known[pid][SPENT])
    return ticks / TICKS_PER_S
