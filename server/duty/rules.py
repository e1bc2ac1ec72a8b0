"""Who is on duty (值守): absences, who stands in for whom, who comes after whom. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from server.duty import backups
from server.grid import roles
from server.kernel.problems import Problem, invalid
from server.packs.definition import PostRule

KEEP, HAND_OVER, HAND_BACK = "keep", "hand_over", "hand_back"
OPEN_TASKS = (KEEP, HAND_OVER, HAND_BACK)
"""What becomes of the tasks at hand: they stay, go to the stand-in, or go and come back."""
REQUESTED, APPROVED, ENDED = "requested", "approved", "ended"
LONGEST = timedelta(days=400)
RESPONSIBLE = (roles.LEADER, roles.SUPERVISOR)
"""Who answers for an area and what lies below it."""
TAKERS = (*RESPONSIBLE, roles.OPERATOR)
"""To whom a task goes up, in this order: a community may have nobody but its operator (坐席)."""
SUPERIORS = (*RESPONSIBLE, roles.ADMIN)
"""Who approves absences of members within reach, and writes them for others."""

Moment = date | datetime
"""A day of the deployment, or an instant."""


# Absences


def begin_of(moment: Moment, zone: ZoneInfo) -> datetime:
    """The instant at which an absence begins; a day begins at 00:00 in `zone`."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), zone)


def end_of(moment: Moment, zone: ZoneInfo) -> datetime:
    """The instant before which it lasts; a day is included."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment + timedelta(days=1), time(), zone)


def check_period(begins: datetime, ends: datetime, now: datetime) -> None:
    """`period_reversed`; `absence_past` if it is over; `invalid` if longer than LONGEST."""
    if ends <= begins:
        raise invalid("to", "period_reversed")
    if ends <= now:
        raise invalid("to", "absence_past")
    if ends - begins > LONGEST:
        raise invalid("to", "invalid", f"> {LONGEST.days} d")


def state_of(absence: Any) -> str:
    """REQUESTED until it is approved, ENDED when it is over or was withdrawn; of a row or Slip."""
    if absence.ended_at is not None:
        return ENDED
    return APPROVED if absence.approved_by else REQUESTED


@dataclass(frozen=True, slots=True)
class Slip:
    """What the rules need to know of an absence."""

    member: str
    begins: datetime
    ends: datetime
    approved_by: str | None = None
    begun_at: datetime | None = None
    ended_at: datetime | None = None


OWN_FIELDS = frozenset({"begins", "ends", "reason", "backup", "open_tasks"})
"""What the member may change in its own slip, until it is approved."""
FIXED_ONCE_BEGUN = frozenset({"begins", "backup", "open_tasks"})


def check_change(slip: Slip, fields: Iterable[str], is_superior: bool) -> None:
    """`state_illegal` for what has ended or begun; `forbidden` for what only superiors may."""
    changed = set(fields)
    if slip.ended_at is not None:
        raise Problem("state_illegal")
    if slip.begun_at is not None and changed & FIXED_ONCE_BEGUN:
        raise Problem("state_illegal")
    if not is_superior and (slip.approved_by is not None or not changed <= OWN_FIELDS):
        raise Problem("forbidden")


def is_due(slip: Slip, now: datetime) -> bool:
    """Whether it is on, by the clock, and nothing was done about it yet."""
    waits = slip.approved_by is not None and slip.begun_at is None and slip.ended_at is None
    return waits and slip.begins <= now < slip.ends


def is_over(slip: Slip, now: datetime) -> bool:
    """Whether its end has come and was not noted yet."""
    return slip.ended_at is None and slip.ends <= now


# Who takes whose place


@dataclass(frozen=True, slots=True)
class Seat:
    """A post held today as seen from an area that lies `depth` below its own, of `level`.

    `code`: which post of the rule pack it is; None for any of its role and level.
    """

    post: str
    member: str
    role: str
    area: str
    depth: int = 0
    backup_of: str | None = None
    level: str = ""
    code: str | None = None

    @property
    def office(self) -> "Office":
        return Office(self.area, self.role, self.level, self.code)


class Office(NamedTuple):
    """What somebody is or was (职务): `role` in an area of `level`, as the post `code` or any."""

    area: str
    role: str
    level: str = ""
    code: str | None = None

    def is_a(self, post: PostRule) -> bool:
        """Whether it is this post of the pack."""
        return post.fits(self.role, self.level, self.code)


@dataclass(frozen=True, slots=True)
class Ground:
    """Who is there. `seats` by area, the nearest first, those who are backed before their backups.

    `away` holds who is absent and whom the slip chose (or None), `present` who of these chosen
    holds a post today, `posts` by area those of the pack in force.
    """

    seats: Mapping[str, Sequence[Seat]]
    admins: Sequence[str] = ()
    away: Mapping[str, str | None] = field(default_factory=dict)
    present: frozenset[str] = frozenset()
    posts: Mapping[str, Sequence[PostRule]] = field(default_factory=dict)

    def at(self, area: str) -> Sequence[Seat]:
        """The posts that reach the area."""
        return self.seats.get(area, ())

    def ruled(self, area: str) -> Sequence[PostRule]:
        """The posts of the pack in force there."""
        return self.posts.get(area, ())


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes a task; `last_resort`: an admin, as nobody in the tree can."""

    member: str
    last_resort: bool = False


