"""OwnerBook: what the operator decided in Discord: blocks, who pays, budgets, announcements."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.choices import Budget
from bot.clock import Clock, utcnow
from bot.db.dialect import alone
from bot.db.engine import Database
from bot.db.guild_tables import BlockRow, GuildRow, OperatorRow, SettingsChangeRow
from bot.owner import decisions
from bot.owner.decisions import Announcement, Block, Decision

# Among the changes of settings the operator's stand under a guild that can't be.
_NO_GUILD, _KIND = 0, "operator"


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the operator decided, as it is in force."""

    blocked_guilds: frozenset[int] = frozenset()
    blocked_users: frozenset[int] = frozenset()
    paying_for_none: frozenset[int] = frozenset()
    """Guilds that may not use the operator's keys."""
    new_guilds: bool = True
    budget: Budget = field(default_factory=Budget)
    """Day and month of each guild, counted where the operator's keys pay."""
    announcement: Announcement | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision of the operator's: what held before and what holds now.

    `id` is None where both are the same, so that there is nothing to undo."""

    id: int | None
    before: Decision
    after: Decision


class OwnerBook:
    """The operator's rules. Reading is from memory, a change is in the database first."""

    def __init__(self, db: Database, now: Clock = utcnow) -> None:
        self._db = db
        self._now = now
        self._rules = Rules()

    @property
    def rules(self) -> Rules:
        """What is in force."""
        return self._rules

    def pays_for(self, guild_id: int | None) -> bool:
        """Tell whether the operator's keys may be used there; outside guilds they may."""
        return guild_id not in self._rules.paying_for_none

    def announcement(self) -> str | None:
        """Give what everybody is to be told now."""
        told = self._rules.announcement
        if told is None or (told.until is not None and told.until <= self._now()):
            return None
        return told.text

    async def load(self) -> None:
        """Read everything into memory."""
        await self._db.transact(_rules, then=self._take)

    async def blocks(self) -> tuple[Block, ...]:
        """Give everybody who is kept out and why, the latest first."""
        return await self._db.read(decisions.blocks)

    async def decide(self, decision: Decision, by: int) -> Decided:
        """Put a decision in force at once; `by` is who took it."""

        async def work(session: AsyncSession) -> tuple[Decided, Rules]:
            await alone(session, _NO_GUILD)
            before = await decisions.in_force(session, decision)
            decided = await self._write(session, before, decision, by)
            return decided, await _rules(session)

        decided, _now = await self._db.transact(work, then=lambda result: self._take(result[1]))
        return decided

    async def undo(self, decided_id: int, by: int) -> Decided | None:
        """Put back what held before a decision; None when it no longer holds."""

        async def work(session: AsyncSession) -> tuple[Decided | None, Rules]:
            await alone(session, _NO_GUILD)
            row = await session.get(SettingsChangeRow, decided_id)
            undone = None
            if row is not None and (row.guild_id, row.kind) == (_NO_GUILD, _KIND):
                undone = await self._put_back(session, row, by)
            return undone, await _rules(session)

        undone, _now = await self._db.transact(work, then=lambda result: self._take(result[1]))
        return undone

    async def _put_back(
        self, session: AsyncSession, row: SettingsChangeRow, by: int
    ) -> Decided | None:
        before, after = _read(row.before), _read(row.after)
        if await decisions.in_force(session, after) != after:
            return None
        return await self._write(session, after, before, by)

    async def _write(
        self, session: AsyncSession, before: Decision, after: Decision, by: int
    ) -> Decided:
        if before == after:
            return Decided(None, before, after)
        now = self._now()
        await decisions.put(session, after, by, now)
        change_id = await session.scalar(
            insert(SettingsChangeRow)
            .values(
                guild_id=_NO_GUILD,
                user_id=by,
                kind=_KIND,
                before=msgspec.to_builtins(before),
                after=msgspec.to_builtins(after),
                created_at=now,
            )
            .returning(SettingsChangeRow.id)
        )
        return Decided(change_id, before, after)

    def _take(self, rules: Rules) -> None:
        self._rules = rules


def _read(stored: dict[str, Any]) -> Decision:
    return msgspec.convert(stored, Decision)


async def _rules(session: AsyncSession) -> Rules:
    blocked = list(await session.execute(select(BlockRow.kind, BlockRow.id)))
    unpaid = select(GuildRow.guild_id).where(GuildRow.operator_keys.is_(False))
    row = await session.get(OperatorRow, 1)
    return Rules(
        blocked_guilds=frozenset(id_ for kind, id_ in blocked if kind == "guild"),
        blocked_users=frozenset(id_ for kind, id_ in blocked if kind == "user"),
        paying_for_none=frozenset(await session.scalars(unpaid)),
        new_guilds=row is None or row.new_guilds,
        budget=Budget(day=row.guild_day_nano_usd, month=row.guild_month_nano_usd)
        if row
        else Budget(),
        announcement=Announcement(row.announcement, row.announced_until)
        if row and row.announcement
        else None,
    )
