"""A street under rule packs; packs are written as short as they may be."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from server.grid.models import AreaStamp
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.regime import service
from server.regime.models import PackTerm
from tests import factories
from tests.factories import Street

DAY = date(2026, 11, 26)
Hold = Callable[..., PackTerm]


def text(
    id_: str = "river", version: int = 1, hours: str = "08:30-12:00, 14:00-17:30", more: str = ""
) -> str:
    """A pack with a limit of 3 working days."""
    return f"""pack: {{id: {id_}, version: {version}, name: 河道巡查}}
calendar: {{hours: [{hours}]}}
deadlines: {{default: {{limit: [3, work_day], yellow_at: 0.7}}}}
local_choices: {{deadlines: 测试}}
{more}"""


@pytest.fixture
def street(app: Flask) -> Street:
    """A street whose areas were made as areas are made: with a stamp."""
    made = factories.street()
    with writing() as session:
        session.add(AreaStamp(id=1, stamp=uuid7()))
    return made


@pytest.fixture
def hold(street: Street) -> Hold:
    """Let a pack hold from a day on; (id, version, from_day, area, today)."""

    def act(
        id_: str = "river",
        version: int = 1,
        from_day: date = DAY,
        area: str | None = None,
        today: date = DAY,
    ) -> PackTerm:
        wanted = service.Installation(text(id_, version), from_day, area, past=True)
        with writing() as session:
            return service.install(session, street.admin, today, wanted)

    return act
