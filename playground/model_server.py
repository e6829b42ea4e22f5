"""A scripted OpenAI-compatible provider on loopback."""

import asyncio
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from playground import completions, eyes
from playground.completions import Act, Fail, Hang, Raw, Reply
from playground.pictures import inspect

__all__ = ["Act", "Fail", "Hang", "ModelRequest", "ModelServer", "Raw", "Reply"]

_FETCH_SECONDS = 5.0
_FETCH_HEADERS = {"User-Agent": "OpenAI Image Downloader"}
_MAX_BODY = 128 << 20
_PROOF = "What word is in the picture?"
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of nothing: closing sends RST


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request that the provider got; times are monotonic seconds.

    `chunks_at` has a time for each piece of text sent, so the first is that of the first token.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: dict[str, Any]
    at: float
    chunks_at: list[float] = field(default_factory=list[float])

    @property
    def images(self) -> tuple[str, ...]:
        """Give the links and data URIs of its pictures, in order."""
        return completions.image_links(self.body)

    @property
    def text(self) -> str:
        """Give all text it holds."""
        return completions.prompt_text(self.body)


Script = Callable[[ModelRequest], Act | str]


class ModelServer:
    """Answer each request with the next thing scripted, then with a friendly default.

    While it `sees`, it reads the word off pictures that prove it, beside the script: those
    requests are among `proofs` only."""

    def __init__(self) -> None:
        self.base_url = ""
        self.sees = True
        self.requests: list[ModelRequest] = []
        self.proofs: list[ModelRequest] = []
        self.open = 0
        self.abandoned = 0
        self.key: str | None = None
        self.fetch_images = False
        self.inline_only = False
        self.rejects: dict[str, str | None] = {}
        self.names: tuple[str, ...] = ("playground-vision",)
        self.listing: object = None
        self._queue: deque[Script] = deque()
        self._default: Script = _greeting
        self._stopping = asyncio.Event()
        self._http: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    @property
    def chats(self) -> list[ModelRequest]:
        """Give the requests for completions alone."""
        return [each for each in self.requests if each.path.endswith("/chat/completions")]

    def reply(
        self,
        text: str = "",
        *,
        tokens: Sequence[str] | None = None,
        chunk: int = 12,
        delay: float = 0.0,
        first_delay: float = 0.0,
        usage: Mapping[str, int] | None = None,
        finish: str = "stop",
    ) -> None:
        """Script an answer, streamed in pieces of `chunk` characters or exactly as `tokens`."""
        pieces = tuple(tokens) if tokens is not None else completions.cut_up(text, chunk)
        self._add(Reply(pieces, delay, first_delay, usage, finish))

    def fail(
        self, status: int, body: object = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Script an error; without a body OpenAI's shape with a plain sentence."""
        plain = completions.refusal(status, "The server had an error while processing your request")
        self._add(plain if body is None else Fail(status, body, headers))

    def hang(self) -> None:
        """Script silence: the request is taken and never answered."""
        self._add(Hang())

    def cut(self, after: str) -> None:
        """Script a stream that the connection's reset ends after this text."""
        self._add(Reply(completions.cut_up(after, 12), ending="cut"))

    def stall(self, after: str) -> None:
        """Script a stream that falls silent after this text."""
        self._add(Reply(completions.cut_up(after, 12), ending="stall"))

    def raw(self, data: bytes | Sequence[bytes], content_type: str = "text/event-stream") -> None:
        """Script an answer byte for byte, each chunk written on its own."""
        chunks = (data,) if isinstance(data, bytes) else tuple(data)
        self._add(Raw(chunks, content_type))

    def script(self, answer: Script) -> None:
        """Script one request by a function of it."""
        self._queue.append(answer)

    def always(self, answer: Script) -> None:
        """Replace the default by a function of the request, for as long as the server lives."""
        self._default = answer

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        timeout = aiohttp.ClientTimeout(_FETCH_SECONDS)
        self._http = aiohttp.ClientSession(timeout=timeout, headers=_FETCH_HEADERS)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of every open request and stop listening."""
        self._stopping.set()
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _add(self, act: Act) -> None:
        self._queue.append(lambda _request: act)

    async def _handle(self, http: web.Request) -> web.StreamResponse:
        arrived = time.monotonic()
        headers = {name.lower(): value for name, value in http.headers.items()}
        body = completions.parsed(await http.read())
        request = ModelRequest(http.method, http.path, headers, body, arrived)
        (self.proofs if self._proves(request) else self.requests).append(request)
        self.open += 1
        try:
            return await self._perform(http, request, await self._decide(request))
        except asyncio.CancelledError:
            self.abandoned += 1
            raise
        finally:
            self.open -= 1

    async def _decide(self, request: ModelRequest) -> Act:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.key is not None and given != self.key:
            return completions.wrong_key(given)
        if request.method == "GET" and request.path.endswith("/models"):
            return Fail(200, self.listing or completions.listing(self.names))
        if request.method != "POST" or not request.path.endswith("/chat/completions"):
            return completions.refusal(404, f"Invalid URL ({request.method} {request.path})")
        for param in self.rejects:
            if param in request.body:
                return completions.unsupported(param, self.rejects[param])
        if spoiled := await self._look(request.images):
            return spoiled
        if self._proves(request):
            return Reply((await eyes.look(self._client(), request.images[0]),))
        script = self._queue.popleft() if self._queue else self._default
        act = script(request)
        return Reply(completions.cut_up(act, 12)) if isinstance(act, str) else act

    def _proves(self, request: ModelRequest) -> bool:
        return self.sees and bool(request.images) and _PROOF in request.text

    async def _look(self, links: Iterable[str]) -> Fail | None:
        """Give what a provider says about pictures that it cannot get, None when all is well."""
        for link in links:
            if link.startswith("data:"):
                continue
            if self.inline_only:
                return completions.no_urls()
            if self.fetch_images and (spoiled := await self._fetch(link)):
                return spoiled
        return None

    def _client(self) -> aiohttp.ClientSession:
        if self._http is None:
            raise RuntimeError("the model server is not running")
        return self._http

    async def _fetch(self, link: str) -> Fail | None:
        try:
            async with self._client().get(link) as response:
                response.raise_for_status()
                data = await response.read()
        except TimeoutError:
            return completions.not_fetched(link, timed_out=True)
        except (aiohttp.ClientError, ValueError):
            return completions.not_fetched(link, timed_out=False)
        return None if inspect(data).content_type else completions.not_a_picture()

    async def _perform(
        self, http: web.Request, request: ModelRequest, act: Act
    ) -> web.StreamResponse:
        match act:
            case Fail():
                return web.json_response(act.body, status=act.status, headers=act.headers)
            case Raw():
                return await self._raw(http, request, act)
            case Hang():
                await self._stopping.wait()
                return web.Response(status=503)
            case Reply():
                return await self._reply(http, request, act)

    async def _reply(
        self, http: web.Request, request: ModelRequest, reply: Reply
    ) -> web.StreamResponse:
        number, body = len(self.requests), request.body
        await asyncio.sleep(reply.first_delay)
        if not body.get("stream"):
            await self._break_off(http, reply)  # aiohttp drops what follows a reset in silence
            return web.json_response(completions.whole(body, reply, number))
        stream = await _prepared(http, "text/event-stream", number)
        await stream.write(completions.opening(body, number))
        for event in completions.pieces(body, reply, number):
            if reply.delay:
                await asyncio.sleep(reply.delay)
            request.chunks_at.append(time.monotonic())
            await stream.write(event)
        if reply.ending != "whole":
            await self._break_off(http, reply)
            return stream
        for event in completions.closing(body, reply, number):
            await stream.write(event)
        return stream

    async def _break_off(self, http: web.Request, reply: Reply) -> None:
        """Fall silent or reset the connection, as the reply's ending wants."""
        if reply.ending == "stall":
            await self._stopping.wait()
        elif reply.ending == "cut":
            await _reset(http)

    async def _raw(self, http: web.Request, request: ModelRequest, raw: Raw) -> web.StreamResponse:
        stream = await _prepared(http, raw.content_type, len(self.requests))
        for chunk in raw.chunks:
            request.chunks_at.append(time.monotonic())
            await stream.write(chunk)
        return stream


def _greeting(request: ModelRequest) -> str:
    count = len(request.images)
    images = "1 image" if count == 1 else f"{count} images"
    return f"Hello from the playground. I received {images} and your question."


async def _prepared(http: web.Request, kind: str, number: int) -> web.StreamResponse:
    headers = {"Content-Type": kind, "X-Request-Id": f"req_playground{number:06}"}
    stream = web.StreamResponse(headers=headers)
    await stream.prepare(http)
    return stream


async def _reset(http: web.Request) -> None:
    """Send RST, once the client had a moment to read what came before."""
    await asyncio.sleep(0.02)
    transport = http.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
