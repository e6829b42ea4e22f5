"""Where an answer appears: as a reply in a channel, or as an interaction's response."""

from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any, Protocol

import discord
from discord.utils import MISSING

from bot.types import ImageRef
from cogs._reply.buttons import view_of
from cogs._reply.pages import Page, Upload
from cogs._sources.attachments import from_attachments

UNKNOWN_MESSAGE = 10008
TOKEN_DEAD = frozenset({10015, 50027})


class Surface(Protocol):
    """A row of messages that shows one answer."""

    bucket: int
    private: bool
    needs_placeholder: bool
    """Whether nothing tells yet that the question is being worked on."""

    async def put(self, index: int, page: Page, question_id: int) -> discord.Message:
        """Write a page into its message, a new one if it is the next."""
        ...

    async def refuse(self, sentence: str) -> None:
        """Say no in place of an answer, privately where that is possible."""
        ...

    async def trim(self, count: int) -> None:
        """Delete the messages after the first `count`."""
        ...

    async def type(self) -> None:
        """Show that an answer is being written, where nothing else shows it."""
        ...

    def elsewhere(self) -> "Surface | None":
        """Give where to write when this surface no longer takes anything."""
        ...

    async def discard(self) -> None:
        """Delete what it shows after the answer went elsewhere."""
        ...


class ChannelSurface:
    """Messages of the bot's own in a channel, in reply to the asker's where that is allowed."""

    private = False
    needs_placeholder = True

    def __init__(
        self,
        channel: discord.abc.Messageable,
        *,
        channel_id: int,
        source_id: int,
        reply_to: discord.Message | None = None,
    ) -> None:
        self.bucket = channel_id
        self._channel = channel
        self._source_id = source_id
        self._reply_to = reply_to
        self._shown: list[discord.Message] = []

    async def put(self, index: int, page: Page, question_id: int) -> discord.Message:
        view = view_of(page.question_id, page.actions)
        files = [file_of(upload) for upload in page.uploads] or MISSING
        if index < len(self._shown):
            self._shown[index] = await self._shown[index].edit(
                content=page.text, view=view, attachments=files, suppress=True
            )
            return self._shown[index]
        reference: Any = None  # the declared overloads forget their own default
        if self._reply_to is not None and index == 0:
            reference = self._reply_to.to_reference(fail_if_not_exists=False)
        message = await self._channel.send(
            page.text,
            view=view or MISSING,
            files=files,
            reference=reference,
            mention_author=False,
            nonce=nonce(question_id or self._source_id, index),
            suppress_embeds=True,
        )
        self._shown.append(message)
        return message

    async def refuse(self, sentence: str) -> None:
        await self.put(0, Page(sentence), 0)

    async def trim(self, count: int) -> None:
        for message in self._shown[count:]:
            with suppress(discord.NotFound):
                await message.delete()
        del self._shown[count:]

    async def type(self) -> None:
        await self._channel.typing()

    def elsewhere(self) -> Surface | None:
        return None

    async def discard(self) -> None:
        await self.trim(0)


class InteractionSurface:
    """The response to a deferred interaction, and follow-ups after it."""

    needs_placeholder = False

    def __init__(self, interaction: discord.Interaction[Any], *, private: bool) -> None:
        self.bucket = interaction.id
        self.private = private
        self._interaction = interaction
        self._shown: list[discord.InteractionMessage | discord.WebhookMessage] = []

    async def put(self, index: int, page: Page, question_id: int) -> discord.Message:
        view = view_of(page.question_id, page.actions)
        files = [file_of(upload) for upload in page.uploads] or MISSING
        if index == 0:
            message = await self._interaction.edit_original_response(
                content=page.text, view=view, attachments=files
            )
        elif index < len(self._shown):
            message = await self._shown[index].edit(content=page.text, view=view, attachments=files)
        else:
            message = await self._interaction.followup.send(
                page.text,
                view=view or MISSING,
                files=files,
                ephemeral=self.private,
                suppress_embeds=True,
                wait=True,
            )
        self._shown[index : index + 1] = [message]
        return message

    async def refuse(self, sentence: str) -> None:
        if self.private or self._shown:
            await self.put(0, Page(sentence), 0)
            return
        # A deferred response keeps its visibility, so the public one has to go.
        with suppress(discord.NotFound):  # when this is tried again, it is gone already
            await self._interaction.delete_original_response()
        await self._interaction.followup.send(sentence, ephemeral=True)

    async def trim(self, count: int) -> None:
        for message in self._shown[count:]:
            with suppress(discord.NotFound):
                await message.delete()
        del self._shown[count:]

    async def type(self) -> None:
        """Do nothing: “thinking…” tells."""

    def elsewhere(self) -> Surface | None:
        """Give the channel itself, once the interaction's 15 minutes are over."""
        interaction, channel = self._interaction, self._interaction.channel
        at_home = interaction.is_guild_integration() or interaction.guild_id is None
        allowed = interaction.guild_id is None or interaction.app_permissions.send_messages
        if self.private or not at_home or not allowed:
            return None
        if not isinstance(channel, discord.abc.Messageable):
            return None
        return ChannelSurface(channel, channel_id=self._channel_id, source_id=interaction.id)

    async def discard(self) -> None:
        """Delete the unfinished response as the bot itself; its token no longer can."""
        channel = self._interaction.client.get_partial_messageable(self._channel_id)
        for message in self._shown:
            with suppress(discord.HTTPException):
                await channel.get_partial_message(message.id).delete()

    @property
    def _channel_id(self) -> int:
        return self._interaction.channel_id or 0


def nonce(number: int, index: int) -> str:
    """Give the nonce that lets Discord keep a repeated message from appearing twice."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"{digits}-{index}" if index else digits


def pictures_on(message: discord.Message, uploads: Sequence[Upload]) -> tuple[ImageRef, ...]:
    """Give the pictures that hang on a message of ours now, as far as they are uploads."""
    found = from_attachments(
        message.attachments, channel_id=message.channel.id, message_id=message.id
    )
    return found.images[: len(uploads)]


class _File(discord.File):
    """A file that says it is a spoiler: Discord no longer goes by the name discord.py gives it."""

    def to_dict(self, index: int) -> dict[str, Any]:
        return {**super().to_dict(index), "is_spoiler": self.spoiler}


def file_of(upload: Upload) -> discord.File:
    """Give a file to send once; discord.py closes it afterwards."""
    return _File(
        BytesIO(upload.data),
        filename=upload.filename,
        description=upload.alt,
        spoiler=upload.spoiler,
    )
