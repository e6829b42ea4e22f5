"""/privacy: what is kept and who receives it; one's own data, and one's own pictures."""

import re
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_, _
from bot.privacy.consent import OptOuts
from bot.privacy.people import People
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs._panels import buttons, everywhere, fit, home, pressed, say
from cogs._privacy.words import (
    deleted_text,
    deletion_text,
    kept_text,
    never_text,
    receivers_text,
)

BUTTON = re.compile(r"vidi:(?P<action>erase|keep):(?P<user>\d{1,20})")


@everywhere
class PrivacyCog(
    commands.GroupCog, group_name="privacy", group_description=N_("What I keep and who sees it")
):
    """The /privacy commands. `stop` ends what a person is having answered."""

    def __init__(
        self,
        settings: SettingsBook,
        catalogs: GuildCatalogs,
        service: VisionService,
        people: People,
        opt_outs: OptOuts,
        stop: Callable[[int], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._catalogs = catalogs
        self._service = service
        self._people = people
        self._opt_outs = opt_outs
        self._stop = stop

    @app_commands.command(description=N_("What is kept, for how long, and who receives pictures"))
    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Show what holds in this place."""
        guild_id = home(interaction)
        catalog, settings = self._catalogs.of(guild_id), self._settings.of(guild_id)
        guard = catalog.find(settings.screen_model) if settings.screen_model else None
        lines = [
            _("**Who receives pictures and questions**"),
            receivers_text(self._service.receivers(guild_id), guard, catalog),
            _("**What is kept**"),
            kept_text(settings.retention_hours),
            _("**What is never kept**"),
            never_text(),
        ]
        await say(interaction, fit(lines))

    @app_commands.command(description=N_("Everything written down about you, as a file"))
    async def export(self, interaction: discord.Interaction[Any]) -> None:
        """Give the person's own data, of every place."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        file = await self._people.export(interaction.user.id)
        await interaction.edit_original_response(
            content=_("This is everything I keep about you, in every server and outside of them."),
            attachments=[discord.File(BytesIO(file.data), filename=file.name)],
        )

    @app_commands.command(description=N_("Erase what leads to you, everywhere"))
    async def delete(self, interaction: discord.Interaction[Any]) -> None:
        """Say what will be erased and what stays, and ask."""
        user_id = interaction.user.id
        asked, kept = await self._people.count(user_id)
        delete: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            label=_("Delete"),
            style=discord.ButtonStyle.danger,
            custom_id=f"vidi:erase:{user_id}",
        )
        keep: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            label=_("Cancel"), custom_id=f"vidi:keep:{user_id}"
        )
        text = deletion_text(asked, kept, opted_out=user_id in self._opt_outs)
        await say(interaction, text, buttons(delete, keep))

    @app_commands.command(description=N_("Have nobody's question send pictures of yours"))
    async def optout(self, interaction: discord.Interaction[Any]) -> None:
        """Keep the person's pictures out of every question, everywhere."""
        await self._opt_outs.add(interaction.user.id)
        await say(
            interaction,
            _(
                "From now on I send none of your pictures anywhere: not what you post or upload, "
                "not your avatar, whoever asks about it, in every server. What was sent before "
                "can't be taken back. /privacy optin undoes this."
            ),
        )

    @app_commands.command(description=N_("Let questions send your pictures again"))
    async def optin(self, interaction: discord.Interaction[Any]) -> None:
        """Take the opt-out back."""
        had = interaction.user.id in self._opt_outs
        await self._opt_outs.remove(interaction.user.id)
        said = _("Your pictures can be asked about again. /privacy optout undoes this.")
        await say(interaction, said if had else _("You hadn't opted out. Nothing changed."))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Do what a button beneath /privacy delete says, however old it is."""
        match = pressed(interaction, BUTTON)
        if match is None:
            return
        if int(match["user"]) != interaction.user.id:
            raise Refused(_("This question was for somebody else."))
        if match["action"] == "keep":
            await interaction.response.edit_message(content=_("Nothing was erased."), view=None)
            return
        await interaction.response.defer()
        await self._stop(interaction.user.id)
        await self._people.delete(interaction.user.id)
        text = deleted_text(opted_out=interaction.user.id in self._opt_outs)
        await interaction.edit_original_response(content=text, view=None)
