"""Pictures of earlier questions: fresh links from the messages they hang on."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import discord
from discord.ext import commands

from bot.errors import PictureExpired, Refused
from bot.i18n import _
from bot.service import VisionService
from bot.types import Exchange, ImageRef, Task, Turn
from cogs._sources.message import pictures_of

STILL_GOOD = dt.timedelta(minutes=2)


async def exchange_of(service: VisionService, question_id: int) -> Exchange:
    """Give what was asked and answered; raises Refused when that is no longer kept."""
    exchange = await service.exchange(question_id)
    if exchange is None:
        raise Refused(
            _("I no longer have this question: it was erased. Please ask with the picture again.")
        )
    return exchange


async def exchange_shown_by(
    service: VisionService, message_id: int, *, needed: bool
) -> Exchange | None:
    """Give the exchange whose answer a message shows; None for other messages.

    One that is no longer kept is None, too, unless it is `needed`: then Refused says so."""
    question_id = await service.question_of_message(message_id)
    if question_id is None:
        return None
    if needed:
        return await exchange_of(service, question_id)
    return await service.exchange(question_id)


async def follow_up(
    bot: commands.AutoShardedBot, exchange: Exchange, user_id: int
) -> tuple[tuple[ImageRef, ...], tuple[Turn, ...]]:
    """Give the pictures and the conversation that somebody's question after this one needs.

    Of a private conversation that was shared, others know the shared answer alone."""
    knows_all = not exchange.private or user_id == exchange.asker_id
    turn = Turn(exchange.text or task_name(exchange.task), exchange.answer)
    earlier = exchange.history if knows_all else ()
    return await refreshed(bot, exchange.images), (*earlier, turn)


async def refreshed(
    bot: commands.AutoShardedBot, images: Iterable[ImageRef]
) -> tuple[ImageRef, ...]:
    """Give pictures with links that work; raises PictureExpired if none of them has one."""
    wanted = tuple(images)
    stale = {
        (image.origin.channel_id, image.origin.message_id)
        for image in wanted
        if image.origin and not _still_good(image)
    }
    fresh: dict[int, ImageRef] = {}
    for channel_id, message_id in stale:
        fresh |= await _attached_to(bot, channel_id, message_id)
    found = tuple(picture for image in wanted if (picture := _current(image, fresh)))
    if wanted and not found:
        raise PictureExpired(_("The picture is no longer there. Please send it again."))
    return found


def task_name(task: Task) -> str:
    """Name what was wanted where nobody wrote a question."""
    return {
        Task.ASK: _("What is in the picture?"),
        Task.DESCRIBE: _("Describe the picture."),
        Task.READ: _("Read the text in the picture."),
        Task.TRANSLATE: _("Translate the text in the picture."),
    }[task]


async def _attached_to(
    bot: commands.AutoShardedBot, channel_id: int, message_id: int
) -> dict[int, ImageRef]:
    try:
        message = await bot.get_partial_messageable(channel_id).fetch_message(message_id)
    except discord.HTTPException:
        return {}
    images = pictures_of(message).images
    return {image.origin.attachment_id: image for image in images if image.origin}


def _current(image: ImageRef, fresh: dict[int, ImageRef]) -> ImageRef | None:
    if _still_good(image):
        return image
    if image.origin is None or image.origin.attachment_id not in fresh:
        return None
    current = fresh[image.origin.attachment_id]
    return replace(
        current,
        alt=image.alt,
        spoiler=image.spoiler,
        author_id=image.author_id or current.author_id,
    )


def _still_good(image: ImageRef) -> bool:
    return image.expires_at is None or image.expires_at > dt.datetime.now(dt.UTC) + STILL_GOOD
