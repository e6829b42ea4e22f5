"""Tells moderators once what is wrong with their server's models, after a command of theirs."""

import logging
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import StorageBusy
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.notices import Notices, ending_of
from bot.service import VisionService
from bot.sight.proof import Sight
from cogs._endings import adopt_button, ending_text
from cogs._panels import home
from cogs._reply.pace import FAILURES
from cogs._sight import blind_text

log = logging.getLogger(__name__)

AFTER = ("settings", "usage")
SHOWS_SIGHT = ("settings show", "settings model", "settings test")

_Command = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu


class NoticesCog(commands.Cog):
    """Adds the notice to the answer of a moderator's next command."""

    def __init__(
        self, notices: Notices, service: VisionService, catalogs: GuildCatalogs, sight: Sight
    ) -> None:
        self._notices = notices
        self._sight = sight
        self._service = service
        self._catalogs = catalogs

    @commands.Cog.listener()
    async def on_app_command_completion(
        self, interaction: discord.Interaction[Any], command: _Command
    ) -> None:
        """Tell what there is to tell where a moderator used /settings or /usage."""
        guild_id = home(interaction)
        top = command.qualified_name.partition(" ")[0]
        if guild_id is None or top not in AFTER or not interaction.permissions.manage_guild:
            return
        try:
            await self._tell_ending(interaction, guild_id)
            await self._tell_blind(interaction, guild_id, shown=command.qualified_name)
        except StorageBusy:
            return  # the next command tells it

    async def _tell_ending(self, interaction: discord.Interaction[Any], guild_id: int) -> None:
        catalog = self._catalogs.of(guild_id)
        ending = ending_of(self._service.model_of(guild_id), catalog)
        if ending is None or not await self._notices.claim(guild_id, ending):
            return
        try:
            await interaction.followup.send(
                ending_text(ending, catalog),
                view=adopt_button(interaction, ending) or discord.utils.MISSING,
                ephemeral=True,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except FAILURES:
            log.warning("the notice of a model's end could not be sent; it is tried again")
            await self._notices.release(guild_id, ending)

    async def _tell_blind(
        self, interaction: discord.Interaction[Any], guild_id: int, *, shown: str
    ) -> None:
        """Tell which models see nothing, unless the command has just said so; show repeats it."""
        for model in self._service.offered(guild_id):
            endpoint = self._catalogs.of(guild_id).endpoint(model.provider)
            if endpoint and await self._sight.tell_once(guild_id, model, endpoint):
                if shown in SHOWS_SIGHT and model == self._service.model_of(guild_id):
                    continue
                await interaction.followup.send(
                    blind_text(model),
                    ephemeral=True,
                    allowed_mentions=discord.AllowedMentions.none(),
                )
