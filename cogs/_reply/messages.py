"""The messages of one answer: which page each of them shows, and pages that must arrive."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import discord

from bot.i18n import _
from cogs._reply.pace import Pace, persist
from cogs._reply.pages import Page
from cogs._reply.surfaces import TOKEN_DEAD, Surface

AUTOMOD = frozenset({200000, 200001})


class Messages:
    """A row of messages on a surface; `placed` hears the id of a placeholder that is new."""

    def __init__(self, surface: Surface, pace: Pace, placed: Callable[[int], None]) -> None:
        self.surface = surface
        self.shown: list[discord.Message] = []
        self.last_edit = 0.0
        self._pace = pace
        self._placed = placed
        self._pages: list[Page] = []

    def has(self, index: int) -> bool:
        """Tell whether there is a message for this page."""
        return index < len(self._pages)

    def shows(self, index: int, page: Page) -> bool:
        """Tell whether that message shows exactly this."""
        return self.has(index) and self._pages[index] == page

    async def put(self, index: int, page: Page) -> None:
        """Show a page in its message, a new one if it is the next."""
        # A new message has a bucket of its own; an interaction's response is edited from the start.
        if self.has(index) or not self.surface.needs_placeholder:
            self.last_edit = self._pace.count(self.surface.bucket)
        message = await self.surface.put(index, page)
        is_first = not self.shown and self.surface.needs_placeholder
        self.shown[index : index + 1] = [message]
        self._pages[index : index + 1] = [page]
        if is_first:
            self._placed(message.id)

    async def write(self, pages: tuple[Page, ...]) -> None:
        """Show exactly these pages; they arrive as long as Discord takes anything."""
        try:
            await self._write(pages)
        except discord.HTTPException as error:
            before = self.surface
            if error.code not in TOKEN_DEAD or not self._move():
                raise
            await self._write(pages)
            await before.discard()

    async def remove(self) -> None:
        """Delete all of them."""
        with suppress(discord.HTTPException):
            await self.surface.trim(0)
        self.shown.clear()

    async def _write(self, pages: tuple[Page, ...]) -> None:
        for index, page in enumerate(pages):
            if not self.shows(index, page):
                await self._write_one(index, page)
        if self.has(len(pages)):
            await self.surface.trim(len(pages))
            del self._pages[len(pages) :], self.shown[len(pages) :]

    async def _write_one(self, index: int, page: Page) -> None:
        try:
            await persist(lambda: self.put(index, page))
        except discord.HTTPException as error:
            if error.code not in AUTOMOD:
                raise
            said = _("This server's AutoMod blocked the answer.")
            await persist(lambda: self.put(index, replace(page, text=said, uploads=())))

    def _move(self) -> bool:
        surface = self.surface.elsewhere()
        if surface is None:
            return False
        self.surface = surface
        self._pages.clear()
        self.shown.clear()
        return True
