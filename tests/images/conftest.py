from collections.abc import AsyncIterator

import pytest
from PIL import Image

from bot.images.decode import Decoder


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    async with Decoder() as opened:
        yield opened


@pytest.fixture(autouse=True)
def pillows_own_limit_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what `pixels` sets in its child process when it runs in the tests' own."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
