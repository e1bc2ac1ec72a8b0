"""Decisions about areas, posts, devices and log-ins: pure, told apart by tables where they can be.

What is refused is raised as a Problem that names the field.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.grid import roles
from server.kernel import geo
from server.kernel.problems import Problem, invalid

GRID_LEVEL = "grid"
GRID_CODE = re.compile(r"[0-9A-Z]{15}")
FREE_CODE = re.compile(r"\S{1,32}")
NAME_LENGTH = 64
PASSWORD_LENGTH = 10

SINGLE = frozenset({roles.WORKER, roles.LEADER})
"""Roles of which an area has one holder at a time; others come in as backups (AB岗)."""

GIVERS = dict.fromkeys(roles.ROLES, roles.ADMINS) | dict.fromkeys(
    (roles.WORKER, roles.LEADER, roles.OPERATOR), roles.MANAGERS
)
"""By role of a post: who may give it and take it away, each within its own reach."""

NEXT_STATE = {
    ("active", "drain"): "draining",
    ("active", "now"): "revoked",
    ("draining", "drain"): "draining",
    ("draining", "now"): "revoked",
    ("revoked", "now"): "revoked",
}
"""A device's state by (state, mode of revoking): docs/protocol.md, section 3."""

FREE_FAILURES = 5
FIRST_WAIT_S = 60
LONGEST_WAIT_S = 3600


# Members


def canonical_name(text: str) -> str:
    """The spelling under which a user name is stored, looked up and counted."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def username(text: str) -> str:
    """The canonical user name; `invalid` if nothing is left of it or it is too long."""
    name = canonical_name(text)
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise invalid("username", "invalid", f"1 to {NAME_LENGTH} visible characters")
    return name


def check_password(password: str) -> None:
    """`password_weak` below 10 characters."""
    if len(password) < PASSWORD_LENGTH:
        raise invalid("password", "password_weak")


def lock_seconds(failures: int) -> int:
    """How long a door stays shut after so many failures in a row: 1 min, doubling, at most 1 h."""
    over = failures - FREE_FAILURES
    if over < 0:
        return 0
    return int(min(FIRST_WAIT_S * 2 ** min(over, 10), LONGEST_WAIT_S))


# Periods


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included; None has no end on that side."""

    first: date | None
    last: date | None

    def meets(self, other: "Period") -> bool:
        """Whether the two have a day in common."""
        return _not_after(self.first, other.last) and _not_after(other.first, self.last)


def _not_after(first: date | None, last: date | None) -> bool:
    return first is None or last is None or first <= last


def check_period(period: Period, field: str) -> None:
    """`period_reversed` if it ends before it starts."""
    if not _not_after(period.first, period.last):
        raise invalid(field, "period_reversed")


# Areas


def check_levels(levels: Sequence[dict[str, str]]) -> None:
    """`invalid` if two levels of a tree have the same code."""
    codes = [level["code"] for level in levels]
    if len(set(codes)) < len(codes):
        raise invalid("levels", "invalid", "two levels have the same code")


def check_level(levels: Sequence[dict[str, str]], level: str, parent: str | None) -> None:
    """`level_wrong` unless `level` comes right below the level `parent`, or first without one."""
    codes = [one["code"] for one in levels]
    expected = 0 if parent is None else codes.index(parent) + 1
    if expected >= len(codes) or level != codes[expected]:
        wanted = codes[expected] if expected < len(codes) else "-"
        raise invalid("level", "level_wrong", f"{level} ≠ {wanted}")


def check_code(level: str, code: str) -> None:
    """`code_format`: a grid cell has 15 characters (GB/T 47678.3), others up to 32, no blanks."""
    pattern, wanted = (GRID_CODE, "[0-9A-Z]{15}") if level == GRID_LEVEL else (FREE_CODE, "1..32")
    if pattern.fullmatch(code) is None:
        raise invalid("code", "code_format", f"{code} ≠ {wanted}")


def check_parent(parent: str | None, below: Iterable[str]) -> None:
    """`tree_cycle` if the new parent is the area itself or lies `below` it."""
    if parent in set(below):
        raise invalid("parent", "tree_cycle")


def sound_geometry(geometry: Any) -> dict[str, Any]:
    """The geometry with nothing but its type and [longitude, latitude] positions.

    `polygon_invalid` names path and reason of each fault.
    """
    problems = geo.polygon_problems(geometry)
    if problems:
        lines = [f"{problem.path}: {problem.detail} ({problem.code})" for problem in problems]
        raise Problem("polygon_invalid", errors={"geometry": lines})
    return {"type": geometry["type"], "coordinates": _positions(geometry["coordinates"])}


def _positions(node: Any) -> Any:
    if isinstance(node[0], int | float):
        return [node[0], node[1]]
    return [_positions(child) for child in node]


def check_overlap(geometry: geo.Geometry, neighbours: Iterable[tuple[str, geo.Geometry]]) -> None:
    """`polygon_overlap` names the code of each neighbour that shares ground, and how much."""
    lines = []
    for code, other in neighbours:
        shared = geo.overlap(geometry, other)
        if shared:
            lines.append(f"{code}: {shared:.0f} m²")
    if lines:
        raise Problem("polygon_overlap", errors={"geometry": lines})


# Posts


@dataclass(frozen=True, slots=True)
class Seat:
    """What the rules need to know of a post."""

    id: str
    member: str
    role: str
    area: str | None
    period: Period
    backup_of: str | None = None
    code: str | None = None


def check_seat(seat: Seat) -> None:
    """`period_reversed`; `invalid` if the role needs an area and has none."""
    check_period(seat.period, "to_day")
    if seat.area is None and seat.role not in roles.AREALESS:
        raise invalid("area", "invalid", f"{seat.role}: area")


def check_single(seat: Seat, others: Iterable[Seat]) -> None:
    """`post_taken`, naming the other's post, if the area would have two holders of a single role.

    `others` are posts of the same role and area. Of two codes they are different posts.
    """
    if seat.role not in SINGLE or seat.backup_of is not None:
        return
    for other in others:
        is_rival = other.backup_of is None and other.id != seat.id and _may_be_one(seat, other)
        if is_rival and other.period.meets(seat.period):
            raise invalid("area", "post_taken", other.id)


def _may_be_one(seat: Seat, other: Seat) -> bool:
    return seat.code == other.code or None in (seat.code, other.code)


def check_backup(seat: Seat, backed: Seat | None) -> None:
    """`backup_wrong` unless the post backs (AB岗) another member's post of its area and role."""
    if backed is None:
        raise invalid("backup_of", "reference_unknown")
    same = (seat.role, seat.area) == (backed.role, backed.area)
    if not same or backed.backup_of is not None or backed.member == seat.member:
        raise invalid("backup_of", "backup_wrong", backed.id)


# Devices


def next_state(state: str, mode: str) -> str:
    """The device's state after revoking it by `mode`; `state_illegal` if there is no way back."""
    if (state, mode) not in NEXT_STATE:
        raise invalid("mode", "state_illegal", f"{state} → {mode}")
    return NEXT_STATE[state, mode]
