"""Cancelling closes the connection and costs none: httpcore's own pool lost one each time.

Kept from the measurement that chose the transport: 15 streams cancelled twice each, then
PoolTimeout on httpx's default pool (encode/httpcore#1093)."""

import asyncio

import httpx
from httpx_aiohttp import AiohttpTransport

from bot.provider.client import complete
from bot.types import Finish
from tests.provider.conftest import SSE, RawServer, Write, ask, event


async def _first_stream_then_answer(request: bytes, write: Write) -> None:
    await write(SSE + event("a"))
    if b"stay" in request:
        await asyncio.sleep(30)
    await write(event("b", "stop") + b"data: [DONE]\n\n")


async def test_cancelling_closes_the_connection(http: httpx.AsyncClient) -> None:
    heard = asyncio.Event()
    async with RawServer().serving(_first_stream_then_answer) as server:
        task = asyncio.create_task(
            complete(http, ask(server.url, key="stay"), lambda _text: heard.set())
        )
        await heard.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await asyncio.wait_for(server.closed_by_client.wait(), 2)


async def test_streams_cancelled_twice_leave_room_for_the_next_request() -> None:
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=5))
    async with (
        httpx.AsyncClient(transport=transport, trust_env=False) as http,
        RawServer().serving(_first_stream_then_answer) as server,
    ):
        for _turn in range(20):
            heard = asyncio.Event()
            task = asyncio.create_task(
                complete(http, ask(server.url, key="stay"), lambda _text, h=heard: h.set())
            )
            await heard.wait()
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        asks = (complete(http, ask(server.url), lambda _text: None) for _one in range(10))
        answers = await asyncio.wait_for(asyncio.gather(*asks), 5)
    assert [(one.text, one.finish) for one in answers] == [("ab", Finish.STOP)] * 10


async def test_requests_cancelled_before_they_connect_leave_room_too() -> None:
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=2))
    async with (
        httpx.AsyncClient(transport=transport, trust_env=False) as http,
        RawServer().serving(_first_stream_then_answer) as server,
    ):
        for turn in range(20):
            asks = [
                asyncio.create_task(complete(http, ask(server.url, key="stay"), lambda _text: None))
                for _one in range(4)
            ]
            await asyncio.sleep(turn / 2000)
            for task in asks:
                task.cancel()
            await asyncio.gather(*asks, return_exceptions=True)
        whole = await asyncio.wait_for(complete(http, ask(server.url), lambda _text: None), 5)
    assert whole.text == "ab"
