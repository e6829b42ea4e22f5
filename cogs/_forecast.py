"""How far a guild's budgets are used and how long they last, in words."""

import datetime as dt
from collections.abc import Awaitable, Callable

from bot.choices import Budget
from bot.i18n import _
from bot.money import dollars, rounded
from bot.usage.forecast import Forecast, Outlook

ForecastOf = Callable[[int, Budget, dt.datetime], Awaitable[Forecast]]
"""`bot.usage.forecast.forecast_of` with its database bound."""


def forecast_lines(forecast: Forecast) -> list[str]:
    """Give a line for each budget that the guild has; none where it has none."""
    lines: list[str] = []
    if forecast.day is not None:
        used = _("Budget of today: {spent} of {budget} ({percent} %).")
        lasts = _("At the pace of the last 7 days it lasts to the end of the day.")
        lines.append(_line(used, lasts, forecast.day))
    if forecast.month is not None:
        used = _("Budget of this month: {spent} of {budget} ({percent} %).")
        lasts = _("At the pace of the last 7 days it lasts to the end of the month.")
        lines.append(_line(used, lasts, forecast.month))
    return lines


def _line(used: str, lasts: str, outlook: Outlook) -> str:
    spent, budget = rounded(outlook.spent), dollars(outlook.budget)
    stands = used.format(spent=spent, budget=budget, percent=outlook.percent)
    return f"{stands} {_end(lasts, outlook)}"


def _end(lasts: str, outlook: Outlook) -> str:
    if outlook.used_up:
        resets = int(outlook.resets_at.timestamp())
        return _("It is used up and starts again <t:{resets}:R>.").format(resets=resets)
    if outlook.runs_out_at is None:
        return lasts
    ends = int(outlook.runs_out_at.timestamp())
    return _("At the pace of the last 7 days it runs out on <t:{ends}:f>.").format(ends=ends)
