"""The spans of time that /usage looks at."""

import datetime as dt
from typing import Literal

from bot.clock import day_of
from bot.i18n import N_, _

Days = Literal["today", "7", "30"]
PERIOD = N_("Today, or the last 7 or 30 days")


def start_of(days: Days, now: dt.datetime) -> dt.datetime:
    """Give the midnight (UTC) at which the period begins; today counts as one of the days."""
    earlier = 0 if days == "today" else int(days) - 1
    return day_of(now) - dt.timedelta(days=earlier)


def period(days: Days) -> str:
    """Name the period inside a sentence."""
    return _("today") if days == "today" else _("the last {days} days").format(days=days)
