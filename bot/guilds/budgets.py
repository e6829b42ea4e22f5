"""Telling a guild how far its budget is used: once for each day or month and level."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from bot.clock import Clock, utcnow
from bot.db.engine import Database
from bot.db.guild_tables import BudgetNoticeRow
from bot.guilds.once import Once

Period = Literal["day", "month"]
Level = Literal["share", "full"]


@dataclass(frozen=True, slots=True)
class BudgetEvent:
    """That a question met a guild's budget for a UTC day or month. Amounts in nano-USD.

    At `share` so much is used that `cheaper` answers from now on, where one is chosen; at `full`
    the question was refused: what is left doesn't cover the most that it could cost."""

    guild_id: int
    period: Period
    level: Level
    spent_nano: int
    limit_nano: int
    resets_at: dt.datetime
    cheaper: str | None = None

    @property
    def name(self) -> str:
        """Name the day or month: `2026-11-22`, `2026-11`."""
        last = self.resets_at.astimezone(dt.UTC) - dt.timedelta(days=1)
        return last.strftime("%Y-%m-%d" if self.period == "day" else "%Y-%m")


class BudgetNotices:
    """Remembers which guild was told of which level in which day or month."""

    def __init__(self, db: Database, now: Clock = utcnow) -> None:
        self._once = Once(db, BudgetNoticeRow, now)

    async def claim(self, event: BudgetEvent) -> bool:
        """Tell whether the guild is to be told now; True is given once."""
        return await self._once.claim(_key(event))

    async def release(self, event: BudgetEvent) -> None:
        """Take a claim back: nobody could be told."""
        await self._once.release(_key(event))


def _key(event: BudgetEvent) -> dict[str, Any]:
    return {"guild_id": event.guild_id, "period": event.name, "level": event.level}