def stand_in(owner: str, area: str, ground: Ground) -> Taker | None:
    """Who takes what is the absent `owner`'s in `area`.

    The other of the pair (AB岗), whom the slip chose, who holds a backup by the pack, who answers
    for the area or for one above.
    """
    seats = ground.at(area)
    chosen = ground.away.get(owner)
    offices = [seat.office for seat in seats if seat.member == owner]
    asked = [*_pair(owner, seats), *([chosen] if chosen in ground.present else [])]
    return _first(owner, [*asked, *by_pack(offices, seats, ground.ruled(area))], area, ground)


def _pair(owner: str, seats: Sequence[Seat]) -> list[str]:
    """Who backs the posts of `owner`, and whom its own posts back."""
    posts = {seat.post for seat in seats if seat.member == owner}
    backed = {seat.backup_of for seat in seats if seat.member == owner}
    return [seat.member for seat in seats if seat.backup_of in posts or seat.post in backed]


def by_pack(
    offices: Iterable[Office], seats: Sequence[Seat], posts: Sequence[PostRule]
) -> list[str]:
    """Who of `seats` holds what the pack, with these `posts`, names as backups of the offices."""
    held = [post for post in posts if any(office.is_a(post) for office in offices)]
    backing = backups.of(held, posts)
    return [seat.member for post in backing for seat in seats if seat.office.is_a(post)]


def successor(owner: str, office: Office | None, area: str, ground: Ground) -> Taker | None:
    """Who takes what was `owner`'s, who left, in `area`.

    Who has the same `office`, its backup, who holds a backup by the pack, who answers for the area
    or for one above. Without an office: the worker of the area.
    """
    office = office or Office(area, roles.WORKER)
    seats = ground.at(area)
    same = [seat.member for seat in seats if _is_same(seat.office, office)]
    return _first(owner, [*same, *by_pack([office], seats, ground.ruled(area))], area, ground)


def _is_same(one: Office, other: Office) -> bool:
    """Of one area and role; of two codes they are different posts."""
    is_one = one.code == other.code or None in (one.code, other.code)
    return is_one and (one.area, one.role) == (other.area, other.role)


def _first(owner: str, asked: Iterable[str | None], area: str, ground: Ground) -> Taker | None:
    """The first of them who is there, else who is responsible, else an admin."""
    for member in (*asked, *responsible(ground.at(area))):
        if member is not None and _is_there(member, owner, ground):
            return Taker(member)
    admins = [member for member in ground.admins if _is_there(member, owner, ground)]
    return Taker(admins[0], last_resort=True) if admins else None


def _is_there(member: str, owner: str, ground: Ground) -> bool:
    return member != owner and member not in ground.away


def by_level(area: str, ground: Ground) -> dict[str, list[str]]:
    """Who can take what goes up from the area and is there, by level."""
    found: dict[str, list[str]] = {}
    for seat in _ranked(ground.at(area), TAKERS):
        if seat.member not in ground.away:
            found.setdefault(seat.level, []).append(seat.member)
    return found


def responsible(seats: Sequence[Seat]) -> list[str]:
    """Who answers for an area: leaders before supervisors, level by level upwards."""
    return [seat.member for seat in _ranked(seats, RESPONSIBLE)]


def _ranked(seats: Iterable[Seat], order: Sequence[str]) -> list[Seat]:
    """The seats with these roles, level by level upwards, in this order on each."""
    found = [seat for seat in seats if seat.role in order]
    return sorted(found, key=lambda seat: (seat.depth, order.index(seat.role)))
