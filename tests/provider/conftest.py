"""A provider that says exactly what a test wants, and the bot's own way out to it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.net import Net
from bot.provider.types import Request

Write = Callable[[bytes], Awaitable[None]]
Handler = Callable[[bytes, Write], Awaitable[None]]
"""Gets the request as it came and a function that sends; the connection closes when it returns."""

SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


class RawServer:
    """A TCP server on loopback that speaks for itself, so that it can misbehave."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[bytes] = []
        self.closed_by_client = asyncio.Event()

    @asynccontextmanager
    async def serving(
        self, handler: Handler, *, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator["RawServer"]:
        """Answer every connection with this handler, over TLS where it is given."""

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            async def write(data: bytes) -> None:
                writer.write(data)
                await writer.drain()

            try:
                request = await _read_request(reader)
                self.requests.append(request)
                answer = asyncio.ensure_future(handler(request, write))
                gone = asyncio.ensure_future(reader.read(1))
                done, _ = await asyncio.wait((answer, gone), return_when="FIRST_COMPLETED")
                if gone in done:
                    self.closed_by_client.set()
                for task in (answer, gone):
                    task.cancel()
                await asyncio.gather(answer, gone, return_exceptions=True)
            finally:
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    return head + await reader.readexactly(length)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Give the bot's own client, free to reach loopback."""
    async with Net(frozenset({"http://127.0.0.1:1"}), ()) as net:
        yield net.http("http://127.0.0.1:1")


def ask(url: str, key: str = "sk-live-123456") -> Request:
    """Give a small request to this server."""
    return Request(
        "POST",
        f"{url}/chat/completions",
        {"model": "m", "messages": [], "stream": True},
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )


def event(content: str, finish: str | None = None) -> bytes:
    """Give one event of a stream."""
    end = f'"{finish}"' if finish else "null"
    text = f'{{"choices":[{{"delta":{{"content":"{content}"}},"finish_reason":{end}}}]}}'
    return b"data: " + text.encode() + b"\n\n"
