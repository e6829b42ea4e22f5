"""/why: which rules were looked at for a question, what each decided, and what became of it."""

import re
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_, _
from bot.policy.trace import load
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.types import Receipt
from cogs._answers.receipt import ending_text
from cogs._panels import cut, everywhere, fit, home, pressed, say
from cogs._trace import trace_lines

WHY = re.compile(r"vidi:why:(\d{1,20})")
_MESSAGE = re.compile(r"(?:https://\S+/channels/\S+/(?P<channel>\d{1,20})/)?(?P<id>\d{15,20})")

PROMPT_SHOWN = 400
"""Characters; /settings prompt shows all of them."""


class WhyCog(commands.Cog):
    """Explains answers and refusals to who asked, and to moderators."""

    def __init__(
        self, service: VisionService, settings: SettingsBook, catalogs: GuildCatalogs
    ) -> None:
        self._service = service
        self._settings = settings
        self._catalogs = catalogs

    @app_commands.command(description=N_("Why a question was answered, or refused, as it was"))
    @app_commands.describe(
        message=N_("A link to the answer or the question, or its id; your last question if empty")
    )
    @everywhere
    async def why(self, interaction: discord.Interaction[Any], message: str | None = None) -> None:
        """Explain a question by its message, or the asker's last one here."""
        if message is None:
            found = await self._service.last_of(interaction.user.id, interaction.channel_id or 0)
        else:
            found = await self._of_message(message)
        await self._explain(interaction, found)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the button on refusals; its number is the message or interaction that asked."""
        if match := pressed(interaction, WHY):
            await self._explain(interaction, await self._about(int(match[1])))

    async def _of_message(self, text: str) -> int | None:
        match = _MESSAGE.fullmatch(text.strip(" <>"))
        if match is None:
            raise Refused(
                _("That is no message. Right-click it → Copy Message Link, and paste the link.")
            )
        return await self._about(int(match["id"]))

    async def _about(self, message_id: int) -> int | None:
        """Give the question whose answer a message shows, or that it asked."""
        if message_id >= 1 << 63:  # no id of Discord's, and more than can be looked up
            return None
        shown = await self._service.question_of_message(message_id)
        return shown if shown is not None else await self._service.asked_by(message_id)

    async def _explain(
        self, interaction: discord.Interaction[Any], question_id: int | None
    ) -> None:
        receipt = None if question_id is None else await self._service.receipt(question_id)
        if receipt is None or not _may_know(interaction, receipt):
            raise Refused(
                _("I know of no question of yours there. Only moderators can ask about others'.")
            )
        lines = why_lines(receipt, self._catalogs.of(receipt.guild_id))
        await say(interaction, fit((*lines, *self._prompt(interaction, receipt))))

    def _prompt(self, interaction: discord.Interaction[Any], receipt: Receipt) -> list[str]:
        """Give moderators the instructions in force; members read only that there are some."""
        if not _moderates(interaction, receipt):
            return []
        prompt = self._settings.of(receipt.guild_id).prompt
        if not prompt:
            return []
        shown = cut(discord.utils.escape_markdown(prompt), PROMPT_SHOWN)
        return [_("The server's instructions now: {prompt}").format(prompt=shown)]


def why_lines(receipt: Receipt, catalog: Catalog) -> list[str]:
    """Explain a question that is written down, a line each: what became of it, then why."""
    headline = _("**Question {number}**, asked <t:{when}:f>").format(
        number=receipt.id, when=int(receipt.created_at.timestamp())
    )
    trace = trace_lines(load(receipt.trace))
    if not trace:
        trace = [_("Which rules were looked at is no longer kept: that is erased after 30 days.")]
    return [headline, ending_text(receipt, catalog), *trace]


def _may_know(interaction: discord.Interaction[Any], receipt: Receipt) -> bool:
    """Tell whether it is their own question, or one of the guild that they moderate."""
    return receipt.user_id == interaction.user.id or _moderates(interaction, receipt)


def _moderates(interaction: discord.Interaction[Any], receipt: Receipt) -> bool:
    """Tell whether they moderate the guild in which it was asked: what they may is known here."""
    guild_id = home(interaction)
    here = guild_id is not None and receipt.guild_id == guild_id
    return here and interaction.permissions.manage_guild
