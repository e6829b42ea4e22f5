"""Desk: a question and where to answer it become the visible answer."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import discord
from discord.ext import commands

from bot.errors import Interrupted, ProviderError, Refused, VidiError, reference_of, user_message
from bot.i18n import _
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.smallprint import small_print
from bot.text import first_sentence
from bot.types import Answer, Question, Undelivered
from cogs._reply.buttons import FAILED, after_answer
from cogs._reply.pace import FAILURES, FORBIDDEN, Pace
from cogs._reply.pages import Frame, Layout, Page, Upload, lay_out, quote
from cogs._reply.reattach import collect
from cogs._reply.recover import finish_undelivered
from cogs._reply.reply import Reply
from cogs._reply.surfaces import ChannelSurface, InteractionSurface, Surface, pictures_on

log = logging.getLogger(__name__)

ALT_TEXT = 1024
REATTACH_WAIT = 15.0  # seconds that pictures may come later than the text
NOWHERE = frozenset({"guild_left", "channel_gone", "forbidden"})  # to write that it was stopped


class Desk:
    """Takes questions, has the service answer them, and sees the answers through."""

    def __init__(
        self, bot: commands.AutoShardedBot, service: VisionService, settings: SettingsBook
    ) -> None:
        self.bot = bot
        self.service = service
        self.settings = settings
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
        await self._answer(question, surface, _frame(question, head), shows=shows)

    def may_answer(self, message: discord.Message) -> bool:
        """Tell whether an answer could be posted; without that nothing is asked or paid."""
        channel, guild = message.channel, message.guild
        if self.pace.is_quiet(channel.id):
            return False
        if guild is None:
            return True
        granted = channel.permissions_for(guild.me)
        in_thread = isinstance(channel, discord.Thread)
        may_send = granted.send_messages_in_threads if in_thread else granted.send_messages
        return may_send and granted.view_channel

    async def answer_message(self, message: discord.Message, question: Question) -> None:
        """Answer a message by a reply to it."""
        frame = replace(_frame(question, ""), files=_may_attach(message))
        await self._answer(question, self._beneath(message), frame, shows=False)

    async def refuse_message(self, message: discord.Message, sentence: str) -> None:
        """Answer a message that asks nothing answerable with one sentence."""
        await self._beneath(message).refuse(sentence)

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
        await self._drain(seconds)
        for reply in self._open:
            self._stop(reply, "shutdown")
        await self._drain(5.0)

    async def _drain(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open:
                    self._closed.clear()
                    await self._closed.wait()

    def _beneath(self, message: discord.Message) -> Surface:
        guild, channel = message.guild, message.channel
        readable = guild is None or channel.permissions_for(guild.me).read_message_history
        return ChannelSurface(
            channel,
            channel_id=channel.id,
            source_id=message.id,
            reply_to=message if readable else None,
        )

    async def _answer(
        self, question: Question, surface: Surface, frame: Frame, *, shows: bool
    ) -> None:
        if self._closing:
            await surface.refuse(_shutdown())
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
        uploads = asyncio.create_task(collect(self.service, question.images if shows else ()))
        try:
            await self._see_through(question, reply, frame, uploads)
        except FAILURES as error:
            self._undeliverable(question, error)
        finally:
            uploads.cancel()
            del self._open[reply]
            self._closed.set()
            await reply.aclose()

    async def _see_through(
        self,
        question: Question,
        reply: Reply,
        frame: Frame,
        uploads: asyncio.Task[tuple[Upload, ...]],
    ) -> None:
        try:
            answer = await self.service.ask(question, reply)
        except Refused as refusal:
            await reply.refuse(refusal.sentence)
            if reply.question_id is not None:
                await self._note_down(reply.question_id, reply)
        except Interrupted as stop:
            await self._interrupted(stop, reply, frame)
        except Exception as error:
            await self._failed(error, reply, frame)
        else:
            if answer is not None:
                await self._deliver(question, answer, reply, frame, uploads)

    async def _deliver(
        self,
        question: Question,
        answer: Answer,
        reply: Reply,
        frame: Frame,
        uploads: asyncio.Task[tuple[Upload, ...]],
    ) -> None:
        alt = first_sentence(answer.text, ALT_TEXT)
        ready = _described(uploads.result(), alt) if uploads.done() else ()
        layout = lay_out(answer.text, frame, small_print(answer))
        actions = after_answer(private=question.private)
        late = not uploads.done()
        await reply.finish(_pages(layout, answer.question_id, actions, ready))
        await self._note_down(answer.question_id, reply, ready)
        if late and (ready := _described(await _in_time(uploads), alt)):
            await reply.finish(_pages(layout, answer.question_id, actions, ready))
            await self._note_down(answer.question_id, reply, ready)

    async def _note_down(
        self, question_id: int, reply: Reply, uploads: tuple[Upload, ...] = ()
    ) -> None:
        """Write down where the answer stands; a failure here is no failure of the answer."""
        try:
            await self.service.delivered(question_id, reply.message_ids)
            if uploads and (images := pictures_on(reply.messages[0], uploads)):
                await self.service.reattached(question_id, images)
        except Exception:
            log.exception("question %d: its messages are not written down", question_id)

    async def _interrupted(self, stop: Interrupted, reply: Reply, frame: Frame) -> None:
        question_id = reply.question_id
        if question_id is None:
            return
        if stop.reason in ("answer_deleted", "question_deleted"):
            await reply.remove()
            await self.service.forget(question_id)
        elif stop.reason not in NOWHERE:
            sentence = _shutdown() if stop.reason == "shutdown" else stop.sentence
            layout = lay_out(stop.text, frame, (sentence,))
            await reply.finish(_pages(layout, question_id, FAILED))
        await self._note_down(question_id, reply)

    async def _failed(self, error: Exception, reply: Reply, frame: Frame) -> None:
        if not isinstance(error, VidiError):
            log.error("question failed (%s)", reference_of(error), exc_info=error)
        said = error.text if isinstance(error, ProviderError) else ""
        sentence = user_message(error)
        question_id = reply.question_id
        if question_id is None:
            await reply.refuse(sentence)
            return
        layout = lay_out(said, frame, (sentence,)) if said.strip() else Layout((sentence,))
        await reply.finish(_pages(layout, question_id, FAILED))
        await self._note_down(question_id, reply)

    def _undeliverable(self, question: Question, error: Exception) -> None:
        code = error.code if isinstance(error, discord.HTTPException) else 0
        if code in FORBIDDEN:
            self.pace.hush(question.place.channel_id)
        log.warning("answer to %d not delivered: %s", question.source_id, error)


def _shutdown() -> str:
    return _("I am being restarted. Please ask again in a minute.")


def _frame(question: Question, head: str) -> Frame:
    return Frame(head=head, spoiler=any(image.spoiler for image in question.images))


def _may_attach(message: discord.Message) -> bool:
    guild = message.guild
    return guild is None or message.channel.permissions_for(guild.me).attach_files


def _pages(
    layout: Layout, question_id: int, actions: Sequence[Any], uploads: tuple[Upload, ...] = ()
) -> tuple[Page, ...]:
    """Give the final messages: pictures on the first, buttons and the rest's file on the last."""
    last = len(layout.texts) - 1
    rest = (Upload(layout.rest.encode(), "answer.md"),) if layout.rest else ()
    return tuple(
        Page(
            text,
            question_id,
            tuple(actions) if index == last else (),
            (uploads if index == 0 else ()) + (rest if index == last else ()),
        )
        for index, text in enumerate(layout.texts)
    )


def _described(uploads: tuple[Upload, ...], alt: str) -> tuple[Upload, ...]:
    """Give pictures whose uploader wrote no alt text the answer's first sentence."""
    return tuple(upload if upload.alt else replace(upload, alt=alt) for upload in uploads)


async def _in_time(uploads: asyncio.Task[tuple[Upload, ...]]) -> tuple[Upload, ...]:
    try:
        return await asyncio.wait_for(uploads, REATTACH_WAIT)
    except TimeoutError:
        return ()
