"""After a crash: the messages of interrupted questions get their end."""

from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import discord
from discord.ext import commands
from discord.utils import MISSING

from bot.i18n import _
from bot.service import VisionService
from bot.text import pages, units
from bot.types import Delivery, Undelivered
from cogs._reply.buttons import FAILED, after_answer
from cogs._reply.card import said_in, shown
from cogs._reply.pages import PAGE, Frame, Page, Upload, lay_out
from cogs._reply.surfaces import TOKEN_DEAD, UNKNOWN_MESSAGE, nonce

GONE = TOKEN_DEAD | {UNKNOWN_MESSAGE, 10003, 50001, 50013}
ORIGINAL: int = "@original"  # pyright: ignore[reportAssignmentType] - its documented stand-in


class _Place(Protocol):
    """The one message in which an answer was awaited."""

    async def read(self) -> discord.Message | None: ...

    async def write(self, page: Page) -> discord.Message: ...


async def finish_undelivered(
    bot: commands.AutoShardedBot, service: VisionService, undelivered: Undelivered
) -> None:
    """Write the answer, or that there is none, where it was awaited; one message, a file beyond.

    A message that was framed already stays framed; what had not got so far becomes plain."""
    place = await _place(bot, service, undelivered)
    message_ids: tuple[int, ...] = ()
    if place is not None:
        try:
            message_ids = (await _finish(place, service, undelivered),)
        except discord.HTTPException as error:
            if error.code not in GONE:
                raise
    await service.delivered(undelivered.question_id, message_ids)


async def _finish(place: _Place, service: VisionService, undelivered: Undelivered) -> int:
    exchange = await service.exchange(undelivered.question_id)
    seen = await place.read()
    spoiler = exchange is not None and any(image.spoiler for image in exchange.images)
    if undelivered.text:
        layout = lay_out(undelivered.text, Frame(spoiler=spoiler))
        text, rest = layout.texts[0], "\n".join((*layout.texts[1:], layout.rest)).strip()
        actions = after_answer(private=bool(exchange and exchange.private))
    else:
        text, rest, actions = _broken_off(said_in(seen) if seen else ""), "", FAILED
    page = Page(
        text,
        undelivered.question_id,
        actions if exchange else actions[-1:],
        (Upload(rest.encode(), "answer.md", spoiler=spoiler),) if rest else (),
        seen is not None and seen.flags.components_v2,
    )
    return (await place.write(page)).id


async def _place(
    bot: commands.AutoShardedBot, service: VisionService, undelivered: Undelivered
) -> _Place | None:
    """Give where the answer is awaited; without its token, an interaction's is nowhere."""
    where = undelivered.delivery
    if where.application_id is not None:
        return _Response(bot, where.application_id, where.token) if where.token else None
    receipt = await service.receipt(undelivered.question_id)
    return _InChannel(bot, where, undelivered.question_id, receipt.source_id if receipt else 0)


class _InChannel:
    """The bot's own message, or, where nobody knows whether it got out, a reply to the question."""

    def __init__(
        self, bot: commands.AutoShardedBot, where: Delivery, question_id: int, source_id: int
    ) -> None:
        self._channel = bot.get_partial_messageable(where.channel_id)
        self._message_id = where.message_id
        self._nonce = nonce(question_id, 0)
        self._source = discord.MessageReference(
            message_id=source_id, channel_id=where.channel_id, fail_if_not_exists=False
        )

    async def read(self) -> discord.Message | None:
        if self._message_id is None:
            return None
        with suppress(discord.Forbidden):
            return await self._channel.fetch_message(self._message_id)
        return None

    async def write(self, page: Page) -> discord.Message:
        if self._message_id is None:
            # The same nonce: if the placeholder did get out, Discord gives it back.
            message = await self._channel.send(
                page.text,
                nonce=self._nonce,
                reference=self._source,
                mention_author=False,
                suppress_embeds=True,
            )
            self._message_id = message.id
            page = replace(page, card=message.flags.components_v2)
        message = self._channel.get_partial_message(self._message_id)
        form = shown(page)
        return await message.edit(
            content=form.content, view=form.view, attachments=form.files or MISSING
        )


class _Response:
    """The response to an interaction, as long as its token lives."""

    def __init__(self, bot: commands.AutoShardedBot, application_id: int, token: str) -> None:
        self._webhook = discord.Webhook.partial(application_id, token, client=bot)

    async def read(self) -> discord.Message | None:
        return await self._webhook.fetch_message(ORIGINAL)

    async def write(self, page: Page) -> discord.Message:
        form = shown(page)
        return await self._webhook.edit_message(
            ORIGINAL, content=form.content, view=form.view, attachments=form.files or MISSING
        )


def _broken_off(seen: str) -> str:
    """Give what was to be read already, and below it that no more will come."""
    sentence = _("I was interrupted by a restart. Please ask again.")
    if not seen.strip() or seen.startswith("-# "):
        return sentence
    return f"{pages(seen, PAGE - units(sentence))[0]}\n-# {sentence}"
