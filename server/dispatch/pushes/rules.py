"""Decisions on pushes (批量派发): who gets a task, and who is left out for which reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from server.kernel.problems import Problem, invalid

NOBODY, ABSENT, NO_TEMPLATE = "nobody", "absent", "template_unknown"
"""Why somebody is left out: no holder of such a post (无人在岗), away without a backup (离岗),
a pack in force there that has no such template."""


class Reach(StrEnum):
    """What a push is aimed at."""

    MEMBER = "member"
    ONE_POST = "one_post"
    POST = "post"
    AREA = "area"
    ROLE = "role"
    SUBJECTS = "subjects"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject (对象) that gets a task: its area's worker does it, or `assignee`."""

    subject: str
    area: str | None = None
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a push is for: a member; a post by id or by its code in the pack; a role; all worker
    posts of an area; subjects. `area` stands for itself and all below it, None for all in reach."""

    member: str | None = None
    post: str | None = None
    area: str | None = None
    role: str | None = None
    subjects: tuple[Subject, ...] = ()

    @property
    def reach(self) -> Reach:
        """`invalid` unless it names exactly one thing."""
        named = [name for name in ("member", "post", "role", "subjects") if getattr(self, name)]
        if len(named) > 1 or not (named or self.area):
            raise invalid("target", "invalid", "one of member, post, area, role, subjects")
        if named == ["member"] and self.area:
            raise invalid("target", "invalid", "member: no area")
        if named == ["post"] and len(self.post or "") == UUID_LENGTH:
            return Reach.ONE_POST
        return Reach(named[0]) if named else Reach.AREA


UUID_LENGTH = 36
"""No code of a post is as long as an id (`server/packs/definition.py`: PostRule)."""


@dataclass(frozen=True, slots=True)
class Ground:
    """An area of the push, with the one above it."""

    id: str
    parent: str | None
    level: str


@dataclass(frozen=True, slots=True)
class Seat:
    """Who holds a post in an area; `distance`: how many levels above the area the post lies."""

    member: str
    area: str
    is_backup: bool = False
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """One task to be made: whose, where, about what.

    `stand_in` takes it if `assignee` is absent when it is given as it is now.
    """

    assignee: str
    area: str
    subject: str | None = None
    stand_in: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An area or a subject that gets no task, and why."""

    why: str
    area: str | None = None
    subject: str | None = None


@dataclass(slots=True)
class Recipients:
    """Who gets one, and who does not."""

    given: list[Given] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def in_office(seats: Iterable[Seat]) -> list[Seat]:
    """Those who act: of an area with a holder no backup (AB岗), each once and in order."""
    every = list(dict.fromkeys(seats))
    held = {seat.area for seat in every if not seat.is_backup}
    return [seat for seat in every if not seat.is_backup or seat.area not in held]


def for_areas(grounds: Sequence[Ground], seats: Iterable[Seat]) -> Recipients:
    """One task for each holder. Left out is each lowest area that no holder looks after: none of
    its own and none above it, within the areas of the push."""
    above = {ground.id: ground.parent for ground in grounds}
    given = [Given(seat.member, seat.area) for seat in in_office(seats)]
    held = {one.area for one in given}
    inner = {ground.parent for ground in grounds}
    lowest = [ground.id for ground in grounds if ground.id not in inner]
    bare = [area for area in lowest if not held.intersection(_upwards(area, above))]
    return Recipients(given, [LeftOut(NOBODY, area) for area in bare])


def _upwards(area: str | None, above: Mapping[str, str | None]) -> list[str]:
    """The area and those above it, as far as the push reaches."""
    way: list[str] = []
    while area is not None and area in above:
        way.append(area)
        area = above[area]
    return way


def for_level(grounds: Sequence[Ground], seats: Iterable[Seat], level: str) -> Recipients:
    """One task for each holder at the level; left out is each area there that has none."""
    there = [ground.id for ground in grounds if ground.level == level]
    given = [Given(s.member, s.area) for s in in_office(seats) if s.area in set(there)]
    held = {one.area for one in given}
    return Recipients(given, [LeftOut(NOBODY, area) for area in there if area not in held])


