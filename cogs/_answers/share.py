"""Sharing: a private answer is posted for everybody, once."""

from collections import deque
from collections.abc import Sequence
from typing import Any

import discord
from discord.utils import MISSING

from bot.errors import Refused
from bot.i18n import _
from bot.text import plain
from bot.types import Exchange, ImageRef
from cogs._reply import Desk
from cogs._reply.buttons import SHARED
from cogs._reply.card import said_in, shown, with_buttons
from cogs._reply.pages import Frame, Page, Upload, lay_out, quote
from cogs._reply.reattach import collect

REMEMBERED = 1000  # shared answers; older ones have lost their button long ago


class Shares:
    """Posts private answers publicly, each once, however often its button is pressed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._done: deque[int] = deque(maxlen=REMEMBERED)

    async def share(self, interaction: discord.Interaction[Any], question_id: int) -> None:
        """Post an answer publicly, with its question, and take the Share button away."""
        if question_id in self._done:
            raise Refused(_("This answer is already shared."))
        if not _may_be_public(interaction):
            raise Refused(
                _("This server shows answers of apps that aren't members only to who asked.")
            )
        message = interaction.message
        assert message is not None  # noqa: S101 - a button is pressed on a message
        self._done.append(question_id)
        try:
            view = with_buttons(message, question_id, SHARED)
            await interaction.response.edit_message(view=view)
            await self._post(interaction, message, question_id)
        except BaseException:
            self._done.remove(question_id)
            raise

    async def _post(
        self, interaction: discord.Interaction[Any], message: discord.Message, question_id: int
    ) -> None:
        exchange = await self._desk.service.exchange(question_id)
        images = exchange.images if exchange else ()
        said, _mark, print_ = said_in(message).rpartition("\n-# ")
        small_print = (print_, _shared_by(interaction, images)) if print_ else ()
        layout = lay_out(exchange.answer if exchange else said, _frame(exchange), small_print)
        unseen = (image for image in images if image.origin is None)
        uploads = await collect(self._desk.service, self._desk.authors.willing(unseen))
        rest = (Upload(layout.rest.encode(), "answer.md"),) if layout.rest else ()
        ids = [message.id]
        for index, text in enumerate(layout.texts):
            is_last = index == len(layout.texts) - 1
            attached = (uploads if index == 0 else ()) + (rest if is_last else ())
            actions = SHARED if is_last else ()
            framed = message.flags.components_v2
            form = shown(Page(text, question_id, actions, attached, framed))
            posted = await interaction.followup.send(
                form.content or MISSING,
                view=form.view or MISSING,
                files=form.files or MISSING,
                suppress_embeds=True,
                wait=True,
            )
            ids.append(posted.id)
        await self._desk.service.delivered(question_id, tuple(ids))


def _may_be_public(interaction: discord.Interaction[Any]) -> bool:
    if interaction.guild_id is None or interaction.is_guild_integration():
        return True
    return interaction.permissions.use_external_apps


def _frame(exchange: Exchange | None) -> Frame:
    if exchange is None:
        return Frame()
    spoiler = any(image.spoiler for image in exchange.images)
    return Frame(head=quote(exchange.text), spoiler=spoiler)


def _shared_by(interaction: discord.Interaction[Any], images: Sequence[ImageRef]) -> str:
    """Say who shared it, and where the picture hangs if everybody can see it there."""
    name = plain(interaction.user.display_name)
    origin = next((image.origin for image in images if image.origin), None)
    if origin is None:
        return _("Shared by {name}").format(name=name)
    place = f"{interaction.guild_id or '@me'}/{origin.channel_id}/{origin.message_id}"
    return _("Shared by {name}, about {link}").format(
        name=name, link=f"https://discord.com/channels/{place}"
    )
