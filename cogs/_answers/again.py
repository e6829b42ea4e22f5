"""Asking once more: a follow-up, the same again, the same of another model."""

from dataclasses import replace
from typing import Any

import discord

from bot.errors import PictureExpired, Refused
from bot.i18n import _
from bot.types import Entry, Exchange, Question, Task
from cogs._panels import home
from cogs._reply import Desk
from cogs._reply.interaction import InteractionSurface
from cogs._reply.pages import Page
from cogs._sources.interaction import asker_of, delivery_of, place_of
from cogs._sources.refresh import exchange_of, follow_up, refreshed


async def ask_follow_up(
    desk: Desk, interaction: discord.Interaction[Any], question_id: int, text: str
) -> None:
    """Ask a further question about the same pictures, with the conversation so far."""
    exchange = await exchange_of(desk.service, question_id)
    await _require_sight(desk, interaction, exchange)
    private = _is_private(interaction, exchange)
    await interaction.response.defer(ephemeral=private, thinking=True)
    try:
        images, history = await follow_up(desk.bot, exchange, interaction.user.id)
    except PictureExpired as expired:
        await InteractionSurface(interaction, private=private).refuse(Page(expired.sentence))
        return
    question = _question(interaction, exchange, private=private)
    question = replace(question, text=text, task=Task.ASK, images=images, history=history)
    await desk.answer_interaction(interaction, question)


async def ask_again(
    desk: Desk, interaction: discord.Interaction[Any], question_id: int, model_id: str | None
) -> None:
    """Ask the same again, of `model_id` or of the model that answered if it is still offered."""
    exchange = await exchange_of(desk.service, question_id)
    private = _is_private(interaction, exchange)
    await interaction.response.defer(ephemeral=private, thinking=True)
    try:
        images = await refreshed(desk.bot, exchange.images)
    except PictureExpired as expired:
        await InteractionSurface(interaction, private=private).refuse(Page(expired.sentence))
        return
    offered = {
        model.id
        for model in desk.service.offered(
            home(interaction), asker_of(interaction), place_of(interaction)
        )
    }
    chosen = model_id or (exchange.model_id if exchange.model_id in offered else None)
    question = _question(interaction, exchange, private=private)
    await desk.answer_interaction(interaction, replace(question, images=images, model_id=chosen))


async def _require_sight(
    desk: Desk, interaction: discord.Interaction[Any], exchange: Exchange
) -> None:
    """Raise Refused where a private answer is followed up from a message that doesn't show it."""
    if not exchange.private or interaction.user.id == exchange.asker_id:
        return
    message_id = interaction.message.id if interaction.message else 0
    if await desk.service.question_of_message(message_id) != exchange.question_id:
        raise Refused(_("This answer was for somebody else alone."))


def _is_private(interaction: discord.Interaction[Any], exchange: Exchange) -> bool:
    """Tell whether only the asker may see what comes: not beneath what was shared meanwhile."""
    pressed_on = interaction.message
    return exchange.private and (pressed_on is None or pressed_on.flags.ephemeral)


def _question(
    interaction: discord.Interaction[Any], exchange: Exchange, *, private: bool
) -> Question:
    return Question(
        source_id=interaction.id,
        entry=Entry.BUTTON,
        asker=asker_of(interaction),
        place=place_of(interaction),
        text=exchange.text,
        images=exchange.images,
        task=exchange.task,
        history=exchange.history,
        private=private,
        delivery=delivery_of(interaction),
    )
