"""/settings history: who changed what, when; newest first."""

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.choices import GuildSettings
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_, _
from bot.settings import KeyShown, Past, SettingsBook
from cogs._changing.describe import changes
from cogs._keys import key_change
from cogs._panels import MESSAGE_LIMIT, buttons, fit, guild_of, pressed, require_reader, say

PAGE = re.compile(r"vidi:history:(\d{1,18})")
MOST = 10  # changes on a page
ENTRY_LIMIT = 600

_Button = discord.ui.Button[discord.ui.View]


class HistoryCommands(commands.Cog):
    """The command of /settings that shows what was changed, and its buttons."""

    _settings: SettingsBook
    _catalogs: GuildCatalogs

    @app_commands.command(description=N_("Show who changed what, newest first"))
    async def history(self, interaction: discord.Interaction[Any]) -> None:
        """Show the newest changes."""
        text, view = await self._page(guild_of(interaction), None)
        await say(interaction, text, view)

    @commands.Cog.listener("on_interaction")
    async def on_history_button(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page, also after a restart."""
        if (match := pressed(interaction, PAGE)) is None:
            return
        require_reader(interaction)
        text, view = await self._page(guild_of(interaction), int(match[1]) or None)
        await interaction.response.edit_message(
            content=text, view=view, allowed_mentions=discord.AllowedMentions.none()
        )

    async def _page(self, guild_id: int, before_id: int | None) -> tuple[str, discord.ui.View]:
        catalog = self._catalogs.of(guild_id)
        found = await self._settings.history(guild_id, before_id=before_id, limit=MOST + 1)
        entries = [entry(past, catalog) for past in found[:MOST]]
        kept = _fitting(entries)
        turns: list[_Button] = []
        if before_id is not None:
            turns.append(_turn(_("Newest"), 0))
        if len(found) > kept:
            turns.append(_turn(_("Older"), found[kept - 1].id))
        text = "\n".join(entries[:kept]) or _("Nothing has been changed here yet.")
        return text, buttons(*turns)


def entry(past: Past, catalog: Catalog) -> str:
    """Say who made a change, when, and what it changed."""
    who = f"<@{past.user_id}>" if past.user_id > 0 else _("somebody who deleted their data")
    head = _("{when} by {who}").format(when=discord.utils.format_dt(past.at, "f"), who=who)
    return fit([head, *(f"- {line}" for line in _lines(past, catalog))], ENTRY_LIMIT)


def _lines(past: Past, catalog: Catalog) -> list[str]:
    if isinstance(past.before, GuildSettings) and isinstance(past.after, GuildSettings):
        return changes(past.before, past.after, catalog) or [_("Only blanks in the instructions")]
    now, before = _key(past.after), _key(past.before)
    shown = now or before
    if shown is None:
        return []
    provider = catalog.providers.get(shown.provider)
    return [key_change(provider.label if provider else shown.provider, before, now)]


def _key(value: GuildSettings | KeyShown | None) -> KeyShown | None:
    return value if isinstance(value, KeyShown) else None


def _fitting(entries: Sequence[str]) -> int:
    """Count the entries that fit into one message, at least one if there is any."""
    kept = min(len(entries), 1)
    while kept < len(entries) and len("\n".join(entries[: kept + 1])) <= MESSAGE_LIMIT:
        kept += 1
    return kept


def _turn(label: str, before_id: int) -> _Button:
    return discord.ui.Button(label=label, custom_id=f"vidi:history:{before_id}")
