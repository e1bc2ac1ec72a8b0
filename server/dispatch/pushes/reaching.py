"""Whom an order reaches: its target looked up among areas and posts, within the reach of a scope.

Out of reach is refused (`forbidden`), unknown is refused (`reference_unknown`).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from server.dispatch.pushes import queries, rules
from server.dispatch.pushes.orders import Making, Order, made
from server.dispatch.pushes.rules import Given, Reach, Recipients, Target
from server.duty.service import standing
from server.grid.models import Area
from server.grid.roles import WORKER
from server.grid.scope import Scope
from server.kernel.ids import canonical
from server.kernel.problems import Problem, invalid
from server.packs.definition import PostRule
from server.tasks import governing


def reached(session: Session, scope: Scope, order: Order, now: datetime) -> Making:
    """Who gets a task of the order now, and who is left out; `nobody_reached`."""
    found = _FINDERS[order.target.reach](session, scope, order.target, now)
    pairs = {(one.assignee, one.area) for one in found.given}
    found = rules.stood_in(found, standing.absent(session, pairs, now, scope.day))
    areas = {one.area for one in found.given}
    governed = governing.in_areas(session, areas | _left(found), now)
    making = made(order, found, {area: one.pack for area, one in governed.items()})
    rules.check_somebody(making.recipients)
    return making


def _left(found: Recipients) -> set[str]:
    return {one.area for one in found.left_out if one.area is not None}


def _member(session: Session, scope: Scope, target: Target, now: datetime) -> Recipients:
    member = target.member or ""
    area = queries.homes(session, [member], scope.day).get(member)
    if area is None:
        raise invalid("target", "reference_unknown", "member")
    scope.check_member(session, member)
    scope.check_area(session, area)
    return Recipients([Given(member, area)])


def _one_post(session: Session, scope: Scope, target: Target, now: datetime) -> Recipients:
    try:
        post = queries.area_of_post(session, canonical(target.post or ""), scope.day)
    except ValueError:
        post = None
    if post is None or post.area is None:
        raise invalid("target", "reference_unknown", "post")
    scope.check_area(session, post.area)
    return Recipients([Given(post.member, post.area)])


def _area(session: Session, scope: Scope, target: Target, now: datetime) -> Recipients:
    return _in_role(session, scope, target, WORKER)


def _role(session: Session, scope: Scope, target: Target, now: datetime) -> Recipients:
    return _in_role(session, scope, target, target.role or "")


def _in_role(session: Session, scope: Scope, target: Target, role: str) -> Recipients:
    _check_area(session, scope, target.area)
    grounds = queries.grounds(session, scope, target.area)
    return rules.for_areas(grounds, queries.seats(session, scope, target.area, role))


def _post(session: Session, scope: Scope, target: Target, now: datetime) -> Recipients:
    """Each area of the post's level has the post by the pack in force there (岗位)."""
    _check_area(session, scope, target.area)
    grounds = queries.grounds(session, scope, target.area)
    governed = governing.in_areas(session, [ground.id for ground in grounds], now)
    found = Recipients()
    for rule, areas in _ruled(target.post or "", governed).items():
        there = [ground for ground in grounds if ground.id in areas]
        seats = queries.seats(session, scope, target.area, rule.role, rule.code)
        part = rules.for_level(there, seats, rule.level)
        found.given += part.given
        found.left_out += part.left_out
    if not (found.given or found.left_out):
        raise invalid("target", "reference_unknown", "post")
    return found


def _ruled(code: str, governed: Mapping[str, governing.Governed]) -> dict[PostRule, set[str]]:
    """By post rule of this code, the areas whose pack has it."""
    ruled: dict[PostRule, set[str]] = {}
    for area, one in governed.items():
        for rule in one.pack.posts if one.pack else ():
            if rule.code == code:
                ruled.setdefault(rule, set()).add(area)
    return ruled


def _subjects(session: Session, scope: Scope, target: Target, now: datetime) -> Recipients:
    subjects = target.subjects
    rules.check_subjects(subjects)
    named = {one.assignee for one in subjects if one.assignee}
    homes = queries.homes(session, named, scope.day)
    _check_all("assignee", named, set(homes), queries.members_in_reach(session, scope, named))
    asked = {one.area for one in subjects if one.area}
    areas = asked | {homes[member] for member in named}
    _check_all(
        "area", areas, queries.known(session, areas), queries.in_reach(session, scope, areas)
    )
    seats = queries.seats_above(session, asked, scope.day)
    return rules.for_subjects(subjects, seats, homes)


def _check_all(name: str, asked: Iterable[str], known: set[str], reach: set[str]) -> None:
    """`reference_unknown` names the first unknown one; `forbidden` if one is out of reach."""
    for one in sorted(asked):
        if one not in known:
            raise invalid("subjects", "reference_unknown", f"{name} {one}")
        if one not in reach:
            raise Problem("forbidden")


def _check_area(session: Session, scope: Scope, area: str | None) -> None:
    if area is None:
        return
    scope.check_area(session, area)
    if session.get(Area, area) is None:
        raise invalid("target", "reference_unknown", "area")


_Finder = Callable[[Session, Scope, Target, datetime], Recipients]
_FINDERS: Mapping[Reach, _Finder] = {
    Reach.MEMBER: _member,
    Reach.ONE_POST: _one_post,
    Reach.AREA: _area,
    Reach.ROLE: _role,
    Reach.POST: _post,
    Reach.SUBJECTS: _subjects,
}
