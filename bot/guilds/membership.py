"""Guilds: which of them have the bot since when, and what goes when it is removed from one."""

import datetime as dt
from collections.abc import Collection
from typing import cast

from sqlalchemy import CursorResult, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, utcnow
from bot.db.dialect import insert_new
from bot.db.engine import Database
from bot.db.guild_tables import (
    BlindNoticeRow,
    BudgetNoticeRow,
    GuildKeyRow,
    GuildRow,
    GuildSettingsRow,
    NoticeRow,
    SettingsChangeRow,
)
from bot.db.tables import ProofRow, QuestionRow

KEPT_AFTER_LEAVING = dt.timedelta(days=30)
ERASED_AT_ONCE = 2_000  # questions in one transaction: others wait for it
_GUILDS = cast("Table", GuildRow.__table__)


class Guilds:
    """Writes down joining, leaving and introductions, and erases what a left guild leaves."""

    def __init__(self, db: Database, now: Clock = utcnow) -> None:
        self._db = db
        self._now = now
        self._introduced: frozenset[int] = frozenset()

    async def load(self) -> None:
        """Read into memory which guilds know who receives pictures."""

        async def work(session: AsyncSession) -> frozenset[int]:
            known = select(GuildRow.guild_id).where(GuildRow.introduced_at.is_not(None))
            return frozenset(await session.scalars(known))

        self._introduced = await self._db.read(work)

    async def joined(self, guild_id: int, *, operator_keys: bool) -> None:
        """Write down that a guild has the bot from now on. Who had it before keeps what was set,
        and whether the operator pays."""

        async def work(session: AsyncSession) -> None:
            now = self._now()
            await _add(session, [guild_id], operator_keys=operator_keys)
            await session.execute(
                update(GuildRow)
                .where(GuildRow.guild_id == guild_id)
                .values(joined_at=now, left_at=None)
            )

        await self._db.transact(work)

    async def left(self, guild_id: int) -> None:
        """Erase a guild's keys, and have the rest erased in 30 days."""

        async def work(session: AsyncSession) -> None:
            await _add(session, [guild_id], operator_keys=True)
            await _leave(session, [guild_id], self._now())

        await self._db.transact(work)

    async def compare(self, present: Collection[int], *, operator_keys: bool) -> frozenset[int]:
        """Catch up with the guilds that Discord lists; gives those that were left meanwhile.

        The list must be whole: a guild in an outage is on it, one that removed the bot isn't."""

        async def work(session: AsyncSession) -> frozenset[int]:
            rows = await session.execute(select(GuildRow.guild_id, GuildRow.left_at))
            known: dict[int, dt.datetime | None] = {row.guild_id: row.left_at for row in rows}
            came_back = [one for one in present if known.get(one) is not None]
            had = {one for one, left_at in known.items() if left_at is None}
            had |= await _traces(session) - known.keys()
            gone = frozenset(had - set(present))
            new = (set(present) | gone) - known.keys()
            await _add(session, sorted(new), operator_keys=operator_keys)
            await session.execute(
                update(GuildRow).where(GuildRow.guild_id.in_(came_back)).values(left_at=None)
            )
            await _leave(session, gone, self._now())
            return gone

        return await self._db.transact(work)

    def is_introduced(self, guild_id: int) -> bool:
        """Tell whether a channel there was told who receives pictures."""
        return guild_id in self._introduced

    async def claim_introduction(self, guild_id: int) -> bool:
        """Tell whether a channel there is to be told now; True is given once."""

        async def work(session: AsyncSession) -> bool:
            await _add(session, [guild_id], operator_keys=True)
            claimed = await session.execute(
                update(GuildRow)
                .where(GuildRow.guild_id == guild_id, GuildRow.introduced_at.is_(None))
                .values(introduced_at=self._now())
            )
            return bool(cast("CursorResult[tuple[()]]", claimed).rowcount)

        def remember(_claimed: bool) -> None:
            self._introduced |= {guild_id}

        return await self._db.transact(work, then=remember)

    async def release_introduction(self, guild_id: int) -> None:
        """Take the claim back: nobody could be told."""

        async def work(session: AsyncSession) -> None:
            await session.execute(
                update(GuildRow).where(GuildRow.guild_id == guild_id).values(introduced_at=None)
            )

        def forget(_none: None) -> None:
            self._introduced -= {guild_id}

        await self._db.transact(work, then=forget)

    async def erase_left(self) -> bool:
        """Erase everything of guilds that were left 30 days ago; gives whether there were any.

        What is in memory of their settings has to be read anew then."""
        gone = await self._db.read(self._due)
        for guild_id in gone:
            while await self._db.transact(lambda session, one=guild_id: self._erase(session, one)):
                pass
            self._introduced -= {guild_id}
        return bool(gone)

    async def _due(self, session: AsyncSession) -> list[int]:
        due = GuildRow.left_at <= self._now() - KEPT_AFTER_LEAVING
        return list(await session.scalars(select(GuildRow.guild_id).where(due)))

    async def _erase(self, session: AsyncSession, guild_id: int) -> bool:
        """Erase some of a guild's questions, or else all the rest; gives whether more is there."""
        if guild_id not in await self._due(session):  # it came back meanwhile
            return False
        some = select(QuestionRow.id).where(QuestionRow.guild_id == guild_id).limit(ERASED_AT_ONCE)
        erased = await session.execute(delete(QuestionRow).where(QuestionRow.id.in_(some)))
        if cast("CursorResult[tuple[()]]", erased).rowcount:
            return True
        for row in (
            GuildKeyRow,
            SettingsChangeRow,
            NoticeRow,
            BlindNoticeRow,
            BudgetNoticeRow,
            GuildSettingsRow,
            GuildRow,
        ):
            await session.execute(delete(row).where(row.guild_id == guild_id))
        await session.execute(
            update(ProofRow).where(ProofRow.guild_id == guild_id).values(guild_id=None)
        )
        return False


async def _traces(session: AsyncSession) -> set[int]:
    """Give guilds of which something is written down, though perhaps not when they joined."""
    asked = select(QuestionRow.guild_id).where(QuestionRow.guild_id.is_not(None))
    found = await session.scalars(asked.union(select(GuildSettingsRow.guild_id)))
    return {guild_id for guild_id in found if guild_id is not None}


async def _add(session: AsyncSession, guild_ids: list[int], *, operator_keys: bool) -> None:
    rows = [{"guild_id": one, "operator_keys": operator_keys} for one in guild_ids]
    if rows:
        await session.execute(insert_new(session, _GUILDS, "guild_id"), rows)


async def _leave(session: AsyncSession, guild_ids: Collection[int], now: dt.datetime) -> None:
    keys = delete(GuildKeyRow).where(GuildKeyRow.guild_id.in_(guild_ids))
    await session.execute(keys)
    await session.execute(
        update(GuildRow).where(GuildRow.guild_id.in_(guild_ids)).values(left_at=now)
    )
