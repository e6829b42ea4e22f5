"""The form in which moderators write their instructions for the model; it outlives a restart."""

import re
from collections import deque
from typing import Any

import discord

from bot.choices import PROMPT_MAX
from bot.i18n import _
from cogs._forms import field, form, submitted
from cogs._panels import require_moderator

FORM = re.compile(r"vidi:prompt:(?P<id>\d{1,20})")
REMEMBERED = 100  # opened forms; older ones have long been closed


class PromptForms:
    """Opens the form, and reads what was written in it."""

    def __init__(self) -> None:
        self._opened: deque[int] = deque(maxlen=REMEMBERED)

    async def open(self, interaction: discord.Interaction[Any], current: str | None) -> None:
        """Show the instructions in force in a form."""
        self._opened.append(interaction.id)
        await interaction.response.send_modal(_form(interaction.id, current))

    def written(self, interaction: discord.Interaction[Any]) -> str | None:
        """Give what was written, perhaps nothing; None for anything but a form of ours.

        Raises Refused for who may not change the instructions."""
        typed = submitted(interaction, FORM)
        if typed is None:
            return None
        match, text = typed
        # Discord lets a server give /settings to others: whoever was shown the form may send it.
        if int(match["id"]) not in self._opened:
            require_moderator(interaction)
        return text


def _form(number: int, current: str | None) -> discord.ui.Modal:
    hint = _("They go with every question in this server. Empty: none.")
    prompt = field(
        "prompt", _("Instructions"), current or "", hint=hint, most=PROMPT_MAX, long=True
    )
    return form(f"vidi:prompt:{number}", _("Instructions for the model"), prompt)
