"""Sign-ins and sign-outs of devices: items of the kinds `shift_start` and `shift_end`.

Of one batch the starts come before the ends, so that no end is held for a moment only.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.items.handling import FORBIDDEN, HELD, Incoming, Outcome
from server.patrol import rules, service
from server.patrol.rules import Mark, Standing, Verdict

STEPS = {"shift_start": (rules.start, "plan"), "shift_end": (rules.end, "results")}


def handle_shifts(session: Session, items: Sequence[Incoming]) -> list[Outcome]:
    """Open and close the shifts; an end without its start is held until that comes."""
    shifts = service.claim(session, items)
    before = dict(shifts)
    outcomes = [_handle(shifts, item) for item in items]
    changed = [shift for id_, shift in shifts.items() if shift != before[id_]]
    service.write(session, changed)
    service.release_ends(session, [before[s.id] for s in changed if _begun(before[s.id], s)])
    return outcomes


def _handle(shifts: dict[str, Standing], item: Incoming) -> Outcome:
    step, lines = STEPS[item.kind]
    id_ = item.body["shift"]
    verdict, shifts[id_] = step(shifts[id_], _mark(item, lines))
    return _outcome(verdict, shifts[id_], item)


def _begun(before: Standing, after: Standing) -> bool:
    return before.start_item is None and after.start_item is not None


def _mark(item: Incoming, lines: str) -> Mark:
    return Mark(
        member=item.member,
        install=item.install,
        area=item.area,
        item=item.id,
        at=item.estimated,
        lines=item.body.get(lines),
        pack=item.pack,
    )


def _outcome(verdict: Verdict, shift: Standing, item: Incoming) -> Outcome:
    if verdict is Verdict.FORBIDDEN:
        return FORBIDDEN
    if verdict is Verdict.HELD:
        return HELD
    flags = ["duplicate_of"] if verdict is Verdict.DUPLICATE else rules.flags_of(shift)
    return Outcome(flags=tuple(flag for flag in flags if flag not in item.flags))
