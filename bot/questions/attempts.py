"""One question's tries: again when a failure may pass, otherwise when refused, then elsewhere."""

import asyncio
import dataclasses
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.catalog.types import Endpoint, Model
from bot.errors import (
    KeyRejected,
    ModelGone,
    ModelUnavailable,
    NoCredit,
    PictureRefused,
    PictureUnsupported,
    ProviderDown,
    ProviderError,
    RateLimited,
    TimedOut,
    Unreachable,
)
from bot.i18n import _
from bot.images.decode import Decoder
from bot.images.prepare import MAX_BYTES, Prepared, prepare
from bot.net import Net
from bot.provider.breaker import Breakers
from bot.provider.client import Limits, complete
from bot.provider.request import build
from bot.provider.types import Completion, ImagePart, OnText, Prompt, Request
from bot.questions.healing import Lessons, Remedy, remedy
from bot.reader import Reader
from bot.types import ImageRef, Task, Turn

log = logging.getLogger(__name__)

_RETRIES: dict[type[ProviderError], int] = {Unreachable: 1, ProviderDown: 2, RateLimited: 1}
_OF_THE_ENDPOINT = (Unreachable, KeyRejected, NoCredit)
_OF_THE_MODEL = (ProviderDown, TimedOut, RateLimited, ModelGone, PictureUnsupported)
SHOWN_EDGE = 2048  # pixels; what a picture that is shown again is shrunk to
SHOWN_BYTES = 8 * 1024 * 1024
_LONGEST_WAIT = 10.0  # seconds; a longer Retry-After is the asker's to decide


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
    request_id: str | None = None
    """By which a provider finds the request in its log."""
    temperature: float | None = None
    """None is the model's own."""
    strip: bool = False
    """Whether pictures go as bytes without metadata, never as links."""

    @property
    def characters(self) -> int:
        """How much text goes along, for estimates of tokens."""
        turns = sum(len(turn.question) + len(turn.answer) for turn in self.history)
        return len(self.system) + len(self.text) + turns

    def prompt(self, parts: tuple[ImagePart, ...]) -> Prompt:
        """Give the words together with the pictures as they travel."""
        return Prompt(
            system=self.system,
            text=self.text,
            images=parts,
            history=self.history,
            temperature=self.temperature,
        )


class Progress(Protocol):
    """Who follows how a question fares."""

    def trying(self, wanted: Wanted, prepared: Prepared) -> None:
        """Take note of what is about to be sent, to whom."""
        ...

    def failed(self, error: ProviderError) -> None:
        """Take note of a try that came to nothing."""
        ...

    def heard(self, delta: str) -> None:
        """Take the next piece of text; after it nothing is tried again."""
        ...


Ready = Callable[[Wanted], Awaitable[Wanted]]
"""Gives what is to be asked of a model; raises ProviderError where it isn't to be asked."""


async def _as_it_is(wanted: Wanted) -> Wanted:
    return wanted


