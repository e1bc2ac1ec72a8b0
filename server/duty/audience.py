"""Whom a turn in a task's life is told to (通知). Pure."""

from collections.abc import Iterable, Sequence

from server.duty.rules import Ground, Seat, by_pack, responsible
from server.grid import roles
from server.packs.definition import NoticeRule, PostRule

ASSIGN, YELLOW, RED, ESCALATED, RETURNED = "assign", "yellow", "red", "escalated", "returned"
ASSIGNEE, BACKUP, LEADER, SUPERVISOR = "assignee", "backup", "leader", "supervisor"
DEFAULT = {
    YELLOW: (ASSIGNEE,),
    RED: (ASSIGNEE, LEADER),
    ESCALATED: (ASSIGNEE,),
}
"""Where a pack says nothing; a new or returned task is on its owner's feed anyway."""


def words(on: str, notices: Iterable[NoticeRule]) -> tuple[str, ...]:
    """To whom the pack, or else the default, has `on` told."""
    named = [who for rule in notices if rule.on == on for who in rule.to]
    # Who has a task all of a sudden hears of it, whoever else does.
    always = [ASSIGNEE] if on == ESCALATED else []
    return tuple(dict.fromkeys([*always, *named])) if named else DEFAULT.get(on, ())


def members(who: Iterable[str], owner: str, ground: Ground, area: str) -> list[str]:
    """The members these words mean for a task of `owner` in the area."""
    seats, posts = ground.at(area), ground.ruled(area)
    found: dict[str, None] = {}
    for word in who:
        found.update(dict.fromkeys(_meant(word, owner, seats, posts)))
    return list(found)


def _meant(word: str, owner: str, seats: Sequence[Seat], posts: Sequence[PostRule]) -> list[str]:
    if word == ASSIGNEE:
        return [owner]
    if word == BACKUP:
        return _backups(owner, seats, posts)
    role = roles.SUPERVISOR if word == SUPERVISOR else roles.LEADER
    above = [seat for seat in seats if seat.role == role]
    # Where no leader is, the next who answers for the area hears of it.
    return [above[0].member] if above else responsible(seats)[:1]


def _backups(owner: str, seats: Sequence[Seat], posts: Sequence[PostRule]) -> list[str]:
    """Who backs the owner's posts; where nobody does, who holds the first backup by the pack."""
    held = [seat for seat in seats if seat.member == owner]
    backing = [seat.member for seat in seats if seat.backup_of in {one.post for one in held}]
    named = by_pack([seat.office for seat in held], seats, posts)
    return backing or [member for member in named if member != owner][:1]
