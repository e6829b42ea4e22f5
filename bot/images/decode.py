"""The parent's side of decoding: pictures made upright, small and bare in child processes."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

import msgspec

from bot.catalog.types import ImageFormat
from bot.child import Child, ChildDied
from bot.errors import PictureRefused
from bot.i18n import N_, _
from bot.images.sniff import sniff

MAX_PIXELS = 40_000_000
_CHILDREN = 2
_ROOM = 16
_SECONDS = 20.0
_IDLE_SECONDS = 300.0

NOT_A_PICTURE = N_("This is not a picture I can open. Send it as JPEG, PNG, WebP or GIF.")
TOO_MANY_PIXELS = N_("This picture is too large. Pictures can have up to 40 megapixels.")
DAMAGED = N_("This picture is damaged. Save it again, or send a screenshot of it.")
_EMPTY = N_("This picture is empty.")

Reason = Literal["pixels", "empty", "damaged"]
REFUSALS: dict[Reason, str] = {"pixels": TOO_MANY_PIXELS, "empty": _EMPTY, "damaged": DAMAGED}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it may leave this machine: RGB, upright, no metadata. Sizes in pixels."""

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    animated: bool
    original_format: ImageFormat
    original_size: tuple[int, int]


class _Reply(msgspec.Struct, frozen=True):
    refused: Reason | None = None
    animated: bool = False
    original_size: tuple[int, int] = (0, 0)
    size: tuple[int, int] = (0, 0)


class Decoder:
    """At most two child processes that open pictures, each started when it is needed."""

    def __init__(self, *, idle: float = _IDLE_SECONDS) -> None:
        self.room = asyncio.Semaphore(_ROOM)
        """To be held by whoever has a picture's raw bytes in memory: it bounds their number."""
        self._children = [
            Child("bot.images.pixels", timeout=_SECONDS, idle=idle) for _one in range(_CHILDREN)
        ]
        self._free = asyncio.Semaphore(_CHILDREN)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for child in self._children:
            await self._stack.enter_async_context(child)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def pids(self) -> tuple[int, ...]:
        """The ids of the children that run now."""
        return tuple(child.pid for child in self._children if child.pid is not None)

    async def normalise(
        self, data: bytes, *, max_edge: int, max_bytes: int, formats: tuple[ImageFormat, ...]
    ) -> Picture:
        """Give the first frame as JPEG or PNG of at most these pixels and bytes.

        Raises PictureRefused with the sentence that says why not."""
        kind = sniff(data)
        if kind is None:
            raise PictureRefused(_(NOT_A_PICTURE))
        wanted: dict[str, object] = {
            "kind": kind,
            "max_pixels": MAX_PIXELS,
            "max_edge": max_edge,
            "max_bytes": max_bytes,
            "formats": formats,
        }
        reply, encoded = await self._normalised(wanted, data)
        encoded_kind = sniff(encoded)
        if reply.refused or encoded_kind is None:
            raise PictureRefused(_(REFUSALS[reply.refused or "damaged"]))
        return Picture(
            data=encoded,
            media_type=f"image/{encoded_kind}",
            width=reply.size[0],
            height=reply.size[1],
            animated=reply.animated,
            original_format=kind,
            original_size=reply.original_size,
        )

    async def draw(self, word: str) -> bytes:
        """Give a PNG with this word in large letters; raises ChildDied."""
        _reply, picture = await self._ask({"word": word}, b"")
        return picture

    async def _normalised(self, head: dict[str, object], data: bytes) -> tuple[_Reply, bytes]:
        try:
            reply, encoded = await self._ask(head, data)
            return msgspec.json.decode(reply, type=_Reply), encoded
        except (ChildDied, msgspec.DecodeError) as error:
            raise PictureRefused(
                _("This picture could not be read. Try it as a smaller PNG or JPEG.")
            ) from error

    async def _ask(self, head: dict[str, object], data: bytes) -> tuple[bytes, bytes]:
        async with self._free:
            child = self._children.pop()
            try:
                return await child.ask(head, data)
            finally:
                self._children.append(child)
