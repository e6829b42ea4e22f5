"""OwnerBook: what the operator decided in Discord: blocks, who pays, the default budget."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.choices import Budget
from bot.db.engine import Database
from bot.db.guild_tables import BlockRow, GuildRow, OperatorRow


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the operator has everybody told below answers, until a moment (None: until revoked)."""

    text: str
    until: dt.datetime | None


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


class OwnerBook:
    """The operator's rules. Reading is from memory, a change is in the database first."""

    def __init__(
        self, db: Database, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
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
        self._rules = await self._db.read(_rules)


async def _rules(session: AsyncSession) -> Rules:
    blocks = list(await session.execute(select(BlockRow.kind, BlockRow.id)))
    unpaid = select(GuildRow.guild_id).where(GuildRow.operator_keys.is_(False))
    row = await session.get(OperatorRow, 1)
    return Rules(
        blocked_guilds=frozenset(id_ for kind, id_ in blocks if kind == "guild"),
        blocked_users=frozenset(id_ for kind, id_ in blocks if kind == "user"),
        paying_for_none=frozenset(await session.scalars(unpaid)),
        new_guilds=row is None or row.new_guilds,
        budget=Budget(day=row.guild_day_nano_usd, month=row.guild_month_nano_usd)
        if row
        else Budget(),
        announcement=Announcement(row.announcement, row.announced_until)
        if row and row.announcement
        else None,
    )
