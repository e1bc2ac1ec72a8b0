"""What the items room reads."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, join, or_, select, true
from sqlalchemy.orm import Session, undefer

from server.grid.listing import Asked, Listing
from server.grid.models import Post
from server.grid.roles import REPLAYERS, STAFF
from server.grid.scope import Scope
from server.items import rules
from server.items.lines import Line
from server.items.models import Finding, Item, Quarantine
from server.items.verdicts import Known
from server.kernel.database import has_word
from server.kernel.prepared import Prepared
from server.kernel.statements import among, each

# One's own items, and those within reach of a staff post.
SHOWN = Listing(Item, Item.area, Item.member, own=True)

_item, _aside = Item.__table__.c, Quarantine.__table__.c

_KNOWN_ITEMS = Prepared(
    select(_item.id, _item.sha256, _item.status, _item.flags, _item.code, _item.seq).where(
        among(_item.id, "ids")
    )
)
_KNOWN_ASIDE = Prepared(
    select(_aside.sha256, _aside.status, _aside.code).where(
        _aside.install == bindparam("install"), among(_aside.sha256, "hashes")
    )
)
_FIRST = select(_item.content, _item.id).where(
    _item.member == bindparam("member"), _item.duplicate_of.is_(None)
)
_MOMENT = each(_item.at.type, "moments")
_AT_MOMENT = _FIRST.where(_item.at == _MOMENT.c.value).offset(0).lateral()
_SAME_MOMENT = Prepared(
    _FIRST.where(among(_item.at, "moments")),
    # Until PostgreSQL has counted a new table, it would walk all of a member's items.
    postgresql=select(_AT_MOMENT.c.content, _AT_MOMENT.c.id).select_from(
        join(_MOMENT, _AT_MOMENT, true())
    ),
)
_NUMBERED = Prepared(
    select(_item.seq, _item.id).where(
        _item.install == bindparam("install"), among(_item.seq, "seqs")
    )
)
_NUMBERED_ASIDE = Prepared(
    select(_aside.seq).where(_aside.install == bindparam("install"), among(_aside.seq, "seqs"))
)


def known_items(session: Session, ids: Sequence[str]) -> dict[str, Known]:
    """What was answered of these ids."""
    if not ids:
        return {}
    return {id_: Known(*answer) for id_, *answer in _KNOWN_ITEMS.all(session, ids=ids)}


def known_aside(session: Session, install: str, hashes: Sequence[str]) -> dict[str, Known]:
    """What was answered of these bytes when they were set aside."""
    if not hashes:
        return {}
    rows = _KNOWN_ASIDE.all(session, install=install, hashes=hashes)
    return {row.sha256: Known(row.sha256, row.status, [], row.code) for row in rows}


def same_content(session: Session, member: str, lines: Sequence[Line]) -> dict[str, str]:
    """The first item of the member with the content of one of the lines, by content hash.

    Looked up by the moment of the capture, which is a part of the content: a member's items come in
    order of time, so that the index grows at one end.
    """
    if not lines:
        return {}
    moments = {line.item["at"].isoformat() for line in lines if line.item}
    rows = _SAME_MOMENT.all(session, member=member, moments=moments)
    first: dict[str, str] = {}
    for content, id_ in rows:
        first[content] = min(id_, first.get(content, id_))
    return first


def is_forked(session: Session, install: str, seen: rules.Ranges, fresh: Sequence[Line]) -> bool:
    """Whether a number of the install comes with a second id: a cloned or restored phone.

    A number seen before belongs to another item, unless a line was set aside under it.
    """
    by_seq: dict[int, str] = {}
    for line in fresh:
        if by_seq.setdefault(line.seq or 0, str(line.id)) != line.id:
            return True
    suspects = {seq: id_ for seq, id_ in by_seq.items() if rules.in_ranges(seen, seq)}
    if not suspects:
        return False
    aside = {row.seq for row in _NUMBERED_ASIDE.all(session, install=install, seqs=suspects)}
    if suspects.keys() - aside:
        return True
    numbered = _NUMBERED.all(session, install=install, seqs=suspects)
    return any(suspects[row.seq] != row.id for row in numbered)


def items(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Item]:
    """A page (and one more) of the items that the scope shows and the arguments ask for."""
    return SHOWN.page(session, scope.limited_to(STAFF), Asked.of(args, _narrowed(args)))


def _narrowed(args: dict[str, Any]) -> list[ColumnElement[bool]]:
    given: list[ColumnElement[bool]] = []
    if args["kind"]:
        given.append(Item.kind == args["kind"])
    if args["from_"]:
        given.append(Item.estimated >= args["from_"])
    if args["to"]:
        given.append(Item.estimated < args["to"])
    if args["flag"]:
        given.append(_flagged(args["flag"]))
    return given


def _flagged(flag: str) -> ColumnElement[bool]:
    """A condition: the first answer said it, or it was found on a photo later."""
    if flag == "held":
        return Item.held.is_(True)
    found = select(Finding.item).where(Finding.flag == flag)
    return or_(has_word(Item.flags, flag), Item.id.in_(found))


def item(session: Session, scope: Scope, id_: str) -> Item | None:
    """One item with its bytes, if the scope shows it."""
    shown = SHOWN.visible(scope.limited_to(STAFF))
    statement = select(Item).where(Item.id == id_, shown).options(undefer(Item.raw))
    return session.scalars(statement).first()


def unknown_ids(session: Session, ids: Sequence[str]) -> list[str]:
    """Those of `ids` that no item and no set-aside line names."""
    known = set(session.scalars(select(Item.id).where(Item.id.in_(ids))))
    known |= set(session.scalars(select(Quarantine.item).where(Quarantine.item.in_(ids))))
    return [id_ for id_ in ids if id_ not in known]


def _set_aside_visible(scope: Scope) -> ColumnElement[bool]:
    """A condition: lines of members who hold a post within reach."""
    limited = scope.limited_to(REPLAYERS)
    if limited.everything:
        return Quarantine.id.is_not(None)
    holders = select(Post.member).where(Post.area.in_(limited.areas()))
    return Quarantine.member.in_(holders)


def set_aside(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Quarantine]:
    """A page (and one more) of the lines set aside."""
    statement = select(Quarantine).where(_set_aside_visible(scope))
    for column, name in (
        (Quarantine.state, "state"),
        (Quarantine.code, "code"),
        (Quarantine.member, "member"),
    ):
        if args[name]:
            statement = statement.where(column == args[name])
    if args["after"]:
        statement = statement.where(Quarantine.id > args["after"])
    return session.scalars(statement.order_by(Quarantine.id).limit(args["limit"] + 1)).all()


def set_aside_line(session: Session, scope: Scope, id_: str) -> Quarantine | None:
    """One line set aside with its bytes, if the scope shows it."""
    statement = select(Quarantine).where(Quarantine.id == id_, _set_aside_visible(scope))
    return session.scalars(statement.options(undefer(Quarantine.raw))).first()
