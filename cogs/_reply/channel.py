"""A channel as the place of an answer."""

from typing import Any

import discord
from discord.utils import MISSING

from cogs._reply.card import shown
from cogs._reply.pages import Page
from cogs._reply.surfaces import Surface, delete_after, nonce


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

    async def put(self, index: int, page: Page) -> discord.Message:
        form = shown(page)
        files = form.files or MISSING
        if index < len(self._shown):
            self._shown[index] = await self._shown[index].edit(
                content=form.content, view=form.view, attachments=files, suppress=True
            )
            return self._shown[index]
        reference: Any = None  # the declared overloads forget their own default
        if self._reply_to is not None and index == 0:
            reference = self._reply_to.to_reference(fail_if_not_exists=False)
        message = await self._channel.send(
            form.content,
            view=form.view or MISSING,
            files=files,
            reference=reference,
            mention_author=False,
            nonce=nonce(page.question_id or self._source_id, index),
            suppress_embeds=True,
        )
        self._shown.append(message)
        return message

    async def refuse(self, page: Page) -> None:
        await self.put(0, page)

    async def trim(self, count: int) -> None:
        await delete_after(self._shown, count)

    async def type(self) -> None:
        await self._channel.typing()

    def elsewhere(self) -> Surface | None:
        return None

    async def discard(self) -> None:
        await self.trim(0)


def beneath(message: discord.Message) -> ChannelSurface:
    """Give the place beneath a message, as a reply to it where the bot may refer to it."""
    readable = message.guild is None or _granted(message).read_message_history
    return ChannelSurface(
        message.channel,
        channel_id=message.channel.id,
        source_id=message.id,
        reply_to=message if readable else None,
    )


def may_write(message: discord.Message) -> bool:
    """Tell whether the bot may answer where a message stands."""
    if message.guild is None:
        return True
    granted = _granted(message)
    in_thread = isinstance(message.channel, discord.Thread)
    may_send = granted.send_messages_in_threads if in_thread else granted.send_messages
    return may_send and granted.view_channel


def may_attach(message: discord.Message) -> bool:
    """Tell whether the bot may attach files where a message stands."""
    return message.guild is None or _granted(message).attach_files


def _granted(message: discord.Message) -> discord.Permissions:
    assert message.guild is not None  # noqa: S101 - asked of guilds' messages alone
    return message.channel.permissions_for(message.guild.me)
