"""/settings panel, and what is pressed on panels however old."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import N_
from cogs._panels import require_reader
from cogs.settings.panel.panel import Panel
from cogs.settings.panel.press import read


class PanelCommands(commands.Cog):
    """The panel of /settings; whoever is put together with it sets `_panel`."""

    _panel: Panel

    @app_commands.command(description=N_("See everything at a glance, and change it"))
    async def panel(self, interaction: discord.Interaction[Any]) -> None:
        """Open the panel."""
        await self._panel.open(interaction)

    @commands.Cog.listener("on_interaction")
    async def on_panel(self, interaction: discord.Interaction[Any]) -> None:
        """Answer what was pressed on a panel, also after a restart."""
        if press := read(interaction):
            require_reader(interaction)
            await self._panel.answer(interaction, press)
