"""/privacy: what is kept and who receives pictures, as set here; one's own data and wishes."""

from collections.abc import AsyncIterator

import pytest

from bot.catalog.catalog import Catalog
from bot.choices import Budget, GuildSettings, Override
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.guilds.catalogs import GuildCatalogs
from bot.privacy.consent import OptOuts
from bot.privacy.inventory import INVENTORY
from bot.privacy.people import People
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs.privacy import PrivacyCog
from tests.interactions import DIRECT, GUILD_ID, MEMBER, MODERATOR, Client, Reply, connected
from tests.storage import a_question, claimed_id


@pytest.fixture
async def opt_outs(db: Database) -> OptOuts:
    wishes = OptOuts(db)
    await wishes.load()
    return wishes


@pytest.fixture
def stopped() -> list[int]:
    """Whose answers were to be stopped."""
    return []


@pytest.fixture
async def client(
    settings: SettingsBook,
    catalogs: GuildCatalogs,
    service: VisionService,
    db: Database,
    box: SecretBox,
    opt_outs: OptOuts,
    stopped: list[int],
) -> AsyncIterator[Client]:
    async def stop(user_id: int) -> None:
        stopped.append(user_id)

    people = People(db, box)
    cog = PrivacyCog(settings, catalogs, service, people, opt_outs, stop)
    async with connected([cog]) as connection:
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
    assert "for 1 hour;" in (await client.slash("privacy show")).content
    assert "for 24 hours;" in (await client.slash("privacy show", at=DIRECT)).content
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


async def test_every_group_of_the_inventory_is_named(client: Client) -> None:
    content = (await client.slash("privacy show")).content
    assert all(group.what in content for group in INVENTORY)


async def test_every_model_that_may_get_pictures_is_named(
    client: Client, settings: SettingsBook
) -> None:
    chosen = GuildSettings(
        fallbacks=("openai/gpt-4o-mini",),
        overrides=(Override("channel", 5, "openai/gpt-4o"),),
        budget=Budget(cheaper="openai/gpt-4.1-2025-04-14"),
    )
    await settings.change(GUILD_ID, 1, chosen)
    content = (await client.slash("privacy show")).content
    for name in ("GPT-4o mini", "GPT-4o", "GPT-4.1"):
        assert f"- {name} at OpenAI: OpenAI, at api.openai.com" in content


async def test_a_deletion_says_what_goes_and_what_stays_and_waits_for_the_button(
    client: Client, db: Database, box: SecretBox, stopped: list[int]
) -> None:
    await claimed_id(db, box, a_question(1, user_id=MEMBER.id))
    asked = await client.slash("privacy delete")
    assert asked.is_private
    assert list(asked.buttons) == ["Delete", "Cancel"]
    assert "- 1 question of yours:" in asked.content
    assert "What stays:" in asked.content
    assert "opt-out" not in asked.content
    kept = await client.press("Cancel", asked)
    assert (kept.content, kept.buttons) == ("Nothing was erased.", {})
    assert (stopped, await People(db, box).count(MEMBER.id)) == ([], (1, 0))


async def test_nobody_elses_press_deletes_anything(
    client: Client, db: Database, box: SecretBox, stopped: list[int]
) -> None:
    await claimed_id(db, box, a_question(1, user_id=MEMBER.id))
    asked = await client.slash("privacy delete")
    refused = await client.press("Delete", asked, by=MODERATOR)
    assert refused.content == "This question was for somebody else."
    assert (stopped, await People(db, box).count(MEMBER.id)) == ([], (1, 0))


async def test_opting_out_and_in_say_what_holds_from_now_on(
    client: Client, opt_outs: OptOuts
) -> None:
    nothing = await client.slash("privacy optin")
    assert nothing.content == "You hadn't opted out. Nothing changed."
    out = await client.slash("privacy optout", at=DIRECT)
    assert out.is_private
    assert "/privacy optin undoes this." in out.content
    assert MEMBER.id in opt_outs
    asked: Reply = await client.slash("privacy delete")
    assert "your opt-out, because it is your wish" in asked.content
    back = await client.slash("privacy optin")
    assert back.content == ("Your pictures can be asked about again. /privacy optout undoes this.")
    assert MEMBER.id not in opt_outs
