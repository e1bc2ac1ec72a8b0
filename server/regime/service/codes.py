"""Posts (岗位) whose `code` no pack in force has: what names their code does not find them."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from server.regime import queries
from server.regime.books import books
from server.regime.rules import Terms
from server.regime.service.holding import the_pack


class Unknown(NamedTuple):
    """A code, and the areas (code and name, or `*`) of the posts in force that have it."""

    code: str
    areas: list[str]


def unknown_codes(session: Session, day: date) -> list[Unknown]:
    """Codes of posts in force on `day` that no pack has which is in force where they lie or below.

    Where the posts of such a pack cannot be read any more, nothing is said.
    """
    rows, found = queries.coded_posts(session, day), dict[str, list[str]]()
    refs = _refs(session, {row.area for row in rows}, day)
    known = {area: _codes(session, refs[area]) for area in refs}
    for row in rows:
        codes = known[row.area]
        if codes is not None and row.code not in codes:
            found.setdefault(row.code, []).append(_place(row))
    return [Unknown(code, areas) for code, areas in found.items()]


def _place(row: Any) -> str:
    return "*" if row.area is None else f"{row.area_code} {row.area_name}"


def _refs(
    session: Session, areas: Iterable[str | None], day: date
) -> dict[str | None, set[str | None]]:
    """By area, the packs in force there and in the areas below it."""
    held, terms = books(session), queries.terms(session)
    current = Terms(terms, {}).current(day)
    inside = {area: {held.ref(area, day)} for area in areas}
    above = queries.ancestors(session, {term.area for term in terms if term.area is not None})
    for term in terms:
        if term.id in current:
            for area in (None, *above.get(term.area, ())):
                inside.get(area, set()).add(term.ref)
    return inside


def _codes(session: Session, refs: Iterable[str | None]) -> set[str] | None:
    held = books(session)
    packs = [the_pack(session, held, ref) for ref in refs if ref is not None]
    if any("posts" in pack.left_out for pack in packs):
        return None
    return {post.code for pack in packs for post in pack.posts}
