"""Attempts on their own, between a model that a test makes up and a scripted provider."""

import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.catalog.types import Endpoint, Model, Provider
from bot.errors import ProviderError
from bot.images.decode import Decoder
from bot.images.prepare import Prepared
from bot.net import Net, origin
from bot.provider.types import Completion
from bot.questions.attempts import Attempts, Wanted
from bot.reader import Reader
from bot.types import ImageRef, Task
from playground.completions import Fail
from playground.pictures import photo

PROVIDER = Provider(id="test", label="Test", company="Test Ltd", needs_key=False)


def a_model(**facts: Any) -> Model:
    """Give a model of which only these facts matter."""
    plain: dict[str, Any] = {
        "id": "test/vision",
        "name": "vision",
        "label": "Vision",
        "provider": PROVIDER,
        "transport": "url",
        "checked": dt.date(2026, 11, 22),
        "source": "a test",
    }
    return Model(**(plain | facts))


def link(url: str = "https://cdn.discordapp.com/attachments/1/2/cat.png") -> ImageRef:
    """Give a picture that goes out as a link."""
    return ImageRef(
        url=url,
        filename="cat.png",
        content_type="image/png",
        size=1000,
        width=1600,
        height=1200,
    )


def file(width: int = 1600, height: int = 1200) -> ImageRef:
    """Give a picture whose bytes are at hand."""
    return ImageRef(url="", filename="cat.jpg", data=photo(width, height))


def a_question(base_url: str, model: Model | None = None, **changes: Any) -> Wanted:
    """Give what is asked of this provider's model."""
    plain: dict[str, Any] = {
        "model": model or a_model(),
        "endpoint": Endpoint(base_url=base_url, key="sk-test-0123456789"),
        "system": "Answer briefly.",
        "text": "What is it?",
        "images": (link(),),
        "task": Task.ASK,
    }
    return Wanted(**(plain | changes))


@dataclass
class Watcher:
    """Remembers how the tries went."""

    tries: list[tuple[Wanted, Prepared]] = field(default_factory=list)
    failures: list[ProviderError] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def trying(self, wanted: Wanted, prepared: Prepared) -> None:
        self.tries.append((wanted, prepared))

    def failed(self, error: ProviderError) -> None:
        self.failures.append(error)

    def heard(self, delta: str) -> None:
        self.pieces.append(delta)


class Clock:
    """A clock that only sleeping moves on."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def run(attempts: Attempts, *candidates: Wanted) -> Completion:
    """Ask these candidates, with nobody watching."""
    return await attempts.run(candidates, Watcher())


def said(status: int, message: str, **more: object) -> Fail:
    """Give a refusal in OpenAI's shape."""
    return Fail(status, {"error": {"message": message, "type": "invalid_request_error"} | more})


@asynccontextmanager
async def picture_host() -> AsyncGenerator[str]:
    """Serve one large picture and give its link."""

    async def picture(_request: web.Request) -> web.Response:
        return web.Response(body=photo(1600, 1200), content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/cat.png", picture)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/cat.png"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def attempting(
    clock: Clock, *base_urls: str, pictures: str = "https://cdn.discordapp.com"
) -> AsyncGenerator[Attempts]:
    """Open attempts that may reach these servers on loopback."""
    trusted, shown = frozenset(map(origin, base_urls)), frozenset({origin(pictures)})
    async with (
        Net(trusted, (), picture_origins=shown) as net,
        Decoder() as decoder,
        Reader() as reader,
    ):
        yield Attempts(net, decoder, reader, sleep=clock.sleep, clock=clock)
