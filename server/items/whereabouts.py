"""Where an item was captured: WGS-84, the area that contains it, and whether that is one's own."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from server.grid import queries as grid
from server.grid.locate import Locator, locator
from server.grid.locate import Place as Drawn
from server.kernel.geo import to_wgs84


@dataclass(frozen=True, slots=True)
class Place:
    """lat, lon in WGS-84 degrees or None; `outside` if no area of the member contains them."""

    lat: float | None
    lon: float | None
    area: str | None
    outside: bool


class Whereabouts:
    """A member's own areas on a day; what is not asked for is not read."""

    def __init__(self, session: Session, member: str, day: date) -> None:
        self._session, self._member, self._day = session, member, day

    @cached_property
    def _home(self) -> str | None:
        return grid.home_area(self._session, self._member, self._day)

    @cached_property
    def _own(self) -> list[Drawn]:
        areas = grid.post_areas(self._session, self._member, self._day)
        return self._locator.drawn(areas)

    @cached_property
    def _locator(self) -> Locator:
        return locator(self._session, self._day)

    def of(self, loc: dict[str, Any] | None) -> Place:
        """The place of a `loc`; without one, the member's home area."""
        if loc is None:
            return Place(None, None, self._home, False)
        lat, lon = to_wgs84(loc["lat"], loc["lon"], loc.get("datum", "wgs84"))
        area, is_own = self._locator.locate(lat, lon, self._own)
        # Whose areas are not drawn is never outside of them.
        return Place(lat, lon, area or self._home, bool(self._own) and not is_own)
