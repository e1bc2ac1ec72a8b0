"""Memory of process trees, read from /proc (Linux): what the server grows to under the burst."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True)
class Memory:
    """Sums over all processes, in bytes: `rss` counts shared pages in each, `pss` once in all."""

    rss: int
    pss: int
    processes: int


def memory(roots: Iterable[int]) -> Memory:
    """What the processes and all below them hold now; those that end meanwhile count nothing."""
    rolled = [found for pid in tree(roots) if (found := _rollup(pid))]
    return Memory(
        rss=sum(one["Rss"] for one in rolled) * KIB,
        pss=sum(one["Pss"] for one in rolled) * KIB,
        processes=len(rolled),
    )


def tree(roots: Iterable[int]) -> set[int]:
    """The processes and all below them."""
    parents = dict(_parents())
    known = set(roots) & parents.keys()
    while more := {pid for pid, parent in parents.items() if parent in known} - known:
        known |= more
    return known


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2]
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield int(entry.name), int(after_name.split()[1])


def _rollup(pid: int) -> dict[str, int]:
    """The figures of smaps_rollup by name, in KiB; none of a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    parts = (line.split() for line in lines if line.endswith("kB"))
    return {name.rstrip(":"): int(value) for name, value, _ in parts}
