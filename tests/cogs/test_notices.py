"""A model that ends: told once to a guild's moderators, and replaced with one press."""

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator

import pytest

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.choices import GuildSettings
from bot.db.engine import Database
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.connections import Connections
from bot.guilds.keyring import Keyring
from bot.guilds.notices import Ending, Notices, ending_of
from bot.owner.book import OwnerBook
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.sight.proof import Sight
from cogs.help import HelpCog
from cogs.notices import NoticesCog
from cogs.settings import SettingsCog
from tests.interactions import GUILD_ID, MEMBER, MODERATOR, Client, connected

BEFORE = dt.date(2026, 12, 14)  # 31 days before GPT-4o ends
SOON = dt.date(2026, 12, 15)
PAST = dt.date(2027, 1, 15)
STARTED = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


class Today:
    """The day it is."""

    def __init__(self) -> None:
        self.day = SOON

    def __call__(self) -> dt.date:
        return self.day


@pytest.fixture
def today() -> Today:
    return Today()


@pytest.fixture
def catalog(today: Today) -> Catalog:
    return dataclasses.replace(load({"OPENAI_API_KEY": "sk-not-a-real-key"}), today=today)


@pytest.fixture
async def client(
    db: Database,
    settings: SettingsBook,
    catalog: Catalog,
    catalogs: GuildCatalogs,
    owner: OwnerBook,
    service: VisionService,
    sight: Sight,
    keyring: Keyring,
    connections: Connections,
) -> AsyncIterator[Client]:
    await settings.change(GUILD_ID, 1, GuildSettings(model_id="openai/gpt-4o"))
    cogs = [
        SettingsCog(settings, catalogs, service, sight, keyring, connections),
        HelpCog(service, settings, catalogs, owner, True, STARTED),
        NoticesCog(Notices(db), service, catalogs, sight),
    ]
    async with connected(cogs) as connection:
        yield connection


def ending(catalog: Catalog) -> Ending:
    found = ending_of(catalog.models["openai/gpt-4o"], catalog)
    assert found is not None
    return found


def test_an_end_is_news_thirty_days_before(catalog: Catalog, today: Today) -> None:
    today.day = BEFORE
    assert ending_of(catalog.models["openai/gpt-4o"], catalog) is None
    today.day = SOON
    assert ending(catalog).day == dt.date(2027, 1, 14)
    assert ending(catalog).successor is catalog.models["openai/gpt-5.1"]


def test_a_successor_that_ends_itself_gives_way_to_its_own(catalog: Catalog, today: Today) -> None:
    today.day = dt.date(2027, 3, 15)
    assert ending(catalog).successor is catalog.models["openai/gpt-5.2"]


async def test_each_end_is_claimed_once_by_each_guild(db: Database, catalog: Catalog) -> None:
    notices = Notices(db)
    end = ending(catalog)
    assert await notices.claim(1, end)
    assert not await notices.claim(1, end)
    assert await notices.claim(2, end)
    later = dataclasses.replace(end, day=end.day + dt.timedelta(days=7))
    assert await notices.claim(1, later)
    await notices.release(1, end)
    assert await notices.claim(1, end)


async def test_settings_and_status_name_end_and_successor(client: Client) -> None:
    shown = await client.slash("settings show", by=MODERATOR)
    line = "GPT-4o at OpenAI shuts down on 2027-01-14. GPT-5.1 at OpenAI can take its place here."
    assert line in shown.content
    assert line in (await client.slash("status", by=MODERATOR)).content
    assert line not in (await client.slash("status", by=MEMBER)).content


async def test_one_press_adopts_the_successor_and_can_be_undone(
    client: Client, settings: SettingsBook
) -> None:
    shown = await client.slash("settings show", by=MODERATOR)
    changed = await client.press("Switch to GPT-5.1", shown, by=MODERATOR)
    assert settings.of(GUILD_ID).model_id == "openai/gpt-5.1"
    assert "Changed." in changed.content
    await client.press("Undo", changed, by=MODERATOR)
    assert settings.of(GUILD_ID).model_id == "openai/gpt-4o"


async def test_members_can_not_adopt(client: Client, settings: SettingsBook) -> None:
    shown = await client.slash("settings show", by=MODERATOR)
    refused = await client.press("Switch to GPT-5.1", shown, by=MEMBER)
    assert "Only moderators" in refused.content
    assert settings.of(GUILD_ID).model_id == "openai/gpt-4o"


async def test_a_model_that_has_ended_can_be_replaced_with_one_press(
    client: Client, today: Today, settings: SettingsBook
) -> None:
    today.day = PAST
    shown = await client.slash("settings show", by=MODERATOR)
    assert "was shut down on 2027-01-14" in shown.content
    await client.press("Switch to GPT-5.1", shown, by=MODERATOR)
    assert settings.of(GUILD_ID).model_id == "openai/gpt-5.1"