def for_subjects(
    subjects: Sequence[Subject], seats: Iterable[Seat], homes: Mapping[str, str]
) -> Recipients:
    """One task for each subject: for the nearest worker of its area, or for who is named with it,
    whose home area (`homes`) it lies in then, unless it says where."""
    nearest = _nearest(seats)
    found = Recipients()
    for one in subjects:
        area = one.area or homes.get(one.assignee or "")
        assignee = one.assignee or nearest.get(one.area or "")
        if assignee is None or area is None:
            found.left_out.append(LeftOut(NOBODY, one.area, one.subject))
        else:
            found.given.append(Given(assignee, area, one.subject))
    return found


def _nearest(seats: Iterable[Seat]) -> dict[str, str]:
    """By area, who acts for it: a post of its own before one above it, a holder before a backup."""
    nearest: dict[str, str] = {}
    for seat in sorted(seats, key=lambda seat: (seat.distance, seat.is_backup)):
        nearest.setdefault(seat.area, seat.member)
    return nearest


def check_subjects(subjects: Iterable[Subject]) -> None:
    """`subject_twice` names the first that is listed twice; `invalid` one without a place."""
    seen: set[str] = set()
    for one in subjects:
        if one.subject in seen:
            raise invalid("subjects", "subject_twice", one.subject)
        if (one.area is None) == (one.assignee is None):
            raise invalid("subjects", "invalid", f"{one.subject}: area or assignee")
        seen.add(one.subject)


def stood_in(recipients: Recipients, absent: Mapping[tuple[str, str], str | None]) -> Recipients:
    """The same with who stands in (替班) for whom; `absent` knows (member, area) of those who are
    away alone, None if nobody stands in: then there is no task.

    It stays the task of who is absent until it is given, which looks again who is there.
    """
    found = Recipients(left_out=list(recipients.left_out))
    for one in recipients.given:
        pair = (one.assignee, one.area)
        if pair in absent and absent[pair] is None:
            found.left_out.append(LeftOut(ABSENT, one.area, one.subject))
        else:
            found.given.append(replace(one, stand_in=absent.get(pair)))
    return found


def without(recipients: Recipients, areas: Mapping[str, str]) -> Recipients:
    """The same without the tasks of these areas, which are left out for the reason given."""
    kept = [one for one in recipients.given if one.area not in areas]
    gone = [
        LeftOut(areas[one.area], one.area, one.subject)
        for one in recipients.given
        if one.area in areas
    ]
    return Recipients(kept, recipients.left_out + gone)


def check_somebody(recipients: Recipients) -> None:
    """`nobody_reached` (or the one reason that all are left out for) if nobody would get a task."""
    if recipients.given:
        return
    reasons = {one.why for one in recipients.left_out}
    code = NO_TEMPLATE if reasons == {NO_TEMPLATE} else "nobody_reached"
    field_ = "template" if code == NO_TEMPLATE else "target"
    shown = [told(one) for one in recipients.left_out[:MOST_TOLD]]
    raise Problem(code, errors={field_: [code]}, extra={"left_out": shown})


MOST_TOLD = 100
"""So many of those left out are named in a refusal."""


def told(one: LeftOut) -> dict[str, str]:
    """As the wire says it."""
    named = {"area": one.area, "subject": one.subject, "why": one.why}
    return {name: value for name, value in named.items() if value is not None}


def told_stand_ins(recipients: Recipients) -> list[dict[str, str]]:
    """Who is absent and who takes its tasks, as the wire says it; each pair once."""
    pairs = {(one.assignee, one.area): one.stand_in for one in recipients.given if one.stand_in}
    return [{"member": m, "area": area, "by": by} for (m, area), by in sorted(pairs.items())]


def takers(recipients: Recipients) -> set[str]:
    """Who would have the tasks, as things are."""
    return {one.stand_in or one.assignee for one in recipients.given}


def lies_in(push: Any, given: Iterable[Any]) -> set[str]:
    """The areas of a push, or of a part of its tasks: its own, else those of the tasks."""
    return {push.area} if push.area else {one.area for one in given}


def check_number(total: int, ask_above: int, confirmed: int | None) -> None:
    """`confirm_needed` tells the number, before anything is written, unless it was confirmed."""
    if total > ask_above and confirmed != total:
        raise Problem("confirm_needed", extra={"number": total})
