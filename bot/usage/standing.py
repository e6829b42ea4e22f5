"""What is asked and spent so far, by a guild and by one of its members."""

import datetime as dt
from dataclasses import dataclass
from itertools import product

from sqlalchemy.ext.asyncio import AsyncSession

from bot.choices import Budget
from bot.db import quota
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.people import mark_of
from bot.policy.types import Limit, Scope, Used, Window
from bot.usage.forecast import Forecast, forecast_of

_SCOPES = (Scope.GUILD, Scope.MEMBER, Scope.OPERATOR)
_COUNTED = (Window.MINUTE, Window.DAY)
_SPENT = (Window.DAY, Window.MONTH)


@dataclass(frozen=True, slots=True)
class Sums:
    """Questions of the last minute and of today (UTC), nano-USD of today and this month.

    They count as in limits and budgets: an open question for the most that it can cost."""

    minute: int
    today: int
    today_nano: int
    month_nano: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a guild stands, and who asks about it; `operator` is what the operator's keys paid."""

    guild: Sums
    member: Sums
    operator: Sums
    forecast: Forecast
    day_resets_at: dt.datetime
    month_resets_at: dt.datetime


async def standing(
    db: Database, box: SecretBox, guild_id: int, user_id: int, budget: Budget, now: dt.datetime
) -> Standing:
    """Give what this guild and this member have used, and how long the budget lasts."""
    asked = [Limit(scope, window, 0) for scope, window in product(_SCOPES, _COUNTED)]
    spent = [Limit(scope, window, 0, money=True) for scope, window in product(_SCOPES, _SPENT)]

    async def work(session: AsyncSession) -> dict[Limit, Used]:
        whose = (user_id, mark_of(box, user_id, now))
        return await quota.used(
            session, [*asked, *spent], guild_id=guild_id, user_ids=whose, now=now
        )

    used = await db.read(work)
    day, month = (Limit(Scope.GUILD, window, 0, money=True) for window in _SPENT)
    guild, member, operator = (_sums(scope, used) for scope in _SCOPES)
    return Standing(
        guild=guild,
        member=member,
        operator=operator,
        forecast=await forecast_of(db, guild_id, budget, now),
        day_resets_at=day.resets_at(now),
        month_resets_at=month.resets_at(now),
    )


def _sums(scope: Scope, used: dict[Limit, Used]) -> Sums:
    counted = (used[Limit(scope, window, 0)].amount for window in _COUNTED)
    spent = (used[Limit(scope, window, 0, money=True)].amount for window in _SPENT)
    return Sums(*counted, *spent)
