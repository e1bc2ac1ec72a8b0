"""Which processes there are, read from /proc (Linux)."""

from collections.abc import Iterable, Mapping
from pathlib import Path

Stat = list[str]
"""The fields of /proc/<pid>/stat after the name."""
PARENT = 1
GONE = (FileNotFoundError, ProcessLookupError)


def stats() -> dict[int, Stat]:
    """Of every process that there is now, by its id."""
    found: dict[int, Stat] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                found[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
            except GONE:
                continue
    return found


def tree(roots: Iterable[int], known: Mapping[int, Stat]) -> set[int]:
    """Those of the `known` processes that are `roots` or below one."""
    parents = {pid: int(stat[PARENT]) for pid, stat in known.items()}
    within = set(roots) & parents.keys()
    while more := {pid for pid, parent in parents.items() if parent in within} - within:
        within |= more
    return within
