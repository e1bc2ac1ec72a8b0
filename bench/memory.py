"""Memory of process trees, read from /proc (Linux): what a server holds under its load."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.processes import GONE, stats, tree

KIB = 1024
PAGE = os.sysconf("SC_PAGE_SIZE")
# Some kernels and containers do not let a process read how its pages are shared.
ROLLED = os.access("/proc/self/smaps_rollup", os.R_OK)
COUNTED = "PSS" if ROLLED else "RSS"
"""What `Memory.pss` is on this machine."""


@dataclass(frozen=True)
class Memory:
    """Sums over all processes, in bytes: `rss` counts shared pages in each, `pss` once in all.

    Where the kernel does not tell `pss`, it is `rss`.
    """

    rss: int
    pss: int
    processes: int


def memory(roots: Iterable[int]) -> Memory:
    """What the processes and all below them hold now; those that end meanwhile count nothing."""
    held = [found for pid in tree(roots, stats()) if (found := _held(pid))]
    return Memory(
        rss=sum(rss for rss, _ in held), pss=sum(pss for _, pss in held), processes=len(held)
    )


def _held(pid: int) -> tuple[int, int] | None:
    """(rss, pss) in bytes; None of a process that is gone."""
    try:
        return _rollup(pid) if ROLLED else _resident(pid)
    except GONE:
        return None


def _rollup(pid: int) -> tuple[int, int] | None:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    parts = (line.split() for line in lines if line.endswith("kB"))
    figures = {name: int(value) * KIB for name, value, _ in parts}
    return (figures["Rss:"], figures["Pss:"]) if figures else None


def _resident(pid: int) -> tuple[int, int]:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * PAGE, pages * PAGE
