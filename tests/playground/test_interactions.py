"""Interactions: commands, menus, buttons, forms and their rules."""

import discord
import pytest

from playground import File
from playground.pictures import photo


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


def webhook_of(client, i):
    session = client.http._HTTPClient__session
    return discord.Webhook.partial(client.application_id, i.token, session=session)


async def test_a_deferred_slash_command_is_answered_by_editing(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="what?", image=File("a cat.png", photo(30, 20)))
    assert (i.acknowledged, i.kind, i.ephemeral) == (True, "deferred", False)
    assert i.ack_after < 1
    await pg.until(lambda: not i.response.thinking)
    assert i.response.content == "what? a_cat.png 1"
    assert i.response.edits == []
    assert i.response.buttons == ["Retry", "Later", "Off"]
    assert channel.messages == [i.response]
    assert pg.violations == []


async def test_a_user_install_gets_five_follow_ups(pg, connect, bot, ada):
    elsewhere = pg.guild("Elsewhere", bot=False).channel("lobby")
    elsewhere.guild.join(ada)
    pg.installs(ada)
    await connect(pg, bot, commands=True)
    i = await ada.slash(elsewhere, "many", count=6)
    await pg.until(lambda: pg.violations)
    assert "40094" in pg.violations[0]
    assert [m.content for m in i.followups] == ["1", "2", "3", "4", "5"]
    assert pg.pings == []


async def test_a_message_menu_opens_a_form_that_is_submitted(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    picture = await ada.send(channel, files=[File("cat.png", photo(30, 20))])
    i = await ada.menu("Ask about image…", picture)
    assert i.kind == "modal"
    assert [field.label for field in i.modal.inputs] == ["Your question", "How"]
    with pytest.raises(AssertionError, match="'How' is required"):
        await ada.submit(i, your_question="why?")
    j = await ada.submit(i, your_question="why?", how=["Short"])
    assert j.response.content == "Short: why?"
    assert j.ephemeral


async def test_a_follow_up_fulfils_a_deferral_and_stays_private(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    picture = await ada.send(channel, files=[File("cat.png", photo(30, 20))])
    i = await ada.menu("Describe image", picture)
    await pg.until(lambda: not i.response.thinking)
    assert i.response.content == "cat.png"
    assert i.response.ephemeral_to is ada
    assert i.followups == []


async def test_a_user_menu_names_its_target(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.menu("Avatar", ada, channel)
    assert i.response.content == "ada"


async def test_buttons_and_selects_reach_their_view(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="x")
    await pg.until(lambda: i.response.buttons)
    assert (await ada.click(i.response, "Retry")).kind == "update"
    assert i.response.content == "again"
    later = await ada.click(i.response, "later")
    assert later.kind == "deferred_update"
    await pg.until(lambda: i.response.content == "later")
    assert [edit.content for edit in i.response.edits] == ["x 1", "again"]
    picked = await ada.select(i.response, "Other model", ["Reader"])
    assert picked.response.content == "picked local/reader"
    assert picked.response.reply_to is i.response


async def test_absent_disabled_and_foreign_controls_are_refused(pg, connect, bot, channel, ada):
    bob = pg.user("bob")
    channel.guild.join(bob)
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="x", private=True)
    await pg.until(lambda: i.response.buttons)
    with pytest.raises(AssertionError, match="'Off' is disabled"):
        await ada.click(i.response, "Off")
    with pytest.raises(AssertionError, match="there are \\['Retry', 'Later', 'Off'\\]"):
        await ada.click(i.response, "Share")
    with pytest.raises(AssertionError, match="bob can't see"):
        await bob.click(i.response, "Retry")
    with pytest.raises(AssertionError, match="has no \\['gpt'\\]"):
        await ada.select(i.response, "Other model", ["gpt"])


async def test_an_answer_after_three_seconds_is_refused(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "slow")
    assert not i.acknowledged
    assert pg.violations == ["'slow' was not acknowledged within 3 s"]
    await pg.until(lambda: len(pg.violations) == 2)
    assert pg.violations[1].startswith("interaction answered after 3.1")
    assert channel.messages == []


async def test_a_second_acknowledgement_is_refused(pg, connect, bot, channel, ada):
    await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "twice")
    await pg.until(lambda: i.response.content == "400 40060")


async def test_a_token_dies_after_fifteen_minutes(pg, connect, bot, channel, ada):
    client = await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="x")
    await pg.until(lambda: not i.response.thinking)
    hook, answer = webhook_of(client, i), i.response.id
    await hook.edit_message(answer, content="y")
    pg.advance(14 * 60)
    await hook.edit_message(answer, content="z")
    pg.advance(61)
    with pytest.raises(discord.HTTPException) as refused:
        await hook.edit_message(answer, content="too late")
    assert (refused.value.status, refused.value.code) == (401, 50027)
    hook.token = "nonsense"
    with pytest.raises(discord.NotFound) as unknown:
        await hook.send("x")
    assert unknown.value.code == 10015


async def test_an_ephemeral_answer_is_not_found_through_the_channel(pg, connect, bot, channel, ada):
    client = await connect(pg, bot, commands=True)
    i = await ada.slash(channel, "ask", question="x", private=True)
    with pytest.raises(discord.NotFound) as missing:
        await client.get_channel(channel.id).fetch_message(i.response.id)
    assert missing.value.code == 10008


async def test_interactions_tell_who_where_and_in_which_language(pg, connect, bot, channel, ada):
    client = await connect(pg, bot, commands=True)
    seen = []

    async def note(interaction):
        seen.append(interaction)

    client.on_interaction = note
    await ada.slash(channel, "ask", question="x")
    (i,) = seen
    assert str(i.locale) == "de"
    assert str(i.guild_locale) == "en-US"
    assert i.user.id == ada.id
    assert i.channel.id == channel.id
    assert i.permissions.send_messages
    assert not i.permissions.manage_guild
    assert i.app_permissions.attach_files
    assert i.context.guild
    assert i.is_guild_integration()
    assert i.filesize_limit == 10 * 1024 * 1024


async def test_an_ephemeral_answer_comes_and_goes_like_a_direct_message(
    pg, connect, bot, channel, ada
):
    client = await connect(pg, bot, commands=True)
    told = []

    async def on_raw_message_delete(payload):
        told.append(payload.guild_id)

    client.on_raw_message_delete = on_raw_message_delete
    i = await ada.slash(channel, "ask", question="x", private=True)
    await pg.until(lambda: i.response.buttons)
    await webhook_of(client, i).delete_message(i.response.id)
    await pg.until(lambda: told)
    assert told == [None]
    assert i.response.deleted
    with pytest.raises(AssertionError, match="the message is gone"):
        await ada.click(i.response, "Retry")


async def test_a_redelivered_interaction_comes_with_the_same_token(pg, connect, bot, channel, ada):
    client = await connect(pg, bot, commands=True)
    tokens = []

    async def on_interaction(interaction):
        tokens.append(interaction.token)

    client.on_interaction = on_interaction
    i = await ada.slash(channel, "ask", question="x")
    await pg.gateway.redeliver(i)
    await pg.until(lambda: len(tokens) == 2)
    assert tokens == [i.token, i.token]
    await pg.until(lambda: pg.violations)
    assert "40060" in pg.violations[0]
