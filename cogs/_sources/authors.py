"""Whose pictures a message shows, where that isn't simply who wrote it."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import discord
from discord.ext import commands

from bot.privacy.consent import OptOuts
from bot.service import VisionService
from bot.types import ImageRef
from cogs._sources.attachments import Pictures

PATIENCE = 2.0  # seconds for finding out; the asker is waiting
HOPS = 3  # forwards of forwards that are followed


@dataclass(frozen=True, slots=True)
class _Owners:
    """Whose the pictures of a message are: by attachment, and all others. None is unknown."""

    others: int | None = None
    by_attachment: Mapping[int, int | None] = field(default_factory=dict[int, int | None])

    def of(self, image: ImageRef) -> int | None:
        if image.origin is None:
            return self.others
        return self.by_attachment.get(image.origin.attachment_id, self.others)


@dataclass(frozen=True, slots=True)
class Pointed:
    """What somebody pointed at; `message` is None for an avatar."""

    pictures: Pictures
    message: discord.Message | None = None


class Authors:
    """Names the authors of pictures that were forwarded, or that the bot shows again itself."""

    def __init__(
        self, bot: commands.AutoShardedBot, service: VisionService, opt_outs: OptOuts
    ) -> None:
        self._bot = bot
        self._service = service
        self._opt_outs = opt_outs

    async def named(self, message: discord.Message | None, pictures: Pictures) -> Pictures:
        """Give the pictures of a message with their true authors, as far as they can be known.

        The original of a forward is looked up only while anybody has opted out at all."""
        if message is None or not (self._is_ours(message) or message.message_snapshots):
            return pictures
        try:
            async with asyncio.timeout(PATIENCE):
                owners = await self._owners(message, HOPS)
        except TimeoutError:
            owners = _Owners()
        images = (replace(image, author_id=owners.of(image)) for image in pictures.images)
        return replace(pictures, images=tuple(images))

    def willing(self, images: Iterable[ImageRef]) -> tuple[ImageRef, ...]:
        """Give the pictures whose authors, as far as known, haven't opted out."""
        return tuple(image for image in images if image.author_id not in self._opt_outs)

    def _is_ours(self, message: discord.Message) -> bool:
        return self._bot.user is not None and message.author.id == self._bot.user.id

    async def _owners(self, message: discord.Message, hops: int) -> _Owners:
        if self._is_ours(message):
            return await self._shown_again(message.id)
        if not message.message_snapshots:
            return _Owners(message.author.id)
        original = await self._original(message.reference) if hops else None
        return await self._owners(original, hops - 1) if original else _Owners()

    async def _shown_again(self, message_id: int) -> _Owners:
        """Give whose the pictures on an answer of ours are: what /ask was given, or an avatar."""
        question_id = await self._service.question_of_message(message_id)
        if question_id is None:
            return _Owners()
        if exchange := await self._service.exchange(question_id):
            known = {image.author_id for image in exchange.images}
            return _Owners(
                known.pop() if len(known) == 1 else exchange.asker_id,
                {i.origin.attachment_id: i.author_id for i in exchange.images if i.origin},
            )
        receipt = await self._service.receipt(question_id)
        return _Owners(receipt.user_id if receipt and receipt.user_id > 0 else None)

    async def _original(self, reference: discord.MessageReference | None) -> discord.Message | None:
        """Fetch what was forwarded, if it comes from a guild of ours and the bot may see it."""
        if not self._opt_outs or reference is None or reference.message_id is None:
            return None
        if reference.guild_id is None or self._bot.get_guild(reference.guild_id) is None:
            return None
        channel = self._bot.get_partial_messageable(reference.channel_id)
        try:
            return await channel.fetch_message(reference.message_id)
        except discord.HTTPException:
            return None
