"""SettingsBook: what guilds' moderators chose, kept in memory, changed with a trace."""

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalog.own import normal_url
from bot.catalog.types import OWN
from bot.choices import PROMPT_MAX, RETENTION_MAX_HOURS, GuildSettings, OwnEndpoint, merged
from bot.db.dialect import alone
from bot.db.engine import Database
from bot.db.guild_tables import GuildSettingsRow, SettingsChangeRow
from bot.errors import Refused
from bot.guilds.keyring import erase_strayed
from bot.i18n import _
from bot.net import origin

log = logging.getLogger(__name__)

SETTINGS = "settings"
"""The kind of change that can be undone; the other is key."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a guild's settings. `dropped_key`: the own endpoint moved, so its key went."""

    id: int
    guild_id: int
    before: GuildSettings
    after: GuildSettings
    dropped_key: bool = False


@dataclass(frozen=True, slots=True)
class KeyShown:
    """What a guild's own key for a provider may show of itself."""

    provider: str
    last_four: str


@dataclass(frozen=True, slots=True)
class Past:
    """Who changed what, when: settings, or a key, where None is no key."""

    id: int
    user_id: int
    at: dt.datetime
    before: GuildSettings | KeyShown | None
    after: GuildSettings | KeyShown | None


class SettingsBook:
    """Every guild's settings. Reading is from memory, a change is in the database first.

    `dropped` is told the guild and the provider whose key a change erased."""

    def __init__(
        self, db: Database, dropped: Callable[[int, str], None] = lambda _guild, _provider: None
    ) -> None:
        self._db = db
        self._dropped = dropped
        self._settings: dict[int, GuildSettings] = {}

    async def load(self) -> None:
        """Read every guild's settings into memory."""

        async def rows(session: AsyncSession) -> dict[int, GuildSettings]:
            found = await session.scalars(select(GuildSettingsRow))
            return {row.guild_id: _of_row(row) for row in found}

        self._settings = await self._db.read(rows)

    def of(self, guild_id: int | None) -> GuildSettings:
        """Give a guild's settings, the defaults where nothing was chosen."""
        if guild_id is None:
            return GuildSettings()
        return self._settings.get(guild_id, GuildSettings())

    async def change(
        self,
        guild_id: int,
        user_id: int,
        after: GuildSettings,
        before: GuildSettings | None = None,
    ) -> Change:
        """Put new settings in force; Refused when a value is out of bounds.

        Of settings made from `before` only the difference is written: what somebody else changed
        meanwhile stays."""
        _validate(after)

        async def work(session: AsyncSession) -> Change:
            current = await _current(session, guild_id)
            new = after if before is None else merged(current, before, after)
            return await _write(session, guild_id, user_id, current, new)

        return await self._db.transact(work, then=self._remember)

    async def undo(self, change_id: int, guild_id: int, user_id: int) -> Change | None:
        """Put back what was in force before a change; None when it isn't this guild's, or when
        the settings have been changed since."""

        async def work(session: AsyncSession) -> Change | None:
            row = await session.get(SettingsChangeRow, change_id)
            if row is None or row.guild_id != guild_id or row.kind != SETTINGS:
                return None
            current = await _current(session, guild_id)
            if current != _tolerant(row.after):
                return None
            return await _write(session, guild_id, user_id, current, _tolerant(row.before))

        return await self._db.transact(work, then=self._remember)

    async def history(
        self, guild_id: int, *, before_id: int | None = None, limit: int = 10
    ) -> list[Past]:
        """Give a guild's changes, newest first; only those before `before_id`, if given."""

        async def rows(session: AsyncSession) -> list[Past]:
            changes = select(SettingsChangeRow).where(SettingsChangeRow.guild_id == guild_id)
            if before_id is not None:
                changes = changes.where(SettingsChangeRow.id < before_id)
            newest = changes.order_by(SettingsChangeRow.id.desc()).limit(limit)
            return [_past(row) for row in await session.scalars(newest)]

        return await self._db.read(rows)

    def _remember(self, change: Change | None) -> None:
        if change is not None:
            self._settings[change.guild_id] = change.after
            if change.dropped_key:
                self._dropped(change.guild_id, OWN)


async def _current(session: AsyncSession, guild_id: int) -> GuildSettings:
    await alone(session, guild_id)
    row = await session.get(GuildSettingsRow, guild_id)
    return GuildSettings() if row is None else _of_row(row)


async def _write(
    session: AsyncSession, guild_id: int, user_id: int, before: GuildSettings, after: GuildSettings
) -> Change:
    now = dt.datetime.now(dt.UTC)
    values = msgspec.to_builtins(after)
    await session.merge(GuildSettingsRow(guild_id=guild_id, updated_at=now, **values))
    change_id = await session.scalar(
        insert(SettingsChangeRow)
        .values(
            guild_id=guild_id,
            user_id=user_id,
            before=msgspec.to_builtins(before),
            after=values,
            created_at=now,
        )
        .returning(SettingsChangeRow.id)
    )
    where = origin(after.endpoint.base_url) if after.endpoint else None
    dropped = await erase_strayed(session, guild_id, user_id, where, now)
    return Change(change_id or 0, guild_id, before, after, dropped)


def _validate(settings: GuildSettings) -> None:
    if len(settings.prompt or "") > PROMPT_MAX:
        raise Refused(
            _("The instructions are too long: at most {limit} characters.").format(limit=PROMPT_MAX)
        )
    if not 0 <= settings.retention_hours <= RETENTION_MAX_HOURS:
        raise Refused(
            _("Text can be kept for 0 to {limit} hours.").format(limit=RETENTION_MAX_HOURS)
        )
    if not _is_possible(settings.endpoint):
        raise Refused(_("The endpoint's base URL can't be one. Nothing was changed."))
    try:
        msgspec.convert(msgspec.to_builtins(settings), GuildSettings)
    except msgspec.ValidationError as error:
        raise Refused(
            _("That is out of bounds: {problem}. Nothing was changed.").format(problem=error)
        ) from error


def _past(row: SettingsChangeRow) -> Past:
    read = _tolerant if row.kind == SETTINGS else _key_shown
    return Past(row.id, row.user_id, row.created_at, read(row.before), read(row.after))


def _key_shown(stored: dict[str, Any]) -> KeyShown | None:
    return msgspec.convert(stored, KeyShown) if stored else None


def _is_possible(endpoint: OwnEndpoint | None) -> bool:
    return endpoint is None or normal_url(endpoint.base_url) == endpoint.base_url


def _of_row(row: GuildSettingsRow) -> GuildSettings:
    return _tolerant(
        {field.name: getattr(row, field.name) for field in dataclasses.fields(GuildSettings)}
    )


def _tolerant(stored: dict[str, Any]) -> GuildSettings:
    # A row may come from a newer version or a hand: what can't be understood counts as not chosen,
    # and stays in the row until somebody changes the settings.
    hints = get_type_hints(GuildSettings, include_extras=True)
    understood: dict[str, Any] = {}
    for name, value in stored.items():
        try:
            if name in hints:
                understood[name] = msgspec.convert(value, hints[name])
        except msgspec.ValidationError:
            log.warning("guild_settings.%s holds a value this version doesn't know", name)
    return GuildSettings(**understood)
