"""Real services below the cogs: a database in a folder, the shipped catalog, no provider asked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.attempts import Attempts
from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.images.decode import Decoder
from bot.net import Net
from bot.reader import Reader
from bot.service import VisionService
from bot.settings import SettingsBook


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'vidi.db'}", tmp_path) as database:
        yield database


@pytest.fixture
def box(tmp_path: Path) -> SecretBox:
    return SecretBox.load((), tmp_path)


@pytest.fixture
def catalog() -> Catalog:
    """The shipped catalog where OpenAI has a key and nobody else."""
    return load({"OPENAI_API_KEY": "sk-not-a-real-key"})


@pytest.fixture
async def settings(db: Database) -> SettingsBook:
    book = SettingsBook(db)
    await book.load()
    return book


@pytest.fixture
async def service(
    db: Database, box: SecretBox, catalog: Catalog, settings: SettingsBook
) -> AsyncIterator[VisionService]:
    net = Net(trusted_origins=frozenset(), trusted_networks=())
    async with net, Decoder() as decoder, Reader() as reader:
        yield VisionService(
            catalog=catalog,
            settings=settings,
            db=db,
            box=box,
            attempts=Attempts(net, decoder, reader),
        )
