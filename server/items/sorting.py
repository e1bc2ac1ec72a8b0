"""What each line of a batch is, given what the server already knows. Pure.

An id is claimed by the first line that is accepted or stale; a quarantined line claims none, and is
known by its bytes (docs/protocol.md, section 4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.items.lines import Line
from server.items.verdicts import ACCEPTED, CONFLICT, QUARANTINED, Known, Verdict

KnownBy = Mapping[str, Known]


@dataclass(slots=True)
class Sorted:
    """The lines of a batch by what is to be done; verdicts of `fresh` are still open."""

    verdicts: dict[int, Verdict]
    fresh: list[Line]
    aside: list[Line]
    twins: dict[int, int]


def sort_out(
    lines: Sequence[Line],
    items: KnownBy,
    aside: KnownBy,
    failures: Mapping[str, str],
) -> Sorted:
    """Sort the lines; `items` is known by id, `aside` by bytes, `failures` are poisoned bytes."""
    result = Sorted({}, [], [], {})
    first_with: dict[str, int] = {}
    claimed: set[str] = set()
    for line in lines:
        if line.sha256 in first_with:
            result.twins[line.no] = first_with[line.sha256]
            continue
        first_with[line.sha256] = line.no
        known = _known(line, items, aside)
        if known is not None:
            result.verdicts[line.no] = known
            continue
        code = _reason_to_set_aside(line, items, claimed, failures)
        if code is None:
            claimed.add(line.id or "")
            result.fresh.append(line)
        else:
            _set_aside(result, line, code, failures)
    return result


def _known(line: Line, items: KnownBy, aside: KnownBy) -> Verdict | None:
    """The first answer again, if these bytes were answered before."""
    if line.known is not None:
        return _replay(line, line.known)
    item = items.get(line.id or "")
    if item is not None and item.sha256 == line.sha256:
        return _replay(line, item)
    known = aside.get(line.sha256)
    return _replay(line, known) if known is not None else None


def _replay(line: Line, known: Known) -> Verdict:
    return Verdict(line.no, line.id, line.sha256, known.status, True, list(known.flags), known.code)


def _reason_to_set_aside(
    line: Line, items: KnownBy, claimed: set[str], failures: Mapping[str, str]
) -> str | None:
    if line.id is not None and (line.id in items or line.id in claimed):
        return "id_conflict"
    if line.code is not None:
        return line.code
    return "handler_failed" if line.sha256 in failures else None


def _set_aside(result: Sorted, line: Line, code: str, failures: Mapping[str, str]) -> None:
    line.code = code
    line.detail = line.detail or failures.get(line.sha256, "")
    status = CONFLICT if code == "id_conflict" else QUARANTINED
    result.verdicts[line.no] = Verdict(line.no, line.id, line.sha256, status, code=code)
    result.aside.append(line)


def verdict_of_fresh(line: Line, status: str, flags: list[str], code: str | None) -> Verdict:
    """The verdict of a line that just claimed its id, or was refused by its room."""
    return Verdict(line.no, line.id, line.sha256, status or ACCEPTED, False, flags, code)


def answer_twins(sorted_: Sorted, lines: Sequence[Line]) -> list[Verdict]:
    """One verdict per line, in order: a repeated line is the replay of the first."""
    for line in lines:
        first = sorted_.twins.get(line.no)
        if first is not None:
            verdict = replace(sorted_.verdicts[first], line=line.no, replay=True)
            sorted_.verdicts[line.no] = verdict
    return [sorted_.verdicts[line.no] for line in lines]
