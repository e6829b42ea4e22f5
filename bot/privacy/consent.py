"""OptOuts: whose pictures no question sends. Kept in memory; the database knows it first."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, utcnow
from bot.db.dialect import write_new
from bot.db.engine import Database
from bot.db.guild_tables import OptOutRow


class OptOuts:
    """Who doesn't want their pictures sent to any model."""

    def __init__(self, db: Database, now: Clock = utcnow) -> None:
        self._db = db
        self._now = now
        self._users: frozenset[int] = frozenset()

    def __contains__(self, user_id: int | None) -> bool:
        return user_id in self._users

    def __bool__(self) -> bool:
        return bool(self._users)

    async def load(self) -> None:
        """Read everybody who opted out into memory."""

        async def work(session: AsyncSession) -> frozenset[int]:
            return frozenset(await session.scalars(select(OptOutRow.user_id)))

        self._users = await self._db.read(work)

    async def add(self, user_id: int) -> None:
        """Have no question send this person's pictures from now on."""

        async def work(session: AsyncSession) -> None:
            await write_new(session, OptOutRow, {"user_id": user_id}, since=self._now())

        await self._db.transact(work, then=lambda _none: self._put(self._users | {user_id}))

    async def remove(self, user_id: int) -> None:
        """Let questions send this person's pictures again."""

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(OptOutRow).where(OptOutRow.user_id == user_id))

        await self._db.transact(work, then=lambda _none: self._put(self._users - {user_id}))

    def _put(self, users: frozenset[int]) -> None:
        self._users = users
