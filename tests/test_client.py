"""Commands are registered only when Discord's copy says something else."""

import asyncio
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.http import Route

from bot.client import VidiBot, _same_commands
from bot.config import Config
from playground import Fault, Playground


@pytest.fixture
def discord_knows() -> list[dict[str, Any]]:
    option = {"type": 3, "name": "question", "description": "what", "required": False}
    return [
        {
            "id": "1",
            "application_id": "2",
            "version": "3",
            "type": 1,
            "name": "ask",
            "description": "Ask.",
            "default_member_permissions": "32",
            "options": [option],
            "contexts": [0, 1],
            "nsfw": False,
        }
    ]


def ours(**change: Any) -> list[dict[str, Any]]:
    option = {"type": 3, "name": "question", "description": "what", "choices": []}
    known = {"type": 1, "name": "ask", "description": "Ask.", "default_member_permissions": 32}
    return [known | {"options": [option], "contexts": [0, 1], "nsfw": False} | change]


def test_the_same_commands_are_not_sent_again(discord_knows: list[dict[str, Any]]):
    assert _same_commands(ours(), discord_knows)


@pytest.mark.parametrize(
    "change",
    [
        {"description": "Other."},
        {"options": []},
        {"contexts": [0]},
        {"default_member_permissions": None},
        {"name": "other"},
        {"options": [{"type": 3, "name": "question", "description": "what", "autocomplete": True}]},
    ],
)
def test_a_changed_command_is_sent(discord_knows: list[dict[str, Any]], change: dict[str, Any]):
    assert not _same_commands(ours(**change), discord_knows)


def test_what_was_taken_away_is_sent(discord_knows: list[dict[str, Any]]):
    discord_knows[0]["options"][0]["choices"] = [{"name": "one", "value": "1"}]
    assert not _same_commands(ours(), discord_knows)


def test_permission_in_direct_messages_is_left_to_the_contexts(
    discord_knows: list[dict[str, Any]],
):
    discord_knows[0]["dm_permission"] = False
    assert _same_commands(ours(dm_permission=True), discord_knows)


async def test_a_request_cancelled_in_a_global_rate_limit_holds_no_other_back():
    async with Playground() as pg:
        config = Config.load({"VIDI_DISCORD_API_URL": pg.api_url, "DISCORD_TOKEN": pg.token})
        async with VidiBot(config, message_content=False) as bot:
            await bot.login(pg.token)
            pg.fault(Fault("GET /users/@me", status=429, retry_after=0.4, scope="global"))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(bot.http.request(Route("GET", "/users/@me")), 0.2)
            await asyncio.wait_for(bot.http.request(Route("GET", "/users/@me")), 3)


async def test_the_bot_asks_for_no_more_than_it_needs():
    bot = VidiBot(Config.load({}), message_content=False)
    assert {name for name, wanted in bot.intents if wanted} == {
        "guilds",
        "guild_messages",
        "dm_messages",
    }
    assert bot.allowed_mentions is not None
    assert bot.allowed_mentions.to_dict() == discord.AllowedMentions.none().to_dict()


async def test_every_command_of_the_tree_can_be_compared():
    bot = VidiBot(Config.load({}), message_content=True)

    @app_commands.command()
    async def hello(interaction: discord.Interaction) -> None:
        """Say hello."""

    bot.tree.add_command(hello)
    payload = [command.to_dict(bot.tree) for command in bot.tree.get_commands()]
    assert _same_commands(payload, payload)
