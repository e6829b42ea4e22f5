"""A server's first use of the bot, its leaving and its return."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from bot.app import Vidi
from bot.choices import GuildSettings
from playground import Guild, Message
from tests.e2e.conftest import Town
from tests.serving import until

FIRST = "Pictures that members ask me about go to "


def row(town: Town, guild: Guild) -> dict[str, Any]:
    """Give what is written down about a guild; nothing is nothing."""
    with closing(sqlite3.connect(town.folder / "vidi.db")) as db:
        db.row_factory = sqlite3.Row
        found = db.execute("SELECT * FROM guilds WHERE guild_id = ?", (guild.id,)).fetchone()
        return dict(found) if found else {}


def keys(town: Town) -> int:
    with closing(sqlite3.connect(town.folder / "vidi.db")) as db:
        return db.execute("SELECT count(*) FROM guild_keys").fetchone()[0]


def told(town: Town) -> list[Message]:
    return [m for m in town.channel.messages if m.content.startswith("Pictures that members")]


async def has_key(vidi: Vidi, town: Town) -> None:
    await vidi.core.keyring.put(
        town.guild.id, town.mod.id, "openai", "https://api.openai.com:443", "sk-canary-0123456789"
    )
    await vidi.core.settings.change(town.guild.id, town.mod.id, GuildSettings(prompt="Be brief."))


@pytest.fixture
def fresh(town: Town) -> Town:
    """A town whose guild has never had a picture looked at."""
    return replace(town, introduced=False)


async def test_after_the_first_answer_the_channel_is_told_once_who_gets_pictures(
    fresh: Town,
) -> None:
    async with fresh.bot():
        await fresh.answer_to(await fresh.asks())
        await fresh.pg.until(lambda: len(told(fresh)) == 1)
        await fresh.answer_to(await fresh.asks())
        await fresh.ask(fresh.ben, image=fresh.picture())
    async with fresh.bot():
        await fresh.answer_to(await fresh.asks())
    (sentence,) = told(fresh)
    host = fresh.models.base_url.split("/")[2]
    assert sentence.content == (
        f"{FIRST}a server that the operator chose ({host}). /privacy show has the rest; "
        "/privacy optout keeps yours back. I say this once."
    )
    assert sentence.ephemeral_to is None


@pytest.mark.parametrize("private", [True, False])
async def test_an_answer_to_a_command_is_told_of_without_naming_who_asked(
    fresh: Town, private: bool
) -> None:
    async with fresh.bot():
        await fresh.ask(image=fresh.picture(), private=private)
        await fresh.pg.until(lambda: len(told(fresh)) == 1)
    (sentence,) = told(fresh)
    assert (sentence.ephemeral_to, sentence.reply_to, sentence.interaction) == (None, None, None)


async def test_where_the_channel_takes_nothing_the_next_answer_elsewhere_tells(
    fresh: Town,
) -> None:
    vault = fresh.guild.channel("vault", deny=("send_messages",))
    async with fresh.bot():
        await fresh.ask(channel=vault, image=fresh.picture(), private=True)
        assert not row(fresh, fresh.guild).get("introduced_at")
        await fresh.ask(image=fresh.picture(), private=True)
        await fresh.pg.until(lambda: len(told(fresh)) == 1)
    assert len(vault.messages) == 1


async def test_in_public_a_command_tells_by_itself_where_the_channel_takes_nothing(
    fresh: Town,
) -> None:
    vault = fresh.guild.channel("vault", deny=("send_messages",))
    async with fresh.bot():
        await fresh.ask(channel=vault, image=fresh.picture())
        await fresh.pg.until(lambda: len(vault.messages) == 2)
    assert vault.messages[1].content.startswith(FIRST)


async def test_the_first_picture_that_leaves_is_told_of_however_many_stayed_before(
    fresh: Town,
) -> None:
    async with fresh.bot(VIDI_DEFAULT_MODEL="local/reader") as vidi:
        await fresh.ask(image=fresh.picture())
        assert told(fresh) == []
        chosen = GuildSettings(model_id="custom/vision", unproven=("custom/vision",))
        await vidi.core.settings.change(fresh.guild.id, fresh.mod.id, chosen)
        await fresh.ask(image=fresh.picture())
        await fresh.pg.until(lambda: len(told(fresh)) == 1)
    assert told(fresh)[0].content.startswith(FIRST)


async def test_direct_messages_are_told_nothing(fresh: Town) -> None:
    async with fresh.bot():
        await fresh.answer_to(await fresh.ada.send(fresh.ada.dm, "?", files=[fresh.picture()]))
    assert len(fresh.ada.dm.messages) == 2


async def test_leaving_erases_the_keys_at_once_and_a_return_finds_the_settings(
    town: Town,
) -> None:
    async with town.bot() as vidi:
        await has_key(vidi, town)
        town.guild.leave(town.pg.bot)
        await until(lambda: bool(row(town, town.guild)["left_at"]))
        assert keys(town) == 0
        await until(lambda: not vidi.core.keyring.of(town.guild.id))
        town.guild.join(town.pg.bot)
        await until(lambda: row(town, town.guild)["left_at"] is None)
        assert vidi.core.settings.of(town.guild.id).prompt == "Be brief."


async def test_a_removal_while_the_bot_was_away_is_noticed(town: Town) -> None:
    async with town.bot() as vidi:
        await has_key(vidi, town)
    town.guild.leave(town.pg.bot)
    async with replace(town, introduced=False).bot() as vidi:
        await until(lambda: not vidi.core.keyring.of(town.guild.id))
        assert row(town, town.guild)["left_at"]
        assert keys(town) == 0


async def test_an_outage_is_no_removal(town: Town) -> None:
    async with town.bot() as vidi:
        await has_key(vidi, town)
        gone = {"id": str(town.guild.id), "unavailable": True}
        town.guild.world.tell_guild("GUILD_DELETE", town.guild, gone)
        other = town.pg.guild("Elsewhere", bot=False)
        other.join(town.pg.bot)
        await until(lambda: bool(row(town, other)))
        assert row(town, town.guild)["left_at"] is None
        assert keys(town) == 1


async def test_a_new_server_is_written_down_with_the_operators_rule_for_new_ones(
    town: Town,
) -> None:
    async with town.bot() as vidi:
        await until(lambda: bool(row(town, town.guild).get("introduced_at")))
        await until(vidi.bot.is_ready)
        joined = town.pg.guild("Library", bot=False)
        joined.join(town.pg.bot)
        await until(lambda: bool(row(town, joined)))
        assert row(town, joined)["operator_keys"] == 1
        assert row(town, joined)["joined_at"]
        assert vidi.core.owner.pays_for(joined.id)
