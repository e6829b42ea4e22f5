"""The buttons under answers: follow up, ask again, look at the receipt, delete, share."""

import re
from contextlib import suppress
from typing import Any, cast

import discord
from discord.ext import commands

from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import _
from cogs._answers.again import ask_again, ask_follow_up
from cogs._answers.panels import model_list
from cogs._answers.receipts import DELETE_RECORD, delete_record, show_receipt
from cogs._answers.share import Shares
from cogs._forms import question_form, submitted
from cogs._panels import home, pressed, say
from cogs._reply import Desk
from cogs._reply.buttons import CUSTOM_ID, Action
from cogs._sources.interaction import asker_of, place_of
from cogs._sources.refresh import exchange_of

FORM = re.compile(r"vidi:followup:(?P<id>\d{1,18}):\d+")
OWNERS_ONLY = frozenset(
    {Action.STOP, Action.DELETE, Action.RETRY, Action.OTHER, Action.MODEL, Action.SHARE}
)


class AnswersCog(commands.Cog):
    """Listens for buttons and forms by their custom_id, so that they outlive a restart."""

    def __init__(self, desk: Desk, catalogs: GuildCatalogs) -> None:
        self._desk = desk
        self._catalogs = catalogs
        self._shares = Shares(desk)
        self._asking_again: set[tuple[int, str | None]] = set()

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Do what a pressed button or a submitted form says."""
        if typed := submitted(interaction, FORM):
            form, text = typed
            await self._admit(Action.FOLLOWUP, interaction, int(form["id"]))
            await ask_follow_up(self._desk, interaction, int(form["id"]), text)
        elif match := pressed(interaction, CUSTOM_ID):
            action, question_id = Action(match["action"]), int(match["id"])
            await self._admit(action, interaction, question_id)
            await self._do(action, interaction, question_id)
        elif match := pressed(interaction, DELETE_RECORD):
            await delete_record(self._desk.service, interaction, int(match[1]))

    async def _do(
        self, action: Action, interaction: discord.Interaction[Any], question_id: int
    ) -> None:
        match action:
            case Action.STOP:
                await self._stop(interaction, question_id)
            case Action.FOLLOWUP:
                await self._open_form(interaction, question_id)
            case Action.RETRY:
                await self._ask_again(interaction, question_id, None)
            case Action.OTHER:
                await self._offer_models(interaction, question_id)
            case Action.MODEL:
                await self._ask_again(interaction, question_id, _chosen(interaction))
            case Action.RECEIPT:
                await show_receipt(self._desk.service, self._catalogs, interaction, question_id)
            case Action.DELETE:
                await self._delete(interaction, question_id)
            case Action.SHARE:
                await self._shares.share(interaction, question_id)
            case Action.WHY:
                pass  # its number isn't a question's: /why answers it

    async def _admit(
        self, action: Action, interaction: discord.Interaction[Any], question_id: int
    ) -> None:
        """Raise Refused for a question of another place, or that others may not steer."""
        asker_id, channel_id = await self._whose(question_id)
        # A number proves nothing: it may be forged, or from before the database was replaced.
        if channel_id != interaction.channel_id:
            raise Refused(_("I know nothing about this answer any more. Please ask again."))
        if action not in OWNERS_ONLY or interaction.permissions.manage_guild:
            return
        if asker_id != interaction.user.id:
            raise Refused(_("Only the person who asked or a moderator can do that."))

    async def _whose(self, question_id: int) -> tuple[int | None, int | None]:
        """Give who asked a question, and in which channel."""
        if question := self._desk.question_of(question_id):
            return question.asker.user_id, question.place.channel_id
        receipt = await self._desk.service.receipt(question_id)
        return (receipt.user_id, receipt.channel_id) if receipt else (None, None)

    async def _stop(self, interaction: discord.Interaction[Any], question_id: int) -> None:
        await interaction.response.defer()
        self._desk.service.stop(question_id, "stopped")

    async def _ask_again(
        self, interaction: discord.Interaction[Any], question_id: int, model_id: str | None
    ) -> None:
        """Ask the same again; a second press meanwhile asks nothing."""
        again = (question_id, model_id)
        if again in self._asking_again:
            raise Refused(_("I am already asking this again: the answer is on its way."))
        self._asking_again.add(again)
        try:
            await ask_again(self._desk, interaction, question_id, model_id)
        finally:
            self._asking_again.remove(again)

    async def _offer_models(self, interaction: discord.Interaction[Any], question_id: int) -> None:
        guild_id = home(interaction)
        asker, place = asker_of(interaction), place_of(interaction)
        models = self._desk.service.offered(guild_id, asker, place)
        text, view = model_list(models, question_id, in_guild=guild_id is not None)
        await exchange_of(self._desk.service, question_id)
        await say(interaction, text, view)

    async def _open_form(self, interaction: discord.Interaction[Any], question_id: int) -> None:
        await exchange_of(self._desk.service, question_id)  # better to hear it before typing
        form = question_form(
            title=_("Follow up"),
            hint=_("The picture and the answers so far go along."),
            custom_id=f"vidi:followup:{question_id}:{interaction.id}",
            required=True,
        )
        await interaction.response.send_modal(form)

    async def _delete(self, interaction: discord.Interaction[Any], question_id: int) -> None:
        """Delete an answer, all its pages as far as the bot may, and what is kept of it."""
        await interaction.response.defer()
        pages = await self._desk.service.pages(question_id)
        await self._desk.service.forget(question_id)
        pressed_on = interaction.message.id if interaction.message else None
        channel = self._desk.bot.get_partial_messageable(interaction.channel_id or 0)
        for page in pages:
            if page != pressed_on:
                with suppress(discord.HTTPException):
                    await channel.get_partial_message(page).delete()
        with suppress(discord.NotFound):
            await interaction.delete_original_response()


def _chosen(interaction: discord.Interaction[Any]) -> str | None:
    values = cast("dict[str, list[str]]", interaction.data or {}).get("values", [])
    return values[0] if values else None
