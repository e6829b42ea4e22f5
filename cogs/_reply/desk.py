"""Desk: a question and where to answer it become the visible answer."""

import asyncio
import logging
from collections.abc import Set
from contextlib import suppress
from dataclasses import replace
from typing import Any

import discord
from discord.ext import commands

from bot.service import VisionService
from bot.settings import SettingsBook
from bot.types import Question, Undelivered
from cogs._privacy.introduction import Introductions, Post, below, beside
from cogs._reply.channel import beneath, may_attach, may_write
from cogs._reply.ending import Ending, restarting
from cogs._reply.interaction import InteractionSurface
from cogs._reply.pace import FAILURES, FORBIDDEN, Pace
from cogs._reply.pages import Frame, Page, quote
from cogs._reply.reattach import collect
from cogs._reply.recover import finish_undelivered
from cogs._reply.reply import Reply
from cogs._reply.surfaces import Surface
from cogs._sources.authors import Authors

log = logging.getLogger(__name__)

STOPPING = 5.0  # seconds that a stopped answer has for its last words


class Desk:
    """Takes questions, has the service answer them, and sees the answers through."""

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        service: VisionService,
        settings: SettingsBook,
        authors: Authors,
        introductions: Introductions,
    ) -> None:
        self.bot = bot
        self.service = service
        self.settings = settings
        self.authors = authors
        self._introductions = introductions
        self.pace = Pace()
        self._open: dict[Reply, Question] = {}
        self._closed = asyncio.Event()
        self._closing = False

    async def answer_interaction(
        self, interaction: discord.Interaction[Any], question: Question, *, shows: bool = False
    ) -> None:
        """Answer a deferred interaction; nobody else saw it, so in public the question is quoted.

        `shows` attaches its pictures, too."""
        surface = InteractionSurface(interaction, private=question.private)
        head = "" if question.private else quote(question.text)
        shows = shows and not question.private
        frame, post = self._frame(question, head), beside(interaction, private=question.private)
        await self._answer(question, surface, frame, post, shows=shows)

    def may_answer(self, message: discord.Message) -> bool:
        """Tell whether an answer could be posted; without that nothing is asked or paid."""
        return may_write(message) and not self.pace.is_quiet(message.channel.id)

    async def answer_message(self, message: discord.Message, question: Question) -> None:
        """Answer a message by a reply to it."""
        frame = replace(self._frame(question, ""), files=may_attach(message))
        await self._answer(question, beneath(message), frame, below(message))

    async def refuse_message(self, message: discord.Message, sentence: str) -> None:
        """Answer a message that asks nothing answerable with one sentence."""
        await beneath(message).refuse(Page(sentence))

    def message_deleted(self, message_id: int) -> None:
        """Stop what was asked by, or is answered in, a message that no longer exists."""
        for reply, question in self._open.items():
            if question.source_id == message_id:
                self._stop(reply, "question_deleted")
            elif message_id in reply.message_ids:
                self._stop(reply, "answer_deleted")

    def guild_left(self, guild_id: int) -> None:
        """Stop what is being answered in a guild that no longer has the bot."""
        for reply, question in self._open.items():
            if question.place.guild_id == guild_id:
                self._stop(reply, "guild_left")

    async def stop_asker(self, user_id: int) -> None:
        """Stop what a person is having answered, and wait a moment until that is over."""
        theirs = {r for r, question in self._open.items() if question.asker.user_id == user_id}
        for reply in theirs:
            self._stop(reply, "stopped")
        await self._drain(STOPPING, theirs)

    def question_of(self, question_id: int) -> Question | None:
        """Give a question that is being answered now."""
        for reply, question in self._open.items():
            if reply.question_id == question_id:
                return question
        return None

    def _stop(self, reply: Reply, reason: str) -> None:
        if reply.question_id is not None:
            self.service.stop(reply.question_id, reason)

    async def finish(self, undelivered: Undelivered) -> None:
        """Bring an answer to its end that a crash interrupted."""
        await finish_undelivered(self.bot, self.service, undelivered)

    async def close(self, seconds: float) -> None:
        """Let answers under way end within `seconds`, then stop the rest and say so in them."""
        self._closing = True
        await self._drain(seconds, self._open.keys())
        for reply in self._open:
            self._stop(reply, "shutdown")
        await self._drain(STOPPING, self._open.keys())

    async def _drain(self, seconds: float, replies: Set[Reply]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open.keys() & replies:
                    self._closed.clear()
                    await self._closed.wait()

    async def _answer(
        self,
        question: Question,
        surface: Surface,
        frame: Frame,
        post: Post | None,
        *,
        shows: bool = False,
    ) -> None:
        if self._closing:
            await surface.refuse(Page(restarting()))
            return
        reply = Reply(
            surface,
            frame,
            self.pace,
            channel_id=question.place.channel_id,
            placed=self.service.placed,
            stop=self.service.stop,
        )
        self._open[reply] = question
        shown = self.authors.willing(question.images) if shows else ()
        uploads = asyncio.create_task(collect(self.service, shown))
        try:
            await Ending(self.service, question, reply, frame, uploads).see_through()
            await self._introductions.make(question.place.guild_id, reply.question_id, post)
        except FAILURES as error:
            self._undeliverable(question, error)
        finally:
            uploads.cancel()
            try:
                await asyncio.gather(uploads, reply.aclose(), return_exceptions=True)
            finally:
                del self._open[reply]
                self._closed.set()

    def _frame(self, question: Question, head: str) -> Frame:
        style = self.settings.of(question.place.guild_id).style
        spoiler = any(image.spoiler for image in question.images)
        return Frame(head=head, spoiler=spoiler, card=style == "card")

    def _undeliverable(self, question: Question, error: Exception) -> None:
        code = error.code if isinstance(error, discord.HTTPException) else 0
        if code in FORBIDDEN:
            self.pace.hush(question.place.channel_id)
        log.warning("answer to %d not delivered: %s", question.source_id, error)
