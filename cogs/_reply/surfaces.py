"""Where an answer appears: what a channel and an interaction have in common."""

from contextlib import suppress
from typing import Protocol, TypeVar

import discord

from cogs._reply.pages import Page

UNKNOWN_MESSAGE = 10008
TOKEN_DEAD = frozenset({10015, 50027})

_Message = TypeVar("_Message", bound=discord.Message)


class Surface(Protocol):
    """A row of messages that shows one answer."""

    bucket: int
    private: bool
    needs_placeholder: bool
    """Whether nothing tells yet that the question is being worked on."""

    async def put(self, index: int, page: Page) -> discord.Message:
        """Write a page into its message, a new one if it is the next."""
        ...

    async def refuse(self, page: Page) -> None:
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


async def delete_after(shown: list[_Message], count: int) -> None:
    """Delete the messages after the first `count`, and forget them."""
    for message in shown[count:]:
        with suppress(discord.NotFound):
            await message.delete()
    del shown[count:]


def nonce(number: int, index: int) -> str:
    """Give the nonce that lets Discord keep a repeated message from appearing twice."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"{digits}-{index}" if index else digits
