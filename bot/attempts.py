"""One question's tries: again after a passing failure, inline after a failed fetch."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.catalog.types import Endpoint, Model, Transport
from bot.errors import (
    ModelUnavailable,
    PictureNotFetched,
    PictureRefused,
    PictureUnreadable,
    ProviderDown,
    ProviderError,
    RateLimited,
    Unreachable,
)
from bot.i18n import _
from bot.images.decode import Decoder
from bot.images.prepare import Prepared, prepare
from bot.net import Net
from bot.provider.client import Limits, complete
from bot.provider.request import build
from bot.provider.types import Completion, ImagePart, OnText, Prompt, Request
from bot.reader import Reader
from bot.types import ImageRef, Task, Turn

_RETRIES: dict[type[ProviderError], int] = {Unreachable: 1, ProviderDown: 2, RateLimited: 1}
SHOWN_EDGE = 2048  # pixels; what a picture that is shown again is shrunk to
SHOWN_BYTES = 8 * 1024 * 1024
_LONGEST_WAIT = 10.0  # seconds; a longer Retry-After is the asker's to decide
_INLINE_MEMORY = 3600.0  # seconds for which an origin that could not fetch gets bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of which model, before pictures are opened or requests built."""

    model: Model
    endpoint: Endpoint
    system: str
    text: str
    images: tuple[ImageRef, ...]
    task: Task
    history: tuple[Turn, ...] = ()

    @property
    def characters(self) -> int:
        """How much text goes along, for estimates of tokens."""
        turns = sum(len(turn.question) + len(turn.answer) for turn in self.history)
        return len(self.system) + len(self.text) + turns

    def prompt(self, parts: tuple[ImagePart, ...]) -> Prompt:
        """Give the words together with the pictures as they travel."""
        return Prompt(system=self.system, text=self.text, images=parts, history=self.history)


class Attempts:
    """Asks a model until it answers or there is no point in trying again."""

    def __init__(
        self,
        net: Net,
        decoder: Decoder,
        reader: Reader,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._net = net
        self._decoder = decoder
        self._reader = reader
        self._sleep = sleep
        self._clock = clock
        self._inline_until: dict[str, float] = {}

    async def prepare(self, wanted: Wanted, transport: Transport | None = None) -> Prepared:
        """Make the pictures ready as the model takes them; raises PictureRefused."""
        return await prepare(
            wanted.images,
            wanted.model,
            transport=transport or self._transport(wanted),
            net=self._net,
            decoder=self._decoder,
        )

    async def request(self, wanted: Wanted) -> Request:
        """Give the first request that would go out, pictures prepared; sends nothing to a model.

        Raises PictureRefused, or ModelUnavailable for a model that is never sent anything."""
        if wanted.model.provider.kind == "local":
            raise ModelUnavailable(
                _("{model} works on this machine and sends no request.").format(
                    model=wanted.model.label
                )
            )
        prepared = await self.prepare(wanted)
        return build(wanted.model, wanted.endpoint, wanted.prompt(prepared.parts))

    async def show(self, image: ImageRef) -> bytes | None:
        """Give a picture fit to be shown again; None when it can't be had."""
        try:
            data = image.data or await self._net.fetch_image(image.url, max_bytes=SHOWN_BYTES)
            picture = await self._decoder.normalise(
                data, max_edge=SHOWN_EDGE, max_bytes=SHOWN_BYTES, formats=("jpeg", "png")
            )
        except PictureRefused:
            return None
        return picture.data

    async def run(
        self, wanted: Wanted, on_prepared: Callable[[Prepared], None], on_text: OnText
    ) -> Completion:
        """Give the model's completion; raises PictureRefused, ReaderMissing or ProviderError.

        Nothing is tried again once text was heard. `on_prepared` is told what is about to be
        sent, again when that changes."""
        transport = self._transport(wanted)
        prepared = await self.prepare(wanted, transport)
        tried = 0
        while True:
            on_prepared(prepared)
            heard = _Heard(on_text)
            try:
                return await self._complete(wanted, prepared, heard)
            except ProviderError as error:
                if heard.text:
                    raise
                if transport == "url" and isinstance(error, PictureNotFetched | PictureUnreadable):
                    transport = "inline"
                    prepared = await self.prepare(wanted, transport)
                    self._remember_inline(wanted)
                    continue
                await self._sleep(_delay(error, tried))
                tried += 1

    async def _complete(self, wanted: Wanted, prepared: Prepared, on_text: OnText) -> Completion:
        prompt = wanted.prompt(prepared.parts)
        if wanted.model.provider.kind == "local":
            return await self._reader.complete(prompt, wanted.task, on_text)
        request = build(wanted.model, wanted.endpoint, prompt)
        limits = Limits(first_text=wanted.model.first_text_seconds)
        return await complete(self._net.http(request.url), request, on_text, limits=limits)

    def _transport(self, wanted: Wanted) -> Transport:
        remembered = self._inline_until.get(wanted.endpoint.base_url, 0.0) > self._clock()
        return "inline" if remembered else wanted.model.transport

    def _remember_inline(self, wanted: Wanted) -> None:
        self._inline_until[wanted.endpoint.base_url] = self._clock() + _INLINE_MEMORY


class _Heard:
    """Passes text on and knows whether there was any."""

    def __init__(self, on_text: OnText) -> None:
        self._on_text = on_text
        self.text = False

    def __call__(self, delta: str) -> None:
        self.text = True
        self._on_text(delta)


def _delay(error: ProviderError, tried: int) -> float:
    """Give the seconds to wait before the next try, or raise the error when there is none."""
    if tried >= _RETRIES.get(type(error), 0):
        raise error
    if isinstance(error, RateLimited):
        if error.retry_after is None or error.retry_after > _LONGEST_WAIT:
            raise error
        return error.retry_after
    return random.uniform(0.05, 0.5 * 2**tried)  # noqa: S311 - jitter, not a secret
