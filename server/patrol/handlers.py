"""Sign-ins and sign-outs of devices: items of the kinds `shift_start` and `shift_end`.

Of one batch the starts are handled before the ends, so that no end is held for a moment only.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.items.handling import FORBIDDEN, HELD, Incoming, Outcome
from server.patrol import rules, service
from server.patrol.rules import Mark, Standing, Step, Verdict


def handle_starts(session: Session, items: Sequence[Incoming]) -> list[Outcome]:
    """Open the shifts; the ends that were held for them are joined."""
    outcomes, changed = _handle(session, items, rules.start, "plan")
    service.release_ends(session, changed)
    return outcomes


def handle_ends(session: Session, items: Sequence[Incoming]) -> list[Outcome]:
    """Close the shifts; an end without its start is held."""
    outcomes, _ = _handle(session, items, rules.end, "results")
    return outcomes


def _handle(
    session: Session, items: Sequence[Incoming], step: Step, lines: str
) -> tuple[list[Outcome], list[Standing]]:
    """The outcomes in order, and the shifts that changed."""
    shifts = service.claim(session, items)
    before = dict(shifts)
    outcomes = []
    for item in items:
        id_ = item.body["shift"]
        verdict, shifts[id_] = step(shifts[id_], _mark(item, lines))
        outcomes.append(_outcome(verdict, shifts[id_], item))
    changed = [shift for id_, shift in shifts.items() if shift != before[id_]]
    service.write(session, changed)
    return outcomes, changed


def _mark(item: Incoming, lines: str) -> Mark:
    return Mark(
        member=item.member,
        install=item.install,
        area=item.area,
        item=item.id,
        at=item.estimated,
        lines=item.body.get(lines),
    )


def _outcome(verdict: Verdict, shift: Standing, item: Incoming) -> Outcome:
    if verdict is Verdict.FORBIDDEN:
        return FORBIDDEN
    if verdict is Verdict.HELD:
        return HELD
    flags = ["duplicate_of"] if verdict is Verdict.DUPLICATE else rules.flags_of(shift)
    return Outcome(flags=tuple(flag for flag in flags if flag not in item.flags))
