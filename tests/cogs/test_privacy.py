"""/privacy show: what is kept and who receives pictures, as set here."""

from collections.abc import AsyncIterator

import pytest

from bot.catalog.catalog import Catalog
from bot.choices import GuildSettings
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs.privacy import PrivacyCog
from tests.interactions import DIRECT, GUILD_ID, Client, connected


@pytest.fixture
async def client(
    settings: SettingsBook, catalog: Catalog, service: VisionService
) -> AsyncIterator[Client]:
    async with connected([PrivacyCog(settings, service, catalog)]) as connection:
        yield connection


async def test_it_says_what_is_kept_and_what_never_is(client: Client) -> None:
    reply = await client.slash("privacy show")
    assert reply.is_private
    assert "for 24 hours" in reply.content
    assert "never kept" in reply.content
    assert "Pictures" in reply.content


async def test_it_names_company_and_host_of_every_model_that_members_can_ask(
    client: Client, settings: SettingsBook
) -> None:
    await settings.change(
        GUILD_ID, 1, GuildSettings(model_id="local/reader", also=("openai/gpt-4o",))
    )
    reply = await client.slash("privacy show")
    assert "- Built-in reader: nobody" in reply.content
    assert "- GPT-4o at OpenAI: OpenAI, at api.openai.com" in reply.content


async def test_it_follows_the_guilds_setting_and_direct_messages_the_default(
    client: Client, settings: SettingsBook
) -> None:
    await settings.change(GUILD_ID, 1, GuildSettings(retention_hours=1))
    assert "for 1 hour," in (await client.slash("privacy show")).content
    assert "for 24 hours," in (await client.slash("privacy show", at=DIRECT)).content
    await settings.change(GUILD_ID, 1, GuildSettings(retention_hours=0))
    reply = await client.slash("privacy show")
    assert "not at all" in reply.content


async def test_a_provider_without_key_receives_nothing(
    client: Client, settings: SettingsBook, catalog: Catalog
) -> None:
    model = next(m for m in catalog.models.values() if m.provider.id == "openrouter")
    await settings.change(GUILD_ID, 1, GuildSettings(model_id=model.id))
    reply = await client.slash("privacy show")
    assert "nobody, it isn't set up" in reply.content


async def test_many_models_still_leave_room_for_what_is_kept(
    client: Client, settings: SettingsBook, catalog: Catalog
) -> None:
    many = tuple(model for model in catalog.models if catalog.usable(catalog.models[model]))
    await settings.change(GUILD_ID, 1, GuildSettings(also=(*many, *list(catalog.models))[:24]))
    reply = await client.slash("privacy show")
    assert len(reply.content) <= 2000
    assert "never kept" in reply.content
    assert "more" in reply.content


async def test_a_guard_that_looks_first_is_named_first(
    client: Client, settings: SettingsBook
) -> None:
    guard = "openrouter/meta-llama/llama-guard-4-12b"
    await settings.change(GUILD_ID, 1, GuildSettings(screen_model=guard))
    lines = (await client.slash("privacy show")).content.splitlines()
    assert lines[1].startswith("- Llama Guard 4 12B at OpenRouter, which looks first: ")
