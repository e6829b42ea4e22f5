"""After a crash: the messages of interrupted questions get their end."""

import discord
from discord.ext import commands
from discord.utils import MISSING

from bot.i18n import _
from bot.service import VisionService
from bot.types import Delivery, Undelivered
from cogs._reply.buttons import FAILED, after_answer, view_of
from cogs._reply.pages import Frame, Layout, Upload, lay_out
from cogs._reply.surfaces import TOKEN_DEAD, UNKNOWN_MESSAGE, file_of, nonce

GONE = TOKEN_DEAD | {UNKNOWN_MESSAGE, 10003, 50001, 50013}


async def finish_undelivered(
    bot: commands.AutoShardedBot, service: VisionService, undelivered: Undelivered
) -> None:
    """Write the answer, or that there is none, where it was awaited; one message, a file beyond."""
    exchange = await service.exchange(undelivered.question_id)
    spoiler = exchange is not None and any(image.spoiler for image in exchange.images)
    text = undelivered.text
    layout = lay_out(text, Frame(spoiler=spoiler)) if text else Layout((_interrupted(),))
    actions = after_answer(private=bool(exchange and exchange.private)) if text else FAILED
    view = view_of(undelivered.question_id, actions if exchange else actions[-1:])
    rest = "\n".join((*layout.texts[1:], layout.rest)).strip()
    uploads = (Upload(rest.encode(), "answer.md"),) if rest else ()
    try:
        message_id = await _write(bot, undelivered, layout.texts[0], view, uploads)
    except discord.HTTPException as error:
        if error.code not in GONE:
            raise
        message_id = None
    ids = () if message_id is None else (message_id,)
    await service.delivered(undelivered.question_id, ids)


async def _write(
    bot: commands.AutoShardedBot,
    undelivered: Undelivered,
    text: str,
    view: discord.ui.View | None,
    uploads: tuple[Upload, ...],
) -> int | None:
    where = undelivered.delivery
    files = [file_of(upload) for upload in uploads] or MISSING
    if where.application_id is not None:
        return await _write_by_token(bot, where, text, view, files)
    channel = bot.get_partial_messageable(where.channel_id)
    message_id = where.message_id
    if message_id is None:
        # The same nonce: if the placeholder did get out, Discord gives it back.
        mark = nonce(undelivered.question_id, 0)
        message_id = (await channel.send(text, nonce=mark, suppress_embeds=True)).id
    message = channel.get_partial_message(message_id)
    await message.edit(content=text, view=view, attachments=files)
    return message_id


async def _write_by_token(
    bot: commands.AutoShardedBot,
    where: Delivery,
    text: str,
    view: discord.ui.View | None,
    files: list[discord.File],
) -> int | None:
    """Edit an interaction's response; without its token nothing may be said in its place."""
    if where.token is None or where.application_id is None:
        return None
    webhook = discord.Webhook.partial(where.application_id, where.token, client=bot)
    original: int = "@original"  # pyright: ignore[reportAssignmentType] - its documented stand-in
    message = await webhook.edit_message(original, content=text, view=view, attachments=files)
    return message.id


def _interrupted() -> str:
    return _("I was interrupted by a restart. Please ask again.")
