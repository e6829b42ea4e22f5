"""What a guild is told once: claimed before it is said, and given back when it couldn't be."""

from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, utcnow
from bot.db.base import Base
from bot.db.dialect import write_new
from bot.db.engine import Database


class Once:
    """Remembers in one table what was told; a key names it by the table's key columns."""

    def __init__(self, db: Database, row: type[Base], now: Clock = utcnow) -> None:
        self._db = db
        self._row = row
        self._now = now

    async def claim(self, key: dict[str, Any]) -> bool:
        """Tell whether it is to be told now; True is given once."""

        async def work(session: AsyncSession) -> bool:
            return await write_new(session, self._row, key, told_at=self._now())

        return await self._db.transact(work)

    async def release(self, key: dict[str, Any]) -> None:
        """Take a claim back: nobody could be told."""

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(self._row).filter_by(**key))

        await self._db.transact(work)
