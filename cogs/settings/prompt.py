"""The form in which moderators write their instructions for the model."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.client import tell
from bot.i18n import _, use_locale
from bot.settings import PROMPT_MAX

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
        use_locale(interaction.locale.value)
        await self._save(interaction, self._prompt.value.strip() or None)

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Answer in one sentence what went wrong."""
        await tell(interaction, error)
