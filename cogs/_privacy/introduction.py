"""The first use in a guild: its channel is told once which company receives pictures."""

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord

from bot.errors import StorageBusy
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.membership import Guilds
from bot.i18n import _
from bot.service import VisionService
from bot.text import plain

log = logging.getLogger(__name__)

Post = Callable[[str], Awaitable[object]]
"""Writes a sentence for everybody to read; raises what Discord says where that is impossible."""


class Introductions:
    """Tells a guild once, after the first answer for which a picture left the bot's machine."""

    def __init__(self, guilds: Guilds, catalogs: GuildCatalogs, service: VisionService) -> None:
        self._guilds = guilds
        self._catalogs = catalogs
        self._service = service

    async def make(self, guild_id: int | None, question_id: int | None, post: Post | None) -> None:
        """Tell it now, if this question is the first; where that fails, the next one tries."""
        if guild_id is None or question_id is None or post is None:
            return
        if self._guilds.is_introduced(guild_id):
            return
        try:
            receipt = await self._service.receipt(question_id)
            if receipt is None or receipt.state != "answered" or not receipt.model_id:
                return
            sentence = self._sentence(receipt.model_id, guild_id)
            if sentence and await self._guilds.claim_introduction(guild_id):
                await self._post(guild_id, sentence, post)
        except StorageBusy:
            log.warning("a server could not be told who receives pictures; the next answer tries")

    async def _post(self, guild_id: int, sentence: str, post: Post) -> None:
        try:
            await post(sentence)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.info("a channel could not be told who receives pictures: %s", error)
            await self._guilds.release_introduction(guild_id)

    def _sentence(self, model_id: str, guild_id: int) -> str | None:
        """Say which company receives pictures; None while they stay on the bot's machine."""
        catalog = self._catalogs.of(guild_id)
        model = catalog.find(model_id)
        endpoint = catalog.endpoint(model.provider) if model else None
        if model is None or endpoint is None:
            return None
        return _(
            "Pictures that members ask me about go to {company} ({host}). /privacy show has the "
            "rest; /privacy optout keeps yours back. I say this once."
        ).format(company=plain(model.provider.company), host=plain(endpoint.host))


def beside(interaction: discord.Interaction[Any], *, private: bool) -> Post | None:
    """Give what writes where an interaction was answered; None where that can't be.

    A follow-up would say who asked, so after a private answer only the channel itself will do."""
    channel, allowed = interaction.channel, interaction.app_permissions
    in_thread = isinstance(channel, discord.Thread)
    may_send = allowed.send_messages_in_threads if in_thread else allowed.send_messages
    if isinstance(channel, discord.abc.Messageable) and may_send and allowed.view_channel:
        return functools.partial(channel.send, suppress_embeds=True)
    if private:
        return None
    return functools.partial(interaction.followup.send, suppress_embeds=True, wait=True)


def below(message: discord.Message) -> Post:
    """Give what writes into the channel of a message."""
    return functools.partial(message.channel.send, suppress_embeds=True)
