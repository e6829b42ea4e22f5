"""Proofs of sight as they are written down: each request, what it showed, what it cost."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.dialect import write_new
from bot.db.guild_tables import BlindNoticeRow
from bot.db.tables import ProofRow

SEES, BLIND = "sees", "blind"


@dataclass(frozen=True, slots=True)
class Look:
    """One request of a proof. `outcome` is sees, blind, or the state of an error."""

    model_id: str
    origin: str
    fingerprint: str
    transport: str
    outcome: str
    latency_ms: int
    cost_nano_usd: int | None
    guild_id: int | None
    tried_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ProofCosts:
    """What proofs cost. `unpriced` counts requests whose cost nobody knows."""

    requests: int = 0
    cost_nano_usd: int = 0
    unpriced: int = 0


async def load(session: AsyncSession) -> list[Look]:
    """Give every request, oldest first."""
    columns = [getattr(ProofRow, field.name) for field in fields(Look)]
    return [Look(*row) for row in await session.execute(select(*columns).order_by(ProofRow.id))]


async def add(session: AsyncSession, looks: Sequence[Look]) -> None:
    """Write requests down."""
    await session.execute(insert(ProofRow), [asdict(look) for look in looks])


async def costs(session: AsyncSession, guild_id: int | None, since: dt.datetime) -> ProofCosts:
    """Sum up the proofs since a moment that this guild brought about; None means all."""
    row = ProofRow
    query = select(
        func.count(),
        func.coalesce(func.sum(row.cost_nano_usd), 0),
        func.count() - func.count(row.cost_nano_usd),
    ).where(row.tried_at >= since)
    if guild_id is not None:
        query = query.where(row.guild_id == guild_id)
    return ProofCosts(*(await session.execute(query)).one())


async def claim_notice(
    session: AsyncSession, guild_id: int, model_id: str, since: dt.datetime
) -> bool:
    """Tell whether this guild is to be told now that a model is blind; True is given once."""
    key = {"guild_id": guild_id, "model_id": model_id, "since": since}
    return await write_new(session, BlindNoticeRow, key)
