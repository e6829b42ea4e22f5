"""A playground, and unmodified discord.py clients connected to it."""

import asyncio
import contextlib

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from playground import Playground
from tests.playground.clients import Bot, CommandBot


@pytest.fixture
async def connect(monkeypatch):
    """Give a function that connects a client to a playground; all are closed afterwards."""
    async with contextlib.AsyncExitStack() as stack:

        async def connect(pg, client=None, *, wait=True, commands=False):
            monkeypatch.setattr(Route, "BASE", pg.api_url)
            monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(pg.gateway_url))
            client = client or Bot(pg.world.message_content)
            running = asyncio.create_task(client.start(pg.token))
            stack.push_async_callback(_stop, client, running)
            if wait:
                await pg.ready(commands=commands)
                await asyncio.wait_for(client.wait_until_ready(), 5)
            return client

        yield connect


async def _stop(client, running):
    await client.close()
    await asyncio.wait([running], timeout=2)
    if running.done() and not running.cancelled():
        running.exception()


@pytest.fixture
async def pg():
    """Give a running playground."""
    async with Playground() as playground:
        yield playground


@pytest.fixture
def make_bot():
    """Give the class of the listening client."""
    return Bot


@pytest.fixture
def bot():
    """Give a client with commands, not yet connected."""
    return CommandBot()
