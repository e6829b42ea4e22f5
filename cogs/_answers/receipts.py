"""The Receipt button: what was written down, what is left, and a way to have it deleted."""

import re
from typing import Any

import discord

from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import _
from bot.service import VisionService
from bot.types import Receipt
from cogs._answers.receipt import receipt_text
from cogs._left import left_to
from cogs._panels import buttons, fit, say

DELETE_RECORD = re.compile(r"vidi:unrecord:(\d{1,18})")


async def show_receipt(
    service: VisionService,
    catalogs: GuildCatalogs,
    interaction: discord.Interaction[Any],
    question_id: int,
) -> None:
    """Show the receipt; who asked also reads what is left, and may have the record deleted."""
    receipt = await service.receipt(question_id)
    guild_id = receipt.guild_id if receipt else None
    lines = [receipt_text(receipt, catalogs.of(guild_id))]
    if receipt is None or receipt.user_id != interaction.user.id:
        await say(interaction, fit(lines))
        return
    lines += await left_to(service, interaction)
    await say(interaction, fit(lines), buttons(_delete_button(receipt)))


async def delete_record(
    service: VisionService, interaction: discord.Interaction[Any], question_id: int
) -> None:
    """Make a question nobody's; raises Refused for anybody but who asked it."""
    receipt = await service.receipt(question_id)
    if receipt is None or receipt.user_id != interaction.user.id:
        raise Refused(_("Only who asked can have the record deleted. It may be deleted already."))
    if receipt.finished_at is None:
        raise Refused(_("It is still being answered. Stop it first, or wait for its end."))
    await service.orphan(question_id, interaction.user.id)
    await interaction.response.edit_message(
        content=_(
            "The record is deleted: nothing tells any more that you asked this. Its cost stays in "
            "the server's sums, without you. The answer itself stays until somebody deletes it, "
            "and its buttons no longer work."
        ),
        view=None,
    )


def _delete_button(receipt: Receipt) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(
        label=_("Delete this record"),
        style=discord.ButtonStyle.danger,
        custom_id=f"vidi:unrecord:{receipt.id}",
    )