class _Heard:
    """Passes text on and knows whether there was any."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.text = False

    def __call__(self, delta: str) -> None:
        self.text = True
        self._progress.heard(delta)


class Attempts:
    """Asks models until one answers or there is no point in trying again."""

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
        self._breakers = Breakers(clock)
        self._lessons = Lessons(clock)

    async def request(self, wanted: Wanted) -> Request:
        """Give the first request that would go out, pictures prepared; sends nothing to a model.

        Raises PictureRefused, or ModelUnavailable for a model that is never sent anything."""
        if wanted.model.provider.kind == "local":
            raise ModelUnavailable(
                _("{model} works on this machine and sends no request.").format(
                    model=wanted.model.label
                )
            )
        return _built(wanted, await self._prepare(wanted))

    async def show(self, image: ImageRef) -> bytes | None:
        """Give a picture fit to be shown again; None when it can't be had."""
        try:
            async with self._decoder.room:
                data = image.data or await self._net.fetch_image(image.url, max_bytes=MAX_BYTES)
                picture = await self._decoder.normalise(
                    data, max_edge=SHOWN_EDGE, max_bytes=SHOWN_BYTES, formats=("jpeg", "png")
                )
        except PictureRefused:
            return None
        return picture.data

    async def run(
        self, candidates: Sequence[Wanted], progress: Progress, ready: Ready = _as_it_is
    ) -> Completion:
        """Give a completion of the first candidate that answers; `ready` may turn each away.

        Nothing is tried again once text was heard. Raises PictureRefused, ReaderMissing, or the
        ProviderError of the first candidate, which is the one that was asked for."""
        failures: list[tuple[Endpoint, ProviderError]] = []
        for wanted in candidates:
            if not all(_may_do_better(wanted, *failure) for failure in failures):
                continue
            heard = _Heard(progress)
            try:
                return await self._ask(await ready(wanted), progress, heard)
            except ProviderError as error:
                if heard.text:
                    raise
                failures.append((wanted.endpoint, error))
            except PictureRefused:  # a fallback takes less than the model that was asked for
                if not failures:
                    raise
        raise failures[0][1]

    async def _ask(self, wanted: Wanted, progress: Progress, heard: _Heard) -> Completion:
        """Ask one model, each time as the last failure suggests."""
        self._breakers.check(wanted.endpoint)  # before pictures are fetched and opened
        wanted = _as(wanted, self._lessons.applied(wanted.model, wanted.endpoint))
        prepared = await self._prepare(wanted)
        remedies: list[Remedy] = []
        waits = 0
        while True:
            progress.trying(wanted, prepared)
            try:
                completion = await self._complete(wanted, prepared, heard)
            except ProviderError as error:
                log.info("%s: %s: %s", wanted.model.id, error.state, error.detail)
                progress.failed(error)
                if heard.text:
                    raise
                if helps := _remedy(wanted, prepared, error, remedies):
                    remedies.append(helps)
                    wanted = _as(wanted, helps.applied(wanted.model))
                    prepared = await self._prepare(wanted)
                else:
                    await self._sleep(_delay(error, waits))
                    waits += 1
            else:
                self._lessons.learn(remedies, wanted.model, wanted.endpoint)
                return completion

    async def _prepare(self, wanted: Wanted) -> Prepared:
        return await prepare(
            wanted.images,
            wanted.model,
            transport="inline" if wanted.strip else wanted.model.transport,
            net=self._net,
            decoder=self._decoder,
        )

    async def _complete(self, wanted: Wanted, prepared: Prepared, on_text: OnText) -> Completion:
        if wanted.model.provider.kind == "local":
            prompt = wanted.prompt(prepared.parts)
            return await self._reader.complete(prompt, wanted.task, on_text)
        request = _built(wanted, prepared)
        limits = Limits(first_text=wanted.model.first_text_seconds)
        with self._breakers.watching(wanted.endpoint):
            http = self._net.http(request.url, foreign=wanted.endpoint.foreign)
            return await complete(http, request, on_text, limits=limits)


def _as(wanted: Wanted, model: Model) -> Wanted:
    return wanted if model is wanted.model else dataclasses.replace(wanted, model=model)


def _built(wanted: Wanted, prepared: Prepared) -> Request:
    prompt = wanted.prompt(prepared.parts)
    return build(wanted.model, wanted.endpoint, prompt, request_id=wanted.request_id)


def _may_do_better(wanted: Wanted, endpoint: Endpoint, error: ProviderError) -> bool:
    """Tell whether a model may answer although another one at this endpoint failed."""
    if isinstance(error, _OF_THE_ENDPOINT):
        return wanted.endpoint != endpoint
    return isinstance(error, _OF_THE_MODEL)


def _remedy(
    wanted: Wanted, prepared: Prepared, error: ProviderError, tried: list[Remedy]
) -> Remedy | None:
    """Give what may help and was not tried yet."""
    found = remedy(wanted.model, prepared.parts, error)
    return None if found is None or found.name in [one.name for one in tried] else found


def _delay(error: ProviderError, tried: int) -> float:
    """Give the seconds to wait before the next try, or raise the error when there is none."""
    if tried >= _RETRIES.get(type(error), 0):
        raise error
    if isinstance(error, RateLimited):
        if error.retry_after is None or error.retry_after > _LONGEST_WAIT:
            raise error
        return error.retry_after
    return random.uniform(0.05, 0.5 * 2**tried)  # noqa: S311 - jitter, not a secret
