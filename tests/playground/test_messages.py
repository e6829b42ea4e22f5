"""Messages through REST and the gateway, with discord.py as the client."""

import io

import aiohttp
import discord
import pytest
from discord.http import Route

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


@pytest.fixture
async def there(pg, connect, channel, ada):
    """Give the channel as a connected client sees it."""
    client = await connect(pg)
    return client.get_channel(channel.id)


def upload(name="cat.png", size=(30, 20), **options):
    return discord.File(io.BytesIO(photo(*size)), name, **options)


async def refusal(awaitable):
    with pytest.raises(discord.HTTPException) as refused:
        await awaitable
    return refused.value.status, refused.value.code


async def test_a_mention_is_heard_and_its_reply_is_read(pg, channel, ada, connect):
    client = await connect(pg)

    async def answer(message):
        await message.reply("Hello", mention_author=False)

    client.answer = answer
    question = await ada.send(channel, f"{pg.bot.mention} hello?")
    await pg.until(lambda: len(channel.messages) == 2)
    heard, reply = client.heard[0], channel.messages[1]
    assert heard.content == f"{pg.bot.mention} hello?"
    assert client.user in heard.mentions
    assert heard.author.name == "ada"
    assert isinstance(heard.author, discord.Member)
    assert reply.content == "Hello"
    assert reply.reply_to is question
    assert pg.pings == []
    assert pg.violations == []


async def test_attachments_carry_facts_links_and_alt_text(pg, there, channel, ada):
    sent = await ada.send(channel, files=[File("a cat.jpg", photo(64, 48), description="a cat")])
    seen = (await there.fetch_message(sent.id)).attachments[0]
    assert (seen.filename, seen.width, seen.height) == ("a_cat.jpg", 64, 48)
    assert (seen.content_type, seen.description) == ("image/jpeg", "a cat")
    assert await seen.read() == photo(64, 48)
    pg.advance(25 * 3600)
    assert (await refusal(seen.read()))[0] == 404
    fresh = (await there.fetch_message(sent.id)).attachments[0]
    assert await fresh.read() == photo(64, 48)


async def test_uploads_are_kept_removed_and_added_by_edits(there, channel):
    sent = await there.send(files=[upload("one.png"), upload("two.png", description="second")])
    message = channel.messages[0]
    assert [a.filename for a in message.attachments] == ["one.png", "two.png"]
    await sent.edit(attachments=[sent.attachments[1], upload("three.png", description="third")])
    assert [(a.filename, a.description) for a in message.attachments] == [
        ("two.png", "second"),
        ("three.png", "third"),
    ]
    await sent.edit(content="kept")
    assert len(message.attachments) == 2
    edited = await sent.edit(attachments=[])
    assert edited.attachments == []
    assert [edit.content for edit in message.edits] == ["", "", "kept"]


async def test_embeds_and_components_may_show_attachments(there, channel):
    embed = discord.Embed(title="Cat").set_image(url="attachment://cat.png")
    sent = await there.send(embed=embed, file=upload())
    assert sent.embeds[0].image.url == channel.messages[0].embeds[0]["image"]["url"]
    assert sent.embeds[0].image.url.startswith("http://127.0.0.1")
    layout = discord.ui.LayoutView()
    layout.add_item(discord.ui.TextDisplay("Hello"))
    layout.add_item(
        discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://cat.png", description="a"))
    )
    framed = await there.send(view=layout, file=upload())
    assert framed.attachments == []  # what components show is theirs alone (api-docs#8277)
    text, gallery = channel.messages[1].components
    assert (text["id"], gallery["id"]) == (1, 2)
    assert gallery["items"][0]["media"]["width"] == 30


async def test_a_repeated_nonce_sends_one_message(there, channel):
    first = await there.send("hello", nonce="42")
    again = await there.send("hello", nonce="42")
    assert first.id == again.id
    assert len(channel.messages) == 1


async def test_who_would_be_pinged_is_written_down(pg, there, ada):
    await there.send(f"{ada.mention} @everyone", allowed_mentions=discord.AllowedMentions.none())
    assert pg.pings == []
    sent = await there.send(f"{ada.mention} @everyone")
    assert pg.pings[0].pings.everyone
    assert pg.pings[0].pings.users == (ada.id,)
    await sent.edit(content=ada.mention)
    assert len(pg.pings) == 2
    assert pg.requests[-1].pings[0].users == (ada.id,)


async def test_pages_are_cut_out_before_after_and_around(there, channel, ada):
    ids = [(await ada.send(channel, str(number))).id for number in range(5)]

    async def page(**where):
        return [int(m.content) async for m in there.history(**where)]

    assert await page(limit=2) == [4, 3]
    assert await page(limit=2, before=discord.Object(ids[3])) == [2, 1]
    assert await page(limit=2, after=discord.Object(ids[1])) == [2, 3]
    assert await page(limit=3, around=discord.Object(ids[2])) == [3, 2, 1]
    assert await page(limit=1, around=discord.Object(ids[2])) == [2]


