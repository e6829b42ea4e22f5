"""Reply: one answer on its way into Discord, from the placeholder to the final edit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import chain, repeat

import discord

from bot.i18n import _
from cogs._reply.buttons import STREAMING
from cogs._reply.messages import Messages
from cogs._reply.pace import FAILURES, FORBIDDEN, ONE_CALL, Pace, persist
from cogs._reply.pages import Frame, Page, lay_out
from cogs._reply.surfaces import UNKNOWN_MESSAGE, Surface

log = logging.getLogger(__name__)

PARTIAL_CALL = 3.0  # seconds for an edit that the next one replaces anyway
HEAD_START = 0.003  # seconds in which the model's request goes out, before the placeholder
PATIENCE = 2.5  # seconds of “thinking…” before it gets a Stop button
TYPING_AFTER, TYPING_EVERY = 1.0, 9.0  # seconds; Discord shows it for ten
SHOWN_WHILE_STREAMING = 9000  # characters: three pages and a bit
UNSHOWABLE = {
    10003: "channel_gone",
    UNKNOWN_MESSAGE: "answer_deleted",
    **dict.fromkeys(FORBIDDEN, "forbidden"),
}

Placed = Callable[[int, int], Awaitable[None]]


class Reply:
    """Takes a stream of text and shows it; a task of its own does all that talks to Discord.

    `stop` is called with the question's id and a reason once Discord will show no more of it."""

    def __init__(
        self,
        surface: Surface,
        frame: Frame,
        pace: Pace,
        *,
        channel_id: int,
        placed: Placed,
        stop: Callable[[int, str], object],
    ) -> None:
        self.question_id: int | None = None
        self._messages = Messages(surface, pace, self._place)
        self._frame = frame
        self._pace = pace
        self._channel_id = channel_id
        self._placed = placed
        self._stop = stop
        self._pieces: list[str] = []
        self._fresh = asyncio.Event()
        self._io = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def messages(self) -> tuple[discord.Message, ...]:
        """The messages that show the answer so far."""
        return tuple(self._messages.shown)

    @property
    def message_ids(self) -> tuple[int, ...]:
        """Their ids."""
        return tuple(message.id for message in self.messages)

    def claimed(self, question_id: int) -> None:
        """Begin to show that the question is being worked on."""
        self.question_id = question_id
        self._tasks.append(asyncio.create_task(self._stream(question_id)))

    def text(self, delta: str) -> None:
        """Take the next piece of text."""
        self._pieces.append(delta)
        self._fresh.set()

    async def finish(self, pages: tuple[Page, ...]) -> None:
        """Write the final pages; they arrive as long as Discord takes anything."""
        async with self._io:
            self._stop_streaming()
            await self._messages.write(pages)

    async def refuse(self, page: Page) -> None:
        """Say why there is no answer."""
        async with self._io:
            self._stop_streaming()
            await persist(lambda: self._messages.surface.refuse(page))

    async def remove(self) -> None:
        """Take everything back."""
        async with self._io:
            self._stop_streaming()
            await self._messages.remove()

    async def aclose(self) -> None:
        """End what still runs."""
        self._stop_streaming()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _stop_streaming(self) -> None:
        for task in self._tasks[:1]:
            task.cancel()

    async def _stream(self, question_id: int) -> None:
        with self._pace.growing():
            await self._placeholder(question_id)
            await self._first_text()
            while True:
                await self._fresh.wait()
                bucket, last_edit = self._messages.surface.bucket, self._messages.last_edit
                if (pause := self._pace.wait_for(bucket, last_edit)) > 0:
                    await asyncio.sleep(pause)
                self._fresh.clear()
                await self._partial(self._growing(question_id))

    async def _first_text(self) -> None:
        """Wait for the first text; who waits for longer than a moment sees the bot type."""
        for pause in chain((TYPING_AFTER,), repeat(TYPING_EVERY)):
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._fresh.wait()
                    return
            with suppress(*FAILURES):
                await self._messages.surface.type()

    async def _placeholder(self, question_id: int) -> None:
        if self._messages.surface.needs_placeholder:
            await asyncio.sleep(HEAD_START)
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._fresh.wait()
                    return
        page = self._growing(question_id)[0]
        async with self._io:
            try:
                await persist(lambda: self._messages.put(0, page))
            except FAILURES as error:
                self._failed(error)
        self._messages.last_edit = 0.0  # the first text may follow at once

    def _growing(self, question_id: int) -> tuple[Page, ...]:
        text = "".join(self._pieces)[:SHOWN_WHILE_STREAMING]
        texts = lay_out(text, self._frame).texts
        if not text.strip() or not texts[0]:
            return (Page(f"-# {_('Looking at it …')}", question_id, STREAMING),)
        return (
            *(Page(each, question_id) for each in texts[:-1]),
            Page(texts[-1], question_id, STREAMING),
        )

    async def _partial(self, pages: tuple[Page, ...]) -> None:
        for index, page in enumerate(pages):
            if self._messages.shows(index, page):
                continue
            async with self._io:
                try:
                    is_edit = self._messages.has(index)
                    async with asyncio.timeout(PARTIAL_CALL if is_edit else ONE_CALL):
                        await self._messages.put(index, page)
                except FAILURES as error:
                    self._failed(error)
                    return

    def _place(self, message_id: int) -> None:
        if self.question_id is not None:
            self._tasks.append(asyncio.create_task(self._remember(self.question_id, message_id)))

    async def _remember(self, question_id: int, message_id: int) -> None:
        await self._placed(question_id, message_id)

    def _failed(self, error: Exception) -> None:
        """Judge a failed partial edit: nothing is repeated, but some failures are for good."""
        log.debug("partial edit failed: %s", error)
        code = error.code if isinstance(error, discord.HTTPException) else 0
        if code in FORBIDDEN:
            self._pace.hush(self._channel_id)
        if code in UNSHOWABLE and self.question_id is not None:
            self._stop(self.question_id, UNSHOWABLE[code])
