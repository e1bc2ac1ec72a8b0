"""CPU seconds of whole process trees, read from /proc (Linux)."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Places in /proc/<pid>/stat after the name: parent; user and system ticks, own and of children.
PARENT, SPENT = 1, slice(11, 15)


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system seconds of the processes, of all below them, and of those that ended there.

    The resolution is that of the kernel's ticks, usually 10 ms.
    """
    stats = dict(_stats())
    ticks = sum(
        int(spent) for pid in stats if _under(pid, set(roots), stats) for spent in stats[pid][SPENT]
    )
    return ticks / TICKS_PER_S


def _stats() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                yield int(entry.name), (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue


def _under(pid: int, roots: set[int], stats: dict[int, list[str]]) -> bool:
    while pid in stats:
        if pid in roots:
            return True
        pid = int(stats[pid][PARENT])
    return False