async def test_unknown_and_foreign_things_are_refused_as_discord_does(pg, there, channel, ada):
    theirs = await ada.send(channel, "mine")
    client = there._state.http
    assert await refusal(there.fetch_message(1)) == (404, 10008)
    assert await refusal(client.get_channel(1)) == (404, 10003)
    assert await refusal(client.delete_message(channel.id, theirs.id)) == (403, 50013)
    message = await there.fetch_message(theirs.id)
    assert await refusal(message.edit(content="x")) == (403, 50005)
    await ada.delete(theirs)
    assert theirs.deleted
    assert await refusal(message.reply("x")) == (400, 50035)
    assert await refusal(there.send("")) == (400, 50006)
    assert await refusal(there.send("x" * 2001)) == (400, 50035)
    assert len(pg.violations) == 3
    assert await refusal(client.request(Route("POST", "/nowhere"))) == (404, 0)


async def test_a_deleted_reference_shows_as_deleted(there, channel, ada):
    first = await ada.send(channel, "first")
    second = await ada.send(channel, "second", reply_to=first)
    await ada.delete(first)
    seen = await there.fetch_message(second.id)
    assert seen.reference.message_id == first.id
    assert isinstance(seen.reference.resolved, discord.DeletedReferencedMessage)


async def test_permissions_are_needed(pg, connect, ada):
    guild = pg.guild("Vaults")
    guild.join(ada)
    hidden = guild.channel("hidden", deny=("view_channel",))
    mute = guild.channel("mute", deny=("send_messages",))
    bare = guild.channel("bare", deny=("attach_files", "read_message_history"))
    thread = guild.channel("forum", deny=("send_messages_in_threads",)).thread("orders")
    only = guild.channel("only", bot_permissions=("view_channel", "send_messages"))
    client = await connect(pg)
    asked = await ada.send(bare, "hello")
    await ada.send(hidden, "unheard")
    send = [client.get_channel(each.id).send for each in (hidden, mute, bare, thread, only)]
    assert await refusal(send[0]("x")) == (403, 50001)
    assert await refusal(send[1]("x")) == (403, 50013)
    assert await refusal(send[2](file=upload())) == (403, 50013)
    assert await refusal(send[2]("x", reference=asked_reference(asked))) == (403, 160002)
    assert await refusal(send[3]("x")) == (403, 50013)
    await send[4]("x")
    assert await refusal(send[4](file=upload())) == (403, 50013)
    await pg.until(lambda: client.heard)
    assert [m.content for m in client.heard] == ["hello"]


def asked_reference(message):
    return discord.MessageReference(message_id=message.id, channel_id=message.channel.id)


async def test_direct_messages_go_both_ways(pg, connect, ada):
    client = await connect(pg)
    user = await client.fetch_user(ada.id)
    await user.send("hello")
    await ada.send(ada.dm, "hello yourself")
    await pg.until(lambda: client.heard)
    assert client.heard[0].guild is None
    assert [m.content for m in ada.dm.messages] == ["hello", "hello yourself"]
    ada.accepts_dms = False
    assert await refusal(user.send("again")) == (403, 50007)


async def test_threads_can_be_answered_in(pg, connect, channel, ada):
    thread = channel.thread("orders")
    client = await connect(pg)
    await ada.send(thread, "in here")
    await pg.until(lambda: client.heard)
    await client.heard[0].reply("yes")
    assert [m.content for m in thread.messages] == ["in here", "yes"]


async def test_link_previews_can_be_suppressed_by_edits(there, channel):
    sent = await there.send("https://example.org", suppress_embeds=True)
    assert channel.messages[0].flags == 4
    await sent.edit(suppress=False)
    assert channel.messages[0].flags == 0


async def test_the_application_tells_its_owner_and_flags(pg, connect):
    client = await connect(pg)
    info = await client.application_info()
    assert info.owner.id == pg.owner.id
    assert info.flags.gateway_message_content
    assert (await client.fetch_user(pg.bot.id)).bot


async def test_old_messages_bear_only_few_edits(pg, there):
    sent = await there.send("old")
    pg.advance(3601)
    route = Route("PATCH", f"/channels/{there.id}/messages/{sent.id}")
    for number in range(10):
        await there._state.http.request(route, json={"content": str(number)})
        pg.advance(5)
    pg.advance(10)
    async with aiohttp.ClientSession() as http:
        url, head = pg.api_url + route.path, {"Authorization": f"Bot {pg.token}"}
        async with http.patch(url, json={"content": "x"}, headers=head) as response:
            assert response.status == 429
            assert (await response.json())["code"] == 30046


async def test_requests_are_recorded(pg, there):
    await there.send("hello", file=upload(description="a cat"))
    recorded = pg.requests[-1]
    assert recorded.route == "POST /channels/{}/messages"
    assert recorded.path == f"/channels/{there.id}/messages"
    assert recorded.payload["content"] == "hello"
    assert recorded.files[0].filename == "cat.png"
    assert recorded.files[0].data == photo(30, 20)
    assert (recorded.status, recorded.token_kind) == (200, "bot")
    assert recorded.at <= recorded.done
    await there.typing()
    assert pg.requests[-1].status == 204
