"""Plain time, until the regime room counts working time."""

from datetime import datetime, timedelta
from fractions import Fraction

from server.packs.definition import Amount, Unit


class _Plain:
    def add(self, start: datetime, amount: Amount) -> datetime:
        return (
            start
            + {
                Unit.MINUTE: timedelta(minutes=1),
                Unit.HOUR: timedelta(hours=1),
                Unit.WORK_HOUR: timedelta(hours=1),
                Unit.WORK_DAY: timedelta(days=1),
                Unit.NATURAL_DAY: timedelta(days=1),
            }[amount.unit]
            * amount.number
        )

    def at_share(self, start: datetime, due: datetime, share: Fraction, unit: Unit) -> datetime:
        way = due - start
        return start + way * share.numerator / share.denominator

    def resumed(
        self, due: datetime, suspended: datetime, resumed: datetime, unit: Unit
    ) -> datetime:
        return due + (resumed - suspended)


PLAIN = _Plain()
