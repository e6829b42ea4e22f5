"""Application commands: registering them, and who sees them where."""

import discord
import pytest


@pytest.fixture
async def channel(pg):
    """Give a guild's channel with one member in it."""
    return pg.guild("Corner Bakery").channel("general")


@pytest.fixture
async def ada(pg, channel):
    """Give the member."""
    ada = pg.user("ada", locale="de")
    channel.guild.join(ada)
    return ada


async def test_options_are_typed_and_resolved(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", member=ada, size="Big", private=True)
    await pg.until(lambda: not i.response.thinking)
    assert i.response.content == "ada 3"
    assert i.ephemeral
    assert i.response.ephemeral_to is ada
    with pytest.raises(AssertionError, match="no option 'colour'"):
        await ada.slash(channel, "ask", colour="red")
    with pytest.raises(AssertionError, match="no choice 'Tiny'"):
        await ada.slash(channel, "ask", size="Tiny")
    with pytest.raises(AssertionError, match="can't take 3"):
        await ada.slash(channel, "ask", question=3)
    with pytest.raises(AssertionError, match="there is no /dance"):
        await ada.slash(channel, "dance")


async def test_default_permissions_hide_a_command(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    eve = pg.user("eve")
    channel.guild.join(eve, permissions=("manage_guild",))
    with pytest.raises(AssertionError, match="ada can't see /settings"):
        await ada.slash(channel, "settings model", model="x")
    i = await eve.slash(channel, "settings model", model="x")
    assert i.response.content == "x"
    assert [c.value for c in await eve.complete(channel, "settings model", "model", "gp")] == ["gp"]


async def test_contexts_and_installs_decide_where_a_command_is_seen(pg, connect, bot, ada):
    elsewhere = pg.guild("Elsewhere", bot=False).channel("lobby")
    elsewhere.guild.join(ada)
    await connect(pg, bot, commands=True)
    with pytest.raises(AssertionError, match="ada can't see /ask"):
        await ada.slash(elsewhere, "ask", question="x")
    pg.installs(ada)
    i = await ada.slash(elsewhere, "ask", question="x")
    assert i.owners == {"1": str(ada.id)}
    assert (await ada.slash(ada.dm, "ask", question="x")).owners["0"] == "0"
    private = ada.direct_to(pg.user("bob"))
    assert (await ada.slash(private, "ask", question="x")).acknowledged
    with pytest.raises(AssertionError, match="can't see /slow"):
        await ada.slash(elsewhere, "slow")


async def test_without_external_apps_a_user_installs_answer_is_private(pg, connect, bot, ada):
    strict = pg.guild("Strict", bot=False, external_apps=False).channel("lobby")
    strict.guild.join(ada)
    pg.installs(ada)
    await connect(pg, bot, commands=True)
    assert (await ada.slash(strict, "ask", question="x")).ephemeral


async def test_commands_are_created_edited_and_deleted_one_by_one(pg, connect, bot, channel):
    client = await connect(pg, bot, commands=True)
    tree = client.tree
    await tree.sync()
    ids = {command.name: command.id for command in await tree.fetch_commands()}
    assert ids == {each["name"]: int(each["id"]) for each in pg.world.commands.listed(None)}
    ask = await tree.fetch_command(ids["ask"])
    changed = await ask.edit(description="Ask away")
    assert changed.description == "Ask away"
    await ask.delete()
    with pytest.raises(discord.NotFound) as gone:
        await tree.fetch_command(ids["ask"])
    assert gone.value.code == 10063
    guild = client.get_guild(channel.guild.id)
    tree.copy_global_to(guild=guild)
    await tree.sync(guild=guild)
    assert len(await tree.fetch_commands(guild=guild)) == len(tree.get_commands())


async def test_a_command_set_that_discord_refuses_is_refused(pg, connect):
    client = await connect(pg)
    with pytest.raises(discord.HTTPException) as refused:
        await client.http.bulk_upsert_global_commands(
            pg.application_id, [{"name": "Bad Name", "description": "x", "type": 1}]
        )
    assert refused.value.code == 50035
    assert pg.violations
