"""What all commands of /limits share: the limits in force, changed and shown."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.ext import commands

from bot.choices import Budget, GuildSettings
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import _
from bot.owner.book import OwnerBook
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.usage.standing import Standing
from cogs._changing.changing import Changer
from cogs._panels import fit, guild_of, say
from cogs._sources.interaction import asker_of
from cogs.limits.showing import operator_line, shown, unheard

Standings = Callable[[int, int, Budget, dt.datetime], Awaitable[Standing]]
"""`bot.usage.standing.standing` with its database bound."""


class LimitsBase(commands.Cog):
    """Changes the limits of a guild, and says them with what is used of them."""

    def __init__(
        self,
        settings: SettingsBook,
        catalogs: GuildCatalogs,
        service: VisionService,
        owner: OwnerBook,
        changer: Changer,
        standings: Standings,
    ) -> None:
        self._settings = settings
        self._catalogs = catalogs
        self._service = service
        self._owner = owner
        self._changer = changer
        self._standings = standings

    async def _change(self, interaction: discord.Interaction[Any], after: GuildSettings) -> None:
        if after == self._settings.of(guild_of(interaction)):
            await self._show(interaction, _("Nothing changed."))
        else:
            await self._changer.change(interaction, after)

    async def _show(self, interaction: discord.Interaction[Any], *first: str) -> None:
        guild_id, asker = guild_of(interaction), asker_of(interaction)
        settings = self._settings.of(guild_id)
        standing = await self._standings(
            guild_id, asker.user_id, settings.budget, interaction.created_at
        )
        lines = [*first, *shown(settings, self._catalogs.of(guild_id), standing, asker)]
        if self._owner.pays_for(guild_id):
            lines += operator_line(self._owner.rules.budget, standing.operator)
        lines += unheard(interaction.guild, settings.budget.channel_id)
        await say(interaction, fit(lines))
