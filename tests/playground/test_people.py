"""What people may and may not do."""

import io

import discord
import pytest

from playground import File
from playground.pictures import photo


@pytest.fixture
async def channel(pg):
    """Give a guild's channel."""
    return pg.guild("Corner Bakery").channel("general")


@pytest.fixture
async def ada(pg, channel):
    """Give a member."""
    ada = pg.user("ada")
    channel.guild.join(ada)
    return ada


async def test_a_forward_carries_a_snapshot_without_its_author(pg, connect, channel, ada):
    client = await connect(pg)
    original = await ada.send(ada.dm, "look", files=[File("cat.png", photo(20, 10))])
    await ada.forward(original, channel)
    await pg.until(lambda: len(client.heard) == 2)
    (snapshot,) = client.heard[1].message_snapshots
    assert snapshot.content == "look"
    assert snapshot.attachments[0].filename == "cat.png"
    assert client.heard[1].content == ""
    assert client.heard[1].flags.forwarded


async def test_edits_and_deletions_are_told(pg, connect, channel, ada):
    client = await connect(pg)
    told = []

    async def on_message_edit(before, after):
        told.append(after.content)

    async def on_raw_message_delete(payload):
        told.append(payload.message_id)

    client.on_message_edit, client.on_raw_message_delete = on_message_edit, on_raw_message_delete
    message = await ada.send(channel, "tpyo")
    await ada.edit(message, "typo")
    await ada.delete(message)
    await pg.until(lambda: len(told) == 2)
    assert told == ["typo", message.id]
    assert [edit.content for edit in message.edits] == ["tpyo"]
    assert message.deleted
    assert channel.messages == []


async def test_who_may_not_write_cannot(pg, channel, ada):
    eve = pg.user("eve")
    with pytest.raises(AssertionError, match="eve can't write in general"):
        await eve.send(channel, "let me in")
    with pytest.raises(AssertionError, match="2,000 characters, not 2001"):
        await ada.send(channel, "x" * 2001)
    message = await ada.send(channel, "mine")
    channel.guild.join(eve)
    with pytest.raises(AssertionError, match="eve can't delete a message of ada"):
        await eve.delete(message)
    await pg.owner.delete(message)


async def test_a_deleted_message_takes_its_files_along(pg, connect, channel, ada):
    client = await connect(pg)
    message = await ada.send(channel, files=[File("cat.png", photo(20, 10))])
    await pg.until(lambda: client.heard)
    await ada.delete(message)
    with pytest.raises(discord.NotFound):
        await client.heard[0].attachments[0].read()


async def test_joining_and_leaving_are_told(pg, connect, ada):
    client = await connect(pg)
    guild = pg.guild("Elsewhere", bot=False)
    guild.channel("lobby")
    guild.join(pg.bot)
    await pg.until(lambda: client.get_guild(guild.id))
    guild.leave(pg.bot)
    await pg.until(lambda: client.get_guild(guild.id) is None)
    with pytest.raises(AssertionError, match="ada can't see lobby"):
        await ada.slash(guild.channels[0], "ask")


async def test_a_spoiler_is_marked(pg, connect, channel, ada):
    client = await connect(pg)
    await ada.send(channel, files=[File("cat.png", photo(20, 10), spoiler=True)])
    await pg.until(lambda: client.heard)
    assert client.heard[0].attachments[0].flags.value == 8


async def test_a_reply_pings_unless_it_is_told_not_to(pg, connect, channel, ada):
    client = await connect(pg)
    own = await client.get_channel(channel.id).send("mine")
    mine = channel.history[own.id]
    await ada.send(channel, "loud", reply_to=mine)
    await ada.send(channel, "quiet", reply_to=mine, ping=False)
    await pg.until(lambda: len(client.heard) == 2)
    assert [client.user in m.mentions for m in client.heard] == [True, False]


async def test_a_file_that_is_no_picture_has_no_size(pg, connect, channel, ada):
    client = await connect(pg)
    await ada.send(channel, files=[File("notes.txt", b"hello", content_type="text/plain")])
    await pg.until(lambda: client.heard)
    (attachment,) = client.heard[0].attachments
    assert (attachment.width, attachment.content_type) == (None, "text/plain")


async def test_a_button_that_is_not_there_cannot_be_pressed(pg, channel, ada):
    message = await ada.send(channel, "no buttons here")
    with pytest.raises(AssertionError, match="no 'Retry' here, there are \\[\\]"):
        await ada.click(message, "Retry")


async def test_other_bots_and_webhooks_write_as_such(pg, connect, channel):
    client = await connect(pg)
    robot, hook = pg.user("robot", bot=True), pg.user("news", webhook=True)
    for author in (robot, hook):
        channel.guild.join(author)
        await author.send(channel, "beep")
    await pg.until(lambda: len(client.heard) == 2)
    assert [message.author.bot for message in client.heard] == [True, True]
    assert [message.webhook_id for message in client.heard] == [None, hook.id]


async def test_a_name_alone_makes_no_spoiler(pg, connect, channel):
    client = await connect(pg)
    file = discord.File(io.BytesIO(photo(20, 10)), "cat.png", spoiler=True)
    sent = await client.get_channel(channel.id).send(file=file)
    assert sent.attachments[0].flags.value == 0
