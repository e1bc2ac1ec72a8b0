"""Local days and times of a zone as instants in UTC. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def instant(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant of a local time; where the clock is put back, the first of the two.

    A time that is left out when the clock is put forward comes so much later.
    """
    return datetime.combine(day, at, tz).astimezone(UTC)


def midnight(day: date, tz: ZoneInfo) -> datetime:
    """The instant at which `day` begins, which is 24:00 of the day before."""
    return instant(day, time(), tz)


def exists(day: date, tz: ZoneInfo) -> bool:
    """False for a day that a zone left out, as Samoa did on 2011-12-30."""
    return midnight(day, tz) < midnight(day + DAY, tz)


def day_ending_at(at: datetime, tz: ZoneInfo) -> date:
    """The local day of `at`; midnight sharp is 24:00 of the day that it ends."""
    day = at.astimezone(tz).date()
    if at <= midnight(day, tz):
        return day - DAY
    # A clock put back over midnight shows a day again that is over.
    return day + DAY if at > midnight(day + DAY, tz) else day
