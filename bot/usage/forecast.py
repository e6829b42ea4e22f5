"""How far a budget is used, and until when it lasts at the pace of the last seven days."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.choices import Budget
from bot.clock import day_of, month_of, next_month
from bot.db.dialect import utc_day
from bot.db.engine import Database
from bot.db.tables import QuestionRow

_DAY = dt.timedelta(days=1)
_PACE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far one budget is used in a period that ends at `resets_at`; money in nano-USD.

    `runs_out_at` is when it is used up at the present pace, None where it lasts until then; now
    or earlier means that nothing is left."""

    budget: int
    spent: int
    resets_at: dt.datetime
    runs_out_at: dt.datetime | None

    @property
    def percent(self) -> int:
        """How much of it is used, in whole percent; only what is used up has 100 or more."""
        return 100 * self.spent // self.budget if self.budget else 100

    @property
    def used_up(self) -> bool:
        """Whether nothing is left."""
        return self.spent >= self.budget


@dataclass(frozen=True, slots=True)
class Forecast:
    """How a guild's budgets stand, None where there is none; `pace` is nano-USD a day."""

    pace: int
    day: Outlook | None
    month: Outlook | None


async def forecast_of(db: Database, guild_id: int, budget: Budget, now: dt.datetime) -> Forecast:
    """Give how this guild's budgets stand; reads nothing where it has none."""
    if budget.day is None and budget.month is None:
        return Forecast(0, None, None)
    since = min(month_of(now), day_of(now) - (_PACE_DAYS - 1) * _DAY)

    async def work(session: AsyncSession) -> dict[dt.date, int]:
        row = QuestionRow
        spent = func.sum(func.coalesce(row.cost_nano_usd, row.reserved_nano_usd))
        day = utc_day(row.created_at)
        query = select(day, spent).where(row.guild_id == guild_id, row.created_at >= since)
        found = await session.execute(query.group_by(day))
        return {dt.date.fromisoformat(when): int(nano) for when, nano in found}

    return forecast(await db.read(work), budget, now)


def forecast(spent_by_day: Mapping[dt.date, int], budget: Budget, now: dt.datetime) -> Forecast:
    """Project what was spent on each UTC day (nano-USD) until the budgets start again."""
    today = day_of(now)
    month = month_of(now)
    pace = _pace(spent_by_day, now)
    monthly = sum(nano for when, nano in spent_by_day.items() if when >= month.date())
    return Forecast(
        pace,
        _outlook(budget.day, spent_by_day.get(today.date(), 0), pace, now, today + _DAY),
        _outlook(budget.month, monthly, pace, now, next_month(now)),
    )


def _outlook(
    budget: int | None, spent: int, pace: int, now: dt.datetime, resets_at: dt.datetime
) -> Outlook | None:
    if budget is None:
        return None
    left = max(0, budget - spent)
    # Compared before it is a moment: at a slow pace it would lie beyond the calendar's end.
    lasts = left and left >= pace * ((resets_at - now) / _DAY)
    return Outlook(budget, spent, resets_at, None if lasts else now + _DAY * (left / max(pace, 1)))


def _pace(spent_by_day: Mapping[dt.date, int], now: dt.datetime) -> int:
    """Give nano-USD a day over the last seven; a guild that began within them counts from then."""
    first = day_of(now).date() - (_PACE_DAYS - 1) * _DAY
    recent = {when: nano for when, nano in spent_by_day.items() if when >= first and nano}
    if not recent:
        return 0
    began = dt.datetime.combine(min(recent), dt.time(), dt.UTC)
    # A whole day at least: the first minutes of a first day tell little.
    return round(sum(recent.values()) / max(1.0, (now - began) / _DAY))
