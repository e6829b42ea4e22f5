"""The real service on a real database, in front of a scripted provider on loopback."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.config import Config
from bot.core import Core, open_core
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.types import Asker, Delivery, Entry, ImageRef, Place, Question
from playground.model_server import ModelServer
from tests.storage import url_of

GUILD, CHANNEL, ADA = 10, 20, 30
_source_ids = itertools.count(1_000)


def configured(folder: Path, **environ: str) -> Config:
    """Give a Config of this folder and environment."""
    return Config.load(
        {"VIDI_DATA_DIR": str(folder), "VIDI_DATABASE_URL": url_of(folder)} | environ
    )


@asynccontextmanager
async def serving(
    folder: Path, models: ModelServer | None = None, **environ: str
) -> AsyncGenerator[Core]:
    """Open everything below Discord; `models` becomes the provider `custom/vision`."""
    if models is not None:
        environ = {
            "CUSTOM_BASE_URL": models.base_url,
            "CUSTOM_MODELS": "vision,other",
            "VIDI_DEFAULT_MODEL": "custom/vision",
        } | environ
    config = configured(folder, **environ)
    box = SecretBox.load((), folder)
    async with (
        Database.open(config.database_url, folder) as db,
        open_core(
            config, db, box, default_model=config.default_model, dm_daily=config.dm_daily
        ) as core,
    ):
        yield core


def picture(data: bytes | None = None, **facts: object) -> ImageRef:
    """Give a picture as Discord describes one."""
    return ImageRef(
        url="https://cdn.discordapp.com/attachments/1/2/cat.png",
        filename="cat.png",
        content_type="image/png",
        size=1000,
        width=64,
        height=64,
        data=data,
    )


def question(text: str = "What is it?", **changes: object) -> Question:
    """Give a member's question in a guild, with a source id of its own."""
    facts: dict[str, object] = {
        "source_id": next(_source_ids),
        "entry": Entry.MENTION,
        "asker": Asker(user_id=ADA),
        "place": Place(guild_id=GUILD, channel_id=CHANNEL),
        "text": text,
        "images": (picture(),),
        "delivery": Delivery(channel_id=CHANNEL),
    }
    return Question(**(facts | changes))  # type: ignore[arg-type]  # keyed by the field's names


class Screen:
    """A sink that remembers what it was shown."""

    def __init__(self) -> None:
        self.question_ids: list[int] = []
        self.pieces: list[str] = []

    def claimed(self, question_id: int) -> None:
        self.question_ids.append(question_id)

    def text(self, delta: str) -> None:
        self.pieces.append(delta)


async def until(condition: Callable[[], bool], timeout: float = 5) -> None:
    """Wait for a condition; TimeoutError when it doesn't come true."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)
