"""The spans of time that /usage looks at."""

import datetime as dt
from typing import Literal

from bot.i18n import N_, _

Days = Literal["today", "7", "30"]
PERIOD = N_("Today, or the last 7 or 30 days")


def start_of(days: Days, now: dt.datetime) -> dt.datetime:
    """Give the midnight (UTC) at which the period begins; today counts as one of the days."""
    earlier = 0 if days == "today" else int(days) - 1
    midnight = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - dt.timedelta(days=earlier)


def period(days: Days) -> str:
    """Name the period inside a sentence."""
    return _("today") if days == "today" else _("the last {days} days").format(days=days)
