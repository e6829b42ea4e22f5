"""An interaction as the place of an answer."""

from contextlib import suppress
from typing import Any

import discord
from discord.utils import MISSING

from cogs._reply.card import shown
from cogs._reply.channel import ChannelSurface
from cogs._reply.pages import Page
from cogs._reply.surfaces import Surface, delete_after


class InteractionSurface:
    """The response to a deferred interaction, and follow-ups after it."""

    needs_placeholder = False

    def __init__(self, interaction: discord.Interaction[Any], *, private: bool) -> None:
        self.bucket = interaction.id
        self.private = private
        self._interaction = interaction
        self._shown: list[discord.InteractionMessage | discord.WebhookMessage] = []

    async def put(self, index: int, page: Page) -> discord.Message:
        form = shown(page)
        content, view, files = form.content, form.view, form.files or MISSING
        if index == 0:
            message = await self._interaction.edit_original_response(
                content=content, view=view, attachments=files
            )
        elif index < len(self._shown):
            message = await self._shown[index].edit(content=content, view=view, attachments=files)
        else:
            message = await self._interaction.followup.send(
                content or MISSING,
                view=view or MISSING,
                files=files,
                ephemeral=self.private,
                suppress_embeds=True,
                wait=True,
            )
        self._shown[index : index + 1] = [message]
        return message

    async def refuse(self, page: Page) -> None:
        if self.private or self._shown:
            await self.put(0, page)
            return
        # A deferred response keeps its visibility, so the public one has to go.
        with suppress(discord.NotFound):  # when this is tried again, it is gone already
            await self._interaction.delete_original_response()
        form = shown(page)
        await self._interaction.followup.send(
            form.content or MISSING, view=form.view or MISSING, ephemeral=True
        )

    async def trim(self, count: int) -> None:
        await delete_after(self._shown, count)

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
