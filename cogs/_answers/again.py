"""Asking once more: a follow-up, the same again, the same of another model."""

from typing import Any

import discord

from bot.errors import Refused
from bot.i18n import _
from bot.types import Entry, Exchange, ImageRef, Question, Task, Turn
from cogs._panels import home
from cogs._reply import Desk
from cogs._sources.interaction import asker_of, delivery_of, place_of
from cogs._sources.refresh import follow_up, refreshed


async def exchange_of(desk: Desk, question_id: int) -> Exchange:
    """Give what was asked and answered; raises Refused when that is no longer kept."""
    exchange = await desk.service.exchange(question_id)
    if exchange is None:
        raise Refused(
            _("I no longer have this question: it was erased. Please ask with the picture again.")
        )
    return exchange


async def ask_follow_up(
    desk: Desk, interaction: discord.Interaction[Any], question_id: int, text: str
) -> None:
    """Ask a further question about the same pictures, with the conversation so far."""
    exchange = await exchange_of(desk, question_id)
    await interaction.response.defer(ephemeral=exchange.private, thinking=True)
    images, history = await follow_up(desk.bot, exchange)
    question = _question(interaction, exchange, text, Task.ASK, images, history)
    await desk.answer_interaction(interaction, question)


async def ask_again(
    desk: Desk, interaction: discord.Interaction[Any], question_id: int, model_id: str | None
) -> None:
    """Ask the same again, of `model_id` or of the model that answered if it is still offered."""
    exchange = await exchange_of(desk, question_id)
    await interaction.response.defer(ephemeral=exchange.private, thinking=True)
    offered = {model.id for model in desk.service.offered(home(interaction))}
    chosen = model_id or (exchange.model_id if exchange.model_id in offered else None)
    images = await refreshed(desk.bot, exchange.images)
    question = _question(
        interaction, exchange, exchange.text, exchange.task, images, exchange.history, chosen
    )
    await desk.answer_interaction(interaction, question)


def _question(
    interaction: discord.Interaction[Any],
    exchange: Exchange,
    text: str,
    task: Task,
    images: tuple[ImageRef, ...],
    history: tuple[Turn, ...],
    model_id: str | None = None,
) -> Question:
    return Question(
        source_id=interaction.id,
        entry=Entry.BUTTON,
        asker=asker_of(interaction),
        place=place_of(interaction),
        text=text,
        images=images,
        task=task,
        history=history,
        model_id=model_id,
        private=exchange.private,
        delivery=delivery_of(interaction),
    )
