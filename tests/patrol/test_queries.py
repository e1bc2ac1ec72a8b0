"""A page of shifts is walked along an index, however many there are."""

from datetime import date

from flask import Flask

from server.grid.listing import Asked
from server.grid.roles import SUPERVISOR
from server.grid.scope import Holding, Scope
from server.kernel import clock
from server.kernel.database import db
from server.kernel.ids import uuid7
from server.patrol import queries
from tests.plans import ways

STREET = Scope(uuid7(), date(2026, 6, 1), (Holding(SUPERVISOR, uuid7()),))
UNASKED = dict.fromkeys(("after", "area", "member"))
BY_AREA = {
    "ix_shift_area_id (area=?)",
    "ix_shift_area_id (area=? AND id>?)",
    "sqlite_autoindex_shift_1 (id=?)",
}


def test_sqlite_walks_a_page_along_an_index(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    now = clock.now()
    for given, expected in (
        ({}, BY_AREA),
        ({"area": uuid7()}, BY_AREA),
        ({"member": uuid7()}, {"ix_shift_member_id (member=?)"}),
    ):
        args = UNASKED | {"limit": 50, "from_": now, "to": now} | given
        asked = Asked.of(args, queries._narrowed(args))
        assert ways(queries.SHOWN.statement("sqlite", STREET, asked), "shift") == expected
