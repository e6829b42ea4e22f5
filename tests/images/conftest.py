from collections.abc import AsyncIterator

import pytest

from bot.images.decode import Decoder


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    async with Decoder() as opened:
        yield opened
