"""Attempts in front of two scripted providers and a host of pictures."""

from collections.abc import AsyncIterator

import pytest

from bot.questions.attempts import Attempts
from bot.types import ImageRef
from playground.model_server import ModelServer
from tests.attempting import Clock, attempting, link, picture_host


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
async def others() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def cat() -> AsyncIterator[ImageRef]:
    """Give a picture that can be downloaded."""
    async with picture_host() as url:
        yield link(url)


@pytest.fixture
async def attempts(
    clock: Clock, models: ModelServer, others: ModelServer, cat: ImageRef
) -> AsyncIterator[Attempts]:
    async with attempting(clock, models.base_url, others.base_url, pictures=cat.url) as opened:
        yield opened
