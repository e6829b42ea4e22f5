"""/settings: what moderators choose for their server. Each change can be undone."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.connections import Connections
from bot.guilds.keyring import Keyring
from bot.i18n import N_
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.sight.proof import Sight
from cogs._changing.changing import UNDO
from cogs._changing.checking import UNPROVEN
from cogs._endings import ADOPT
from cogs._forecast import ForecastOf
from cogs._panels import guild_of, pressed
from cogs.settings.access import AccessCommands
from cogs.settings.answers import AnswerCommands
from cogs.settings.check import CheckCommands
from cogs.settings.endpoint import EndpointCommands
from cogs.settings.fallbacks import FallbackCommands
from cogs.settings.history import HistoryCommands
from cogs.settings.keys import KeyCommands
from cogs.settings.models import ModelCommands
from cogs.settings.overrides import OverrideCommands
from cogs.settings.panel.commands import PanelCommands
from cogs.settings.panel.keys import own_keys
from cogs.settings.panel.panel import Panel
from cogs.settings.privacy import PrivacyCommands
from cogs.settings.prompt import PromptForms
from cogs.settings.transfer import TransferCommands


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class SettingsCog(
    PanelCommands,
    ModelCommands,
    FallbackCommands,
    OverrideCommands,
    KeyCommands,
    EndpointCommands,
    AccessCommands,
    HistoryCommands,
    CheckCommands,
    AnswerCommands,
    PrivacyCommands,
    TransferCommands,
    commands.GroupCog,
    group_name="settings",
    group_description=N_("Choose the model and how I answer in this server"),
):
    """The /settings commands, and the Undo button on what they say."""

    def __init__(
        self,
        settings: SettingsBook,
        catalogs: GuildCatalogs,
        service: VisionService,
        sight: Sight,
        keyring: Keyring,
        connections: Connections,
        forecast: ForecastOf | None = None,
    ) -> None:
        super().__init__(settings, catalogs, service, sight)
        self._keyring = keyring
        self._connections = connections
        self._panel = Panel(settings, catalogs, service, self._checker, keyring, forecast)
        self._prompt_forms = PromptForms()

    @app_commands.command(description=N_("Show what is set in this server"))
    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Show every setting, and whether the model in force works."""
        guild_id = guild_of(interaction)
        keys = own_keys(self._keyring.of(guild_id), self._catalogs.of(guild_id))
        await self._changer.show(interaction, [keys] if keys.items else [])

    @app_commands.command(description=N_("Write instructions that go with every question"))
    async def prompt(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form with the instructions in force."""
        await self._prompt_forms.open(interaction, self._current(interaction).prompt)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the buttons and the form of these commands, also after a restart."""
        if match := pressed(interaction, UNDO):
            await self._changer.undo(interaction, int(match[1]))
        elif match := pressed(interaction, ADOPT):
            await self._changer.adopt(interaction, match[1])
        elif match := pressed(interaction, UNPROVEN):
            await self._changer.accept(interaction, match[1])
        elif (written := self._prompt_forms.written(interaction)) is not None:
            after = replace(self._current(interaction), prompt=written or None)
            await self._changer.change(interaction, after, part="prompt")
