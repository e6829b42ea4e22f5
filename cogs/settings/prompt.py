"""The form in which moderators write their instructions for the model."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.i18n import _
from bot.settings import PROMPT_MAX
from cogs._panels import refusals

# A form may stay open for long; after this its place in memory is given up.
OPEN_SECONDS = 3600.0

Save = Callable[[discord.Interaction[Any], str | None], Awaitable[None]]


class PromptForm(discord.ui.Modal):
    """Shows the instructions in force and hands over the new ones; empty means none."""

    def __init__(self, current: str | None, save: Save) -> None:
        super().__init__(title=_("Instructions for the model"), timeout=OPEN_SECONDS)
        self._save = save
        self._prompt: discord.ui.TextInput[PromptForm] = discord.ui.TextInput(
            custom_id="prompt",
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=PROMPT_MAX,
            default=current,
        )
        self.add_item(
            discord.ui.Label(
                text=_("Instructions"),
                description=_("They go with every question in this server. Empty: none."),
                component=self._prompt,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was written."""
        async with refusals(interaction):
            await self._save(interaction, self._prompt.value.strip() or None)
