"""/models as everybody meets it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.choices import GuildSettings
from bot.guilds.catalogs import GuildCatalogs
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs._entries import entries, paged
from cogs._filters import Filters
from cogs.models import ModelsCog
from tests.interactions import DIRECT, ELSEWHERE, GUILD_ID, HERE, Client, Reply, Where, connected

UPDATE = 7
DEFAULT = "openai/gpt-5.1"


@pytest.fixture
async def client(
    catalogs: GuildCatalogs, service: VisionService, settings: SettingsBook
) -> AsyncIterator[Client]:
    async with connected([ModelsCog(catalogs, service, settings)]) as connection:
        yield connection


def ids(reply: Reply) -> list[str]:
    return re.findall(r"\(`([^`]+)`\)", reply.content)


async def test_every_model_can_be_reached_by_turning_pages(
    client: Client, catalog: Catalog
) -> None:
    reply = await client.slash("models")
    seen = ids(reply)
    while "Next" in reply.buttons:
        reply = await client.press("Next", reply)
        assert reply.kind == UPDATE
        assert len(reply.content) <= 2000
        assert 1 <= len(ids(reply)) <= 8
        seen += ids(reply)
    assert sorted(seen) == sorted(catalog.models)


async def test_pages_can_be_turned_back(client: Client) -> None:
    first = await client.slash("models")
    second = await client.press("Next", first)
    back = await client.press("Previous", second)
    assert back.content == first.content
    assert "Previous" not in back.buttons


async def test_the_first_entry_is_the_model_that_answers_here(client: Client) -> None:
    reply = await client.slash("models")
    assert reply.is_private
    assert ids(reply)[0] == DEFAULT
    assert "It answers here." in reply.content.splitlines()[2]


async def test_a_server_without_a_chosen_model_is_told_so(
    client: Client, settings: SettingsBook
) -> None:
    hint = "No moderator has chosen a model here yet"
    assert hint in (await client.slash("models")).content
    assert hint not in (await client.slash("models", at=DIRECT)).content
    await settings.change(GUILD_ID, 1, GuildSettings(model_id="openai/gpt-4o"))
    assert hint not in (await client.slash("models")).content


async def test_a_search_is_kept_while_pages_are_turned(client: Client) -> None:
    reply = await client.slash("models", search="AI/ML a")
    assert all(model_id.startswith("aimlapi/") for model_id in ids(reply))
    reply = await client.press("Next", reply)
    assert ids(reply)
    assert all(model_id.startswith("aimlapi/") for model_id in ids(reply))


async def test_a_search_without_result_says_so(client: Client) -> None:
    reply = await client.slash("models", search="nothing like this")
    assert "nothing like this" in reply.content
    assert not reply.buttons


@pytest.mark.parametrize("search", [":", "x:y", "\\d", "🦊" * 40, "a" * 40])
async def test_any_search_is_taken_as_text(client: Client, search: str) -> None:
    reply = await client.slash("models", search=search)
    assert len(reply.content) <= 2000
    assert all(len(custom_id) <= 100 for custom_id in reply.buttons.values())


async def test_a_page_that_no_longer_exists_shows_the_last_one(client: Client) -> None:
    reply = await client.slash("models")
    reply.data["components"][0]["components"][0]["custom_id"] = "vidi:models:999:"
    last = await client.press("Next", reply)
    assert "Next" not in last.buttons
    assert ids(last)


@pytest.mark.parametrize("where", [HERE, DIRECT, ELSEWHERE], ids=["here", "direct", "elsewhere"])
async def test_models_work_wherever_the_command_can_be_used(client: Client, where: Where) -> None:
    reply = await client.slash("models", at=where)
    assert ids(reply)[0] == DEFAULT


async def test_what_members_may_choose_is_marked_only_where_it_is_offered(
    client: Client, settings: SettingsBook
) -> None:
    await settings.change(GUILD_ID, 1, GuildSettings(also=("openai/gpt-4o",)))
    here = await client.slash("models", search="openai/gpt-4o")
    assert "Members can choose it here." in here.content
    direct = await client.slash("models", search="openai/gpt-4o", at=DIRECT)
    assert "Members can choose it here." not in direct.content


def test_an_entry_has_abilities_price_and_the_day_it_was_read(catalog: Catalog) -> None:
    model = catalog.models["openai/gpt-5.2"]
    (entry,) = entries(catalog, Filters(search="openai/gpt-5.2"), [])
    assert f"up to {model.images.max_count} pictures" in entry
    assert "JPEG, PNG, WEBP" in entry
    assert "thinks before it answers" in entry
    assert "$1.75 in and $14.00 out per million tokens (read 2026-11-21)" in entry
    assert "/settings model" in entry


def test_a_model_without_key_names_what_is_missing(catalog: Catalog) -> None:
    found = entries(catalog, Filters(search="openrouter/google/"), [])
    assert found
    assert all("OPENROUTER_API_KEY" in entry for entry in found)


EXTRA = """
[provider]
id = "extra"
label = "Extra"
company = "Extra Inc."
base_url = "https://extra.invalid/v1"
needs_key = false

[defaults]
checked = 2026-01-01
source = "written for a test"

[[models]]
name = "gone"
label = "Gone"
retired = 2026-02-03
successor = "extra/new"

[[models]]
name = "blind"
label = "Blind"
sees = false

[[models]]
name = "new"
label = "New"
price = { input = 0, output = 0.0, checked = 2026-01-01, source = "written for a test" }
"""


def test_a_retired_model_names_its_successor_and_a_blind_one_says_so(tmp_path: Path) -> None:
    (tmp_path / "extra.toml").write_text(EXTRA, "utf-8")
    usable, *rest = entries(load({}, tmp_path), Filters(search="extra/"), ["local/reader"])
    assert "New" in usable
    assert "free" in usable
    text = "\n".join(rest)
    assert "2026-02-03" in text
    assert "extra/new" in text
    assert "can't see pictures" in text
    assert "price unknown" in text


def test_pages_hold_eight_entries_and_never_more_than_a_message() -> None:
    assert [len(page) for page in paged(["x"] * 17)] == [8, 8, 1]
    long = paged(["x" * 500] * 7)
    assert [len(page) for page in long] == [3, 3, 1]
    assert paged([]) == []
