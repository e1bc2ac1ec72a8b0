"""What the installed library knows of working days in China (国务院办公厅节假日安排).

It raises for years whose arrangement it has not; those are usually made known each November.
"""

from datetime import date

import chinese_calendar


def workday(day: date) -> bool | None:
    """Whether the day is worked, make-up days (调休) included; None where nothing is known."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def name(day: date) -> str:
    """The Chinese name of the holiday that the day belongs to, by rest or by make-up work."""
    try:
        _, english = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return ""
    return str(chinese_calendar.Holiday(english).chinese) if english else ""


def first_year() -> int:
    """The first year that is known."""
    return int(min(chinese_calendar.holidays).year)
