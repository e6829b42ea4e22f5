"""The time: what it is now, and when days and months begin. All of it is UTC."""

import datetime as dt
from collections.abc import Callable

Clock = Callable[[], dt.datetime]


def utcnow() -> dt.datetime:
    """Give the time."""
    return dt.datetime.now(dt.UTC)


def day_of(moment: dt.datetime) -> dt.datetime:
    """Give when the day of a moment began."""
    return moment.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(moment: dt.datetime) -> dt.datetime:
    """Give when the month of a moment began."""
    return day_of(moment).replace(day=1)


def next_month(moment: dt.datetime) -> dt.datetime:
    """Give when the month after that of a moment begins."""
    return (month_of(moment) + dt.timedelta(days=31)).replace(day=1)
