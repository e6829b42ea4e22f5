"""Keyring: guilds' own keys, sealed where they lie, each for the one origin it was entered for."""

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Insert, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalog.types import OWN
from bot.clock import Clock, utcnow
from bot.db.dialect import alone
from bot.db.engine import Database
from bot.db.guild_tables import GuildKeyRow, GuildRow, SettingsChangeRow
from bot.db.keys import SecretBox
from bot.errors import Refused
from bot.i18n import _

log = logging.getLogger(__name__)

SHOWN_FROM = 12  # characters; of a shorter key the last four would tell too much


@dataclass(frozen=True, slots=True)
class GuildKey:
    """A guild's key for a provider. `origin` is the `scheme://host:port` that may get it."""

    provider: str
    origin: str
    last_four: str
    set_at: dt.datetime
    key: str = field(repr=False)


class Keyring:
    """Every guild's own keys. Reading is from memory, a change is in the database first."""

    def __init__(
        self,
        db: Database,
        box: SecretBox,
        now: Clock = utcnow,
    ) -> None:
        self._db = db
        self._box = box
        self._now = now
        self._keys: dict[int, Mapping[str, GuildKey]] = {}

    async def load(self) -> None:
        """Read every key into memory; what doesn't open counts as not there."""

        async def work(session: AsyncSession) -> list[GuildKeyRow]:
            return list(await session.scalars(select(GuildKeyRow)))

        self._keys = {}
        for row in await self._db.read(work):
            if key := self._opened(row):
                self._remember(row.guild_id, key)

    def of(self, guild_id: int | None) -> Mapping[str, GuildKey]:
        """Give a guild's keys by provider id: the same object until one of them changes."""
        return self._keys.get(guild_id, _NONE) if guild_id is not None else _NONE

    async def put(
        self, guild_id: int, user_id: int, provider_id: str, origin: str, key: str
    ) -> GuildKey:
        """Seal a key for a provider at this origin, in place of the one before it."""
        last_four = key[-4:] if len(key) >= SHOWN_FROM else ""
        put = GuildKey(provider_id, origin, last_four, self._now(), key)
        row = GuildKeyRow(
            guild_id=guild_id,
            provider=provider_id,
            origin=origin,
            key=self._box.seal(key, bound_to=_place(guild_id, provider_id, origin)),
            last_four=last_four,
            set_by=user_id,
            set_at=put.set_at,
        )

        async def work(session: AsyncSession) -> None:
            await alone(session, guild_id)
            if await _was_left(session, guild_id):
                raise Refused(_("I was removed from this server, so the key was not kept."))
            before = await session.get(GuildKeyRow, (guild_id, provider_id))
            change = _change(guild_id, user_id, put.set_at, _shown(before), _shown(put))
            await session.execute(change)
            await session.merge(row)

        await self._db.transact(work, then=lambda _none: self._remember(guild_id, put))
        return put

    async def remove(self, guild_id: int, user_id: int, provider_id: str) -> bool:
        """Erase a key; tells whether there was one."""

        async def work(session: AsyncSession) -> bool:
            await alone(session, guild_id)
            return await erase(session, guild_id, user_id, provider_id, self._now()) is not None

        return await self._db.transact(work, then=lambda _gone: self.drop(guild_id, provider_id))

    def drop(self, guild_id: int, provider_id: str | None = None) -> None:
        """Forget a key, or all of a guild's, that is erased from the database already."""
        keys = self._keys.get(guild_id, _NONE)
        kept = {name: key for name, key in keys.items() if provider_id and name != provider_id}
        self._keys[guild_id] = kept
        if not kept:
            del self._keys[guild_id]

    def _remember(self, guild_id: int, key: GuildKey) -> None:
        self._keys[guild_id] = {**self.of(guild_id), key.provider: key}

    def _opened(self, row: GuildKeyRow) -> GuildKey | None:
        key = self._box.open(row.key, bound_to=_place(row.guild_id, row.provider, row.origin))
        if key is None:
            log.warning("the key of guild %d for %s can't be read", row.guild_id, row.provider)
            return None
        return GuildKey(row.provider, row.origin, row.last_four, row.set_at, key)


_NONE: Mapping[str, GuildKey] = {}


async def erase(
    session: AsyncSession, guild_id: int, user_id: int, provider_id: str, now: dt.datetime
) -> GuildKeyRow | None:
    """Erase a guild's key for a provider and write that down; gives what was erased."""
    row = await session.get(GuildKeyRow, (guild_id, provider_id))
    if row is not None:
        await session.execute(_change(guild_id, user_id, now, _shown(row), {}))
        await session.execute(
            delete(GuildKeyRow).where(
                GuildKeyRow.guild_id == guild_id, GuildKeyRow.provider == provider_id
            )
        )
    return row


async def erase_strayed(
    session: AsyncSession, guild_id: int, user_id: int, origin: str | None, now: dt.datetime
) -> bool:
    """Erase the own endpoint's key unless that endpoint is still at the key's origin."""
    row = await session.get(GuildKeyRow, (guild_id, OWN))
    if row is None or row.origin == origin:
        return False
    return await erase(session, guild_id, user_id, OWN, now) is not None


async def _was_left(session: AsyncSession, guild_id: int) -> bool:
    left = select(GuildRow.left_at).where(GuildRow.guild_id == guild_id)
    return await session.scalar(left) is not None


def _place(guild_id: int, provider_id: str, origin: str) -> str:
    return f"guild_keys.key:{guild_id}:{provider_id}:{origin}"


def _shown(key: GuildKey | GuildKeyRow | None) -> dict[str, str]:
    return {} if key is None else {"provider": key.provider, "last_four": key.last_four}


def _change(
    guild_id: int, user_id: int, now: dt.datetime, before: dict[str, str], after: dict[str, str]
) -> Insert:
    return insert(SettingsChangeRow).values(
        guild_id=guild_id,
        user_id=user_id,
        kind="key",
        before=before,
        after=after,
        created_at=now,
    )
