"""Real services below the cogs: a database in a folder, the shipped catalog, no provider asked."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.catalog.types import Model
from bot.db import proofs
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.proofs import SEES, Look
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.connections import Connections
from bot.guilds.keyring import Keyring
from bot.images.decode import Decoder
from bot.net import Net
from bot.owner.book import OwnerBook
from bot.privacy.consent import OptOuts
from bot.questions.attempts import Attempts
from bot.questions.planning import Planner
from bot.reader import Reader
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.sight.proof import Sight, fingerprint
from tests.storage import open_database


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as database:
        yield database


@pytest.fixture
def box(tmp_path: Path) -> SecretBox:
    return SecretBox.load((), tmp_path)


@pytest.fixture
def catalog() -> Catalog:
    """The shipped catalog where OpenAI has a key and nobody else."""
    return load({"OPENAI_API_KEY": "sk-not-a-real-key"})


@pytest.fixture
async def settings(db: Database, keyring: Keyring) -> SettingsBook:
    book = SettingsBook(db, keyring.drop)
    await book.load()
    return book


@pytest.fixture
async def owner(db: Database) -> OwnerBook:
    book = OwnerBook(db)
    await book.load()
    return book


@pytest.fixture
def keyring(db: Database, box: SecretBox) -> Keyring:
    return Keyring(db, box)


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    """Reach nothing."""
    async with Net(trusted_origins=frozenset(), trusted_networks=()) as net:
        yield Connections(net)


@pytest.fixture
def catalogs(
    catalog: Catalog, settings: SettingsBook, owner: OwnerBook, keyring: Keyring
) -> GuildCatalogs:
    return GuildCatalogs(catalog, settings, owner, keyring)


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    async with Decoder() as children:
        yield children


@pytest.fixture
async def attempts(decoder: Decoder) -> AsyncIterator[Attempts]:
    async with Net(trusted_origins=frozenset(), trusted_networks=()) as net, Reader() as reader:
        yield Attempts(net, decoder, reader)


@pytest.fixture
async def sight(
    db: Database, box: SecretBox, catalog: Catalog, attempts: Attempts, decoder: Decoder
) -> AsyncIterator[Sight]:
    """Every model of OpenAI's was just proven, so that none is asked."""
    openai = [model for model in catalog.models.values() if model.provider.id == "openai"]
    await db.transact(lambda session: proofs.add(session, [_seen(m, catalog, box) for m in openai]))
    async with Sight(db, box, attempts, decoder) as known:
        yield known


def _seen(model: Model, catalog: Catalog, box: SecretBox) -> Look:
    endpoint = catalog.endpoint(model.provider)
    assert endpoint is not None
    return Look(
        model_id=model.id,
        origin=endpoint.host,
        fingerprint=fingerprint(box, endpoint),
        transport="url",
        outcome=SEES,
        latency_ms=800,
        cost_nano_usd=100_000,
        guild_id=None,
        tried_at=dt.datetime.now(dt.UTC),
    )


@pytest.fixture
async def service(
    db: Database,
    box: SecretBox,
    catalogs: GuildCatalogs,
    owner: OwnerBook,
    settings: SettingsBook,
    attempts: Attempts,
    sight: Sight,
) -> VisionService:
    planner = Planner(catalogs, settings, owner, OptOuts(db))
    return VisionService(
        planner=planner,
        catalogs=catalogs,
        owner=owner,
        db=db,
        box=box,
        attempts=attempts,
        sight=sight,
    )
