"""Taking the operator's decisions and taking them back, told in the same words."""

from typing import Any

import discord

from bot.i18n import _
from bot.owner.book import Decided, OwnerBook
from bot.owner.decisions import Decision
from cogs._owner.describe import changed, names, stands
from cogs._panels import buttons, fit, say


async def decide(
    interaction: discord.Interaction[Any], book: OwnerBook, decision: Decision
) -> None:
    """Put a decision in force; says what was and what is, and offers Undo."""
    decided = await book.decide(decision, interaction.user.id)
    await _tell(interaction, _("Changed."), decided)


async def show_blocks(interaction: discord.Interaction[Any], book: OwnerBook) -> None:
    """Say who is kept out, and why."""
    lines = stands(await book.blocks(), names(interaction.client))
    await say(interaction, fit(lines or [_("Nobody is blocked.")]))


async def undo(interaction: discord.Interaction[Any], book: OwnerBook, decided_id: int) -> None:
    """Take a decision back; a second time nothing happens, and that is said."""
    decided = await book.undo(decided_id, interaction.user.id)
    if decided is None:
        text = _("That is undone already, or was decided anew since. Nothing changed now.")
        await say(interaction, text)
        return
    await _tell(interaction, _("Undone."), decided)


async def _tell(interaction: discord.Interaction[Any], headline: str, decided: Decided) -> None:
    named = names(interaction.client)
    if decided.id is None:
        await say(interaction, fit([_("Nothing changed."), *stands([decided.after], named)]))
        return
    button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
        label=_("Undo"), custom_id=f"vidi:owner-undo:{decided.id}"
    )
    await say(interaction, fit([headline, *changed(decided, named)]), buttons(button))
