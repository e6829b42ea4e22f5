"""Telling a guild how far its budget is used: once for each day or month and level."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.dialect import write_new
from bot.db.engine import Database
from bot.db.guild_tables import BudgetNoticeRow

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

    def __init__(
        self, db: Database, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
        self._db = db
        self._now = now

    async def claim(self, event: BudgetEvent) -> bool:
        """Tell whether the guild is to be told now; True is given once."""
        key = {"guild_id": event.guild_id, "period": event.name, "level": event.level}

        async def work(session: AsyncSession) -> bool:
            return await write_new(session, BudgetNoticeRow, key, told_at=self._now())

        return await self._db.transact(work)

    async def release(self, event: BudgetEvent) -> None:
        """Take a claim back: nobody could be told."""
        row = BudgetNoticeRow
        gone = delete(row).where(
            row.guild_id == event.guild_id, row.period == event.name, row.level == event.level
        )

        async def work(session: AsyncSession) -> None:
            await session.execute(gone)

        await self._db.transact(work)
