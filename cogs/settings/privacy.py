"""/settings privacy: how long text is kept, what goes along with pictures, who is told what."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.choices import RETENTION_MAX_HOURS
from bot.i18n import N_
from bot.settings import SettingsBook
from cogs._changing.changing import Changer
from cogs._panels import guild_of


class PrivacyCommands(commands.Cog):
    """The command of /settings that is about what is kept, sent and told."""

    _settings: SettingsBook
    _changer: Changer

    @app_commands.command(description=N_("Choose what is kept, sent and told"))
    @app_commands.describe(
        keep_hours=N_("Hours that text is kept for follow-ups; 0: not kept"),
        strip_metadata=N_("Send pictures only as bytes without metadata, never as links"),
        tell_company=N_("Say below each answer which company got the picture"),
    )
    async def privacy(
        self,
        interaction: discord.Interaction[Any],
        keep_hours: app_commands.Range[int, 0, RETENTION_MAX_HOURS] | None = None,
        strip_metadata: bool | None = None,
        tell_company: bool | None = None,
    ) -> None:
        """Set what is kept, sent and told; without an option, say what is in force."""
        after = self._settings.of(guild_of(interaction))
        if keep_hours is not None:
            after = replace(after, retention_hours=keep_hours)
        if strip_metadata is not None:
            after = replace(after, strip_metadata=strip_metadata)
        if tell_company is not None:
            after = replace(after, tell_company=tell_company)
        await self._changer.change(interaction, after, part="privacy")
