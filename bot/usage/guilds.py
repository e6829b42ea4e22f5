"""What every guild asked and paid, for whoever runs the bot: one query for all."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database
from bot.db.guild_tables import GuildKeyRow, GuildRow, GuildSettingsRow
from bot.db.tables import QuestionRow, reached_a_model


@dataclass(frozen=True, slots=True)
class GuildSums:
    """What a guild asked in a span of time; None is direct messages and user installs.

    Refused questions aren't in it. `unpriced` counts questions whose cost nobody knows."""

    guild_id: int | None
    questions: int = 0
    operator_nano_usd: int = 0
    """Paid by the operator's keys."""
    own_nano_usd: int = 0
    """Paid by the guild's own keys or endpoint."""
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class GuildStanding:
    """What is written down about a guild. `own` tells whether it has keys or an endpoint."""

    guild_id: int
    joined_at: dt.datetime | None = None
    left_at: dt.datetime | None = None
    own: bool = False


async def guild_sums(db: Database, *, since: dt.datetime) -> tuple[GuildSums, ...]:
    """Sum up the questions since a moment by guild, the dearest for the operator first."""
    row = QuestionRow
    cost = func.coalesce(row.cost_nano_usd, 0)
    unpriced = and_(row.finished_at.is_not(None), row.cost_nano_usd.is_(None))
    query = (
        select(
            row.guild_id,
            func.count(),
            func.sum(case((row.own_key, 0), else_=cost)),
            func.sum(case((row.own_key, cost), else_=0)),
            func.sum(case((unpriced, 1), else_=0)),
        )
        .where(row.created_at >= since, reached_a_model())
        .group_by(row.guild_id)
    )

    async def work(session: AsyncSession) -> list[GuildSums]:
        found = await session.execute(query)
        return [GuildSums(guild_id, *(int(n) for n in sums)) for guild_id, *sums in found]

    return tuple(sorted(await db.read(work), key=_dearest))


async def guild_standings(db: Database) -> tuple[GuildStanding, ...]:
    """Give every guild that something is written down about."""
    keys = select(GuildKeyRow.guild_id).distinct()
    endpoints = select(GuildSettingsRow.guild_id).where(GuildSettingsRow.endpoint.is_not(None))

    async def work(session: AsyncSession) -> tuple[GuildStanding, ...]:
        own = {*await session.scalars(keys), *await session.scalars(endpoints)}
        rows = {row.guild_id: row for row in await session.scalars(select(GuildRow))}
        return tuple(
            GuildStanding(guild_id, row and row.joined_at, row and row.left_at, guild_id in own)
            for guild_id, row in (dict.fromkeys(own) | rows).items()
        )

    return await db.read(work)


def _dearest(sums: GuildSums) -> tuple[int, int, int, int]:
    return (-sums.operator_nano_usd, -sums.own_nano_usd, -sums.questions, sums.guild_id or 0)
