"""/help and /status."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from bot import __version__
from bot.choices import GuildSettings, Rate
from bot.db.engine import Database
from bot.guilds.catalogs import GuildCatalogs
from bot.owner.book import OwnerBook
from bot.owner.decisions import Announcement
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs.help import HelpCog
from tests.interactions import (
    DIRECT,
    ELSEWHERE,
    GUILD_ID,
    HERE,
    MODERATOR,
    Client,
    Where,
    connected,
)

STARTED = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


@pytest.fixture
async def client(
    settings: SettingsBook, catalogs: GuildCatalogs, owner: OwnerBook, service: VisionService
) -> AsyncIterator[Client]:
    async with connected(
        [HelpCog(service, settings, catalogs, owner, True, STARTED)]
    ) as connection:
        yield connection


@pytest.mark.parametrize("where", [HERE, DIRECT, ELSEWHERE], ids=["here", "direct", "elsewhere"])
@pytest.mark.parametrize("command", ["help", "status"])
async def test_both_work_everywhere_and_privately(
    client: Client, command: str, where: Where
) -> None:
    reply = await client.slash(command, at=where)
    assert reply.is_private
    assert 0 < len(reply.content) <= 2000


async def test_both_can_be_installed_by_users(client: Client) -> None:
    for name in ("help", "status"):
        command = client.bot.tree.get_command(name)
        assert command is not None
        payload = command.to_dict(client.bot.tree)
        assert payload["contexts"] == [0, 1, 2]
        assert payload["integration_types"] == [0, 1]


async def test_help_names_every_way_to_ask(client: Client) -> None:
    reply = await client.slash("help")
    for way in (
        "/ask",
        "Ask about image…",
        "Describe image",
        "Mention me",
        "Reply to",
        "Up to 10 pictures",
    ):
        assert way in reply.content
    assert "/settings" not in reply.content


async def test_help_names_what_moderators_can_set_to_those_who_can(
    client: Client, settings: SettingsBook
) -> None:
    await settings.change(GUILD_ID, 1, GuildSettings(rate=Rate(pictures=1)))
    reply = await client.slash("help", by=MODERATOR)
    assert "/settings panel" in reply.content
    assert "1 picture fits into one question." in reply.content


async def test_help_names_only_ways_that_work_in_the_place(client: Client) -> None:
    direct = (await client.slash("help", at=DIRECT)).content
    assert "no mention is needed" in direct
    assert "Mention me" not in direct
    elsewhere = (await client.slash("help", at=ELSEWHERE)).content
    assert "I am no member here" in elsewhere
    assert "Mention me" not in elsewhere


async def test_help_tells_who_sees_answers_here(client: Client, settings: SettingsBook) -> None:
    assert "/ask with a picture or a link: everybody" in (await client.slash("help")).content
    await settings.change(GUILD_ID, 1, GuildSettings(ask_private=True, menus_private=False))
    changed = (await client.slash("help")).content
    assert "/ask with a picture or a link: only you" in changed
    assert "“Translate text”: everybody" in changed


async def test_without_message_content_both_name_the_way_that_works(
    settings: SettingsBook, catalogs: GuildCatalogs, owner: OwnerBook, service: VisionService
) -> None:
    async with connected([HelpCog(service, settings, catalogs, owner, False, STARTED)]) as client:
        assert "use the right-click menu" in (await client.slash("help")).content
        assert "Message content: off" in (await client.slash("status")).content


async def test_status_names_version_model_and_database_and_nothing_secret(client: Client) -> None:
    reply = await client.slash("status")
    assert __version__ in reply.content
    assert f"<t:{int(STARTED.timestamp())}:R>" in reply.content
    assert "GPT-5.1 at OpenAI" in reply.content
    assert "0 questions are being answered." in reply.content
    assert "Database: in order." in reply.content
    assert "not measured yet" in reply.content
    assert "sk-not-a-real-key" not in reply.content


async def test_status_tells_when_the_database_does_not_answer(
    db: Database,
    settings: SettingsBook,
    catalogs: GuildCatalogs,
    owner: OwnerBook,
    service: VisionService,
) -> None:
    async with connected([HelpCog(service, settings, catalogs, owner, True, STARTED)]) as client:
        await db._close()
        reply = await client.slash("status")
    assert "Database: it doesn't answer" in reply.content


async def test_status_tells_what_the_operator_announces(client: Client, owner: OwnerBook) -> None:
    assert "Whoever runs me" not in (await client.slash("status")).content
    await owner.decide(Announcement("Back at noon."), by=1)
    reply = await client.slash("status")
    assert reply.content.endswith("\nWhoever runs me says: Back at noon.")
