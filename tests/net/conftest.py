import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Canary:
    """A loopback server that counts connections and keeps the requests it got."""

    def __init__(self) -> None:
        self.handler: Handler = self._picture
        self.requests: list[web.BaseRequest] = []
        self.connections = 0
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _picture(self, request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"picture")

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        return await self.handler(request)

    def connected(self, server: web.Server) -> Callable[[], asyncio.Protocol]:
        def protocol() -> asyncio.Protocol:
            self.connections += 1
            return server()

        return protocol


async def _serve() -> AsyncIterator[Canary]:
    canary = Canary()
    server = web.Server(canary.answer, handler_cancellation=True)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(canary.connected(server), "127.0.0.1", 0)
    canary.port = listening.sockets[0].getsockname()[1]
    yield canary
    listening.close()
    await server.shutdown(0)
    await listening.wait_closed()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    async for served in _serve():
        yield served


@pytest.fixture
async def second() -> AsyncIterator[Canary]:
    async for served in _serve():
        yield served
