"""The form that takes a question."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot.i18n import _, use_locale

OPEN_SECONDS = 840.0  # its submission brings a fresh interaction, but nobody types for longer
QUESTION_MAX = 2000

Ask = Callable[[discord.Interaction[Any], str], Awaitable[None]]


class QuestionForm(discord.ui.Modal):
    """Asks for a question and hands it over; `custom_id` must be new each time."""

    def __init__(self, *, title: str, hint: str, custom_id: str, required: bool, ask: Ask) -> None:
        super().__init__(title=title[:45], custom_id=custom_id, timeout=OPEN_SECONDS)
        self._ask = ask
        self._question: discord.ui.TextInput[QuestionForm] = discord.ui.TextInput(
            custom_id="question",
            style=discord.TextStyle.paragraph,
            required=required,
            max_length=QUESTION_MAX,
        )
        self.add_item(
            discord.ui.Label(text=_("Question"), description=hint, component=self._question)
        )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the question over."""
        use_locale(interaction.locale.value)
        await self._ask(interaction, self._question.value.strip())

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Let the commands' error net answer."""
        failure = app_commands.AppCommandError(str(error))
        failure.__cause__ = error
        await interaction.client.tree.on_error(interaction, failure)
