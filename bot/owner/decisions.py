"""What the operator can decide in Discord: each decision one value, read and written alike."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.guild_tables import BlockRow, GuildRow, OperatorRow

Kind = Literal["guild", "user"]
REASON_MAX = 300
ANNOUNCEMENT_MAX = 300

_Limit = Annotated[int, msgspec.Meta(ge=0)] | None


class Block(msgspec.Struct, frozen=True, tag="block"):
    """Whether a guild or a user is kept out, and why."""

    kind: Kind
    id: int
    blocked: bool = True
    reason: Annotated[str, msgspec.Meta(max_length=REASON_MAX)] | None = None


class Keys(msgspec.Struct, frozen=True, tag="keys"):
    """Whether a guild may use the operator's keys; None is guilds that join from now on."""

    guild_id: int | None
    allowed: bool


class Allowance(msgspec.Struct, frozen=True, tag="allowance"):
    """What each guild may cost on the operator's keys, in nano-USD; None is no limit."""

    day: _Limit = None
    month: _Limit = None


class Announcement(msgspec.Struct, frozen=True, tag="announcement"):
    """What everybody is told below answers, until a moment (None: until revoked).

    Without a text nothing is told."""

    text: Annotated[str, msgspec.Meta(max_length=ANNOUNCEMENT_MAX)] | None = None
    until: dt.datetime | None = None


Decision = Block | Keys | Allowance | Announcement


async def in_force(session: AsyncSession, about: Decision) -> Decision:
    """Give what holds now in the matter that a decision is about."""
    match about:
        case Block(kind=kind, id=id_):
            block = await session.get(BlockRow, (kind, id_))
            return Block(kind, id_, block is not None, block.reason if block else None)
        case Keys(guild_id=None):
            operator = await _operator(session)
            return Keys(None, operator.new_guilds)
        case Keys(guild_id=guild_id):
            guild = await session.get(GuildRow, guild_id)
            return Keys(guild_id, guild is None or guild.operator_keys)
        case Allowance():
            operator = await _operator(session)
            return Allowance(operator.guild_day_nano_usd, operator.guild_month_nano_usd)
        case Announcement():
            operator = await _operator(session)
            return Announcement(operator.announcement, operator.announced_until)


async def put(session: AsyncSession, decision: Decision, by: int, now: dt.datetime) -> None:
    """Write a decision down."""
    match decision:
        case Block(kind=kind, id=id_, blocked=True, reason=reason):
            row = BlockRow(kind=kind, id=id_, reason=reason, blocked_by=by, blocked_at=now)
            await session.merge(row)
        case Block(kind=kind, id=id_):
            gone = delete(BlockRow).where(BlockRow.kind == kind, BlockRow.id == id_)
            await session.execute(gone)
        case Keys(guild_id=None, allowed=allowed):
            operator = await _operator(session)
            operator.new_guilds = allowed
            session.add(operator)
        case Keys(guild_id=guild_id, allowed=allowed):
            await session.merge(GuildRow(guild_id=guild_id, operator_keys=allowed))
        case Allowance(day=day, month=month):
            operator = await _operator(session)
            operator.guild_day_nano_usd, operator.guild_month_nano_usd = day, month
            session.add(operator)
        case Announcement(text=text, until=until):
            operator = await _operator(session)
            operator.announcement, operator.announced_until = text, until
            session.add(operator)
    await session.flush()


async def blocks(session: AsyncSession) -> tuple[Block, ...]:
    """Give everybody who is kept out, the latest first."""
    rows = await session.scalars(select(BlockRow).order_by(BlockRow.blocked_at.desc()))
    return tuple(
        Block("guild" if row.kind == "guild" else "user", row.id, reason=row.reason) for row in rows
    )


async def _operator(session: AsyncSession) -> OperatorRow:
    """Give the operator's one row; it isn't in the database before the first decision."""
    return await session.get(OperatorRow, 1) or OperatorRow(id=1, new_guilds=True)
