"""Sends a request to a model and listens to its reply, however the provider behaves."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import httpx
import msgspec

from bot.errors import BadReply, Insecure, ProviderDown, ProviderError, TimedOut, Unreachable
from bot.net import find_cause
from bot.provider import faults
from bot.provider.response import Reply
from bot.provider.sse import MAX_LINE, Parser, TooLong
from bot.provider.types import Completion, OnText, Request
from bot.types import Finish

_PIECE = 64 * 1024
_BLANK = b"\xef\xbb\xbf \t\r\n"
_ID_HEADERS = ("x-inference-id", "x-request-id", "x-generation-id")
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, and how much to take, in bytes (`text` in characters)."""

    connect: float = 5.0
    first_text: float = 45.0
    """Until the first sign of an answer; reasoning counts, keep-alives don't."""
    stall: float = 30.0
    """Between two such signs."""
    tail: float = 2.0
    """After the finish reason, for usage and [DONE]."""
    total: float = 600.0
    line: int = MAX_LINE
    text: int = 2 * 1024 * 1024
    body: int = 32 * 1024 * 1024
    whole: int = 4 * 1024 * 1024
    """A reply that comes as one JSON body."""
    error_body: int = 64 * 1024


async def complete(
    http: httpx.AsyncClient, request: Request, on_text: OnText, *, limits: Limits | None = None
) -> Completion:
    """Ask, hand text on as it comes, and give the whole reply.

    A reply that breaks off or stalls after it had text is a Completion with finish LOST or STALLED.
    Raises nothing but ProviderError, with what had arrived in `.text`; cancelling closes the
    connection."""
    limits = limits or Limits()
    exchange = _Exchange(http, request, on_text, limits)
    try:
        async with asyncio.timeout(limits.total):
            return await exchange.run()
    except TimeoutError:
        return exchange.ended(Finish.STALLED, TimedOut(f"no end within {limits.total:g} s"))
    except ProviderError as error:
        error.text = exchange.reply.text
        raise


class _Exchange:
    """One request and what comes back on it."""

    def __init__(
        self, http: httpx.AsyncClient, request: Request, on_text: OnText, limits: Limits
    ) -> None:
        self._http = http
        self._request = request
        self._limits = limits
        self._key = request.headers.get("Authorization", "").removeprefix("Bearer ") or None
        self._id: str | None = None
        self.reply = Reply(on_text, key=self._key, max_text=limits.text)

    async def run(self) -> Completion:
        try:
            async with asyncio.timeout(self._limits.first_text) as watchdog:
                await self._send(watchdog)
        except TimeoutError:
            waited = f"nothing new within {self._limits.first_text:g} s"
            return self.ended(Finish.STALLED, TimedOut(waited))
        except httpx.HTTPError as error:
            return self.ended(Finish.LOST, _connection_error(error))
        except (aiohttp.ClientError, OSError, httpx.InvalidURL) as error:
            return self.ended(Finish.LOST, ProviderDown(f"{type(error).__name__}: {error}"))
        except TooLong as error:
            raise BadReply(str(error)) from error
        return self.reply.completion(self._id)

    def ended(self, cut: Finish, error: ProviderError) -> Completion:
        """Give what there is of a reply that ended early, or raise `error` if that is nothing."""
        if not self.reply.text and self.reply.finish is None:
            raise error
        return self.reply.completion(self._id, cut)

    async def _send(self, watchdog: asyncio.Timeout) -> None:
        body = msgspec.json.encode(self._request.body)
        async with self._http.stream(
            self._request.method,
            self._request.url,
            content=_pieces(body),
            headers={**self._request.headers, "Content-Length": str(len(body))},
            timeout=httpx.Timeout(None, connect=self._limits.connect, pool=self._limits.connect),
            follow_redirects=False,
        ) as response:
            self._id = _request_id(response.headers)
            if response.status_code != 200:
                refusal = await _start(response.aiter_bytes(), self._limits.error_body)
                raise faults.from_response(
                    response.status_code, response.headers, refusal, key=self._key
                )
            await self._listen(response.aiter_bytes(), watchdog)

    async def _listen(self, chunks: AsyncIterator[bytes], watchdog: asyncio.Timeout) -> None:
        """Read a 200 reply for what it is: events, a JSON body all the same, or a proxy's page."""
        begun = bytearray()
        async for chunk in chunks:
            begun += chunk
            if chunk.lstrip(_BLANK) or len(begun) > self._limits.line:
                break
        first = bytes(begun)
        match first.lstrip(_BLANK)[:1]:
            case b"{" | b"[":
                whole = first + await _start(chunks, self._limits.whole)
                self.reply.event(whole.lstrip(_BLANK))
            case b"<":
                raise ProviderDown("an HTML page instead of a reply")
            case _:
                await self._stream(first, chunks, watchdog)

    async def _stream(
        self, first: bytes, chunks: AsyncIterator[bytes], watchdog: asyncio.Timeout
    ) -> None:
        parser, taken = Parser(self._limits.line), len(first)
        if self._take(parser.feed(first), watchdog):
            return
        async for chunk in chunks:
            taken += len(chunk)
            if taken > self._limits.body:
                raise TooLong(f"a reply of more than {self._limits.body} bytes")
            if self._take(parser.feed(chunk), watchdog):
                return
        self._take(parser.close(), watchdog)

    def _take(self, events: list[bytes], watchdog: asyncio.Timeout) -> bool:
        """Take events, move the watchdog on if they moved the answer on; True at the end."""
        reply, limits = self.reply, self._limits
        steps = reply.steps
        for event in events:
            reply.event(event)
            if reply.done:
                return True
        if reply.steps != steps:
            patience = limits.stall if reply.finish is None else limits.tail
            _move(watchdog, patience)
        return False


def _move(watchdog: asyncio.Timeout, patience: float) -> None:
    """Let the watchdog wait this many seconds from now, give or take a twentieth.

    Not each time: a timer for every token would cost as much as reading it."""
    due = asyncio.get_running_loop().time() + patience
    if abs(due - (watchdog.when() or 0.0)) > patience / 20:
        watchdog.reschedule(due)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    """Give the body bit by bit: megabytes at once would block the loop, and aiohttp warns of it."""
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]


async def _start(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """Give what the chunks hold, up to about `limit` bytes."""
    gathered = bytearray()
    async for chunk in chunks:
        gathered += chunk
        if len(gathered) > limit:
            break
    return bytes(gathered)


def _request_id(headers: httpx.Headers) -> str | None:
    """Give the id under which the provider finds this request in its own log."""
    return next((headers[name][:200] for name in _ID_HEADERS if name in headers), None)


def _connection_error(error: httpx.HTTPError) -> ProviderError:
    """Tell whether the request can have been sent; httpx-aiohttp calls nearly all ConnectTimeout.

    Only the aiohttp error behind it knows: a connection that was up and then lost is a
    ServerDisconnectedError or a ClientOSError, but not a ClientConnectorError."""
    cause = error.__cause__
    lost = isinstance(cause, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)
    if lost and not isinstance(cause, aiohttp.ClientConnectorError):
        return ProviderDown(f"connection lost: {cause}")
    detail = f"{type(cause or error).__name__}: {error}"
    if isinstance(error, _NOT_SENT):
        kind = Insecure if find_cause(error, ssl.SSLError) else Unreachable
        return kind(detail, sent=False)
    return ProviderDown(detail)
