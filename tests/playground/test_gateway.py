"""The gateway: sessions, resuming, compression, shards, intents."""

import json
import zlib

import aiohttp
import discord
import pytest
import zstandard

from playground import File, Playground
from playground.pictures import photo


@pytest.fixture
async def channel(pg):
    """Give a guild's channel with ada in it."""
    channel = pg.guild("Corner Bakery").channel("general")
    channel.guild.join(pg.user("ada"))
    return channel


@pytest.fixture
def ada(pg, channel):
    """Give the member."""
    return next(user for user in pg.world.users.values() if user.name == "ada")


@pytest.fixture
async def http():
    """Give a plain client for what discord.py never does."""
    async with aiohttp.ClientSession() as session:
        yield session


async def test_ready_tells_user_guilds_and_channels(pg, connect, channel):
    client = await connect(pg)
    guild = client.get_guild(channel.guild.id)
    assert client.user.id == pg.bot.id
    assert client.application_id == pg.application_id
    assert guild.name == "Corner Bakery"
    assert guild.get_channel(channel.id).permissions_for(guild.me).send_messages


async def test_what_is_made_later_is_told_at_once(pg, connect):
    client = await connect(pg)
    guild = pg.guild("Late")
    channel = guild.channel("news", deny=("send_messages",))
    thread = channel.thread("orders")
    await pg.until(lambda: client.get_channel(thread.id))
    heard = client.get_channel(channel.id)
    assert not heard.permissions_for(heard.guild.me).send_messages


async def test_a_dropped_connection_is_resumed_and_misses_nothing(pg, connect, channel, ada):
    client = await connect(pg)
    await pg.gateway.drop()
    await ada.send(channel, "sent while away")
    await pg.until(lambda: client.heard, timeout=10)
    (session,) = pg.gateway.sessions
    assert [m.content for m in client.heard] == ["sent while away"]
    assert (session.identifies, session.resumes) == (1, 1)


async def test_a_reconnect_request_is_followed_by_a_resume(pg, connect, channel, ada):
    client = await connect(pg)
    await pg.gateway.reconnect()
    await pg.until(lambda: pg.gateway.ready, timeout=10)
    assert pg.gateway.sessions[0].resumes == 1
    await ada.send(channel, "still there?")
    await pg.until(lambda: client.heard)


@pytest.mark.parametrize(("resumable", "resumes"), [(True, 1), (False, 0)])
async def test_an_invalid_session_is_resumed_only_if_it_may_be(pg, connect, resumable, resumes):
    await connect(pg)
    before = pg.gateway.sessions[0].id
    await pg.gateway.invalidate(resumable=resumable)
    await pg.until(lambda: pg.gateway.ready, timeout=10)
    (session,) = pg.gateway.sessions
    assert session.resumes == resumes
    assert (session.id == before) is resumable


async def test_a_redelivered_message_is_heard_twice(pg, connect, channel, ada):
    client = await connect(pg)
    message = await ada.send(channel, "once")
    await pg.gateway.redeliver(message)
    await pg.until(lambda: len(client.heard) == 2)
    assert client.heard[0].id == client.heard[1].id


async def test_a_line_without_heartbeat_acknowledgements_is_given_up(connect, make_bot):
    async with Playground(heartbeat_interval=0.2) as pg:
        await connect(pg, make_bot(heartbeat_timeout=0.3))
        await pg.until(lambda: pg.gateway.sessions[0].connected)
        pg.gateway.acknowledges = False
        await pg.until(lambda: not pg.gateway.ready)
        pg.gateway.acknowledges = True
        await pg.until(lambda: pg.gateway.ready, timeout=10)
        assert pg.gateway.sessions[0].resumes >= 1


async def test_each_shard_hears_only_its_own_guilds(pg, connect, make_bot, channel, ada):
    other = pg.guild("Next door").channel("general")
    other.guild.join(ada)
    first = await connect(pg, make_bot(shard_id=0, shard_count=2), wait=False)
    second = await connect(pg, make_bot(shard_id=1, shard_count=2))
    mine, yours = (first, second) if (channel.guild.id >> 22) % 2 == 0 else (second, first)
    await ada.send(channel, "here")
    await ada.send(other, "there")
    await pg.until(lambda: mine.heard and yours.heard)
    assert [m.content for m in mine.heard] == ["here"]
    assert [m.content for m in yours.heard] == ["there"]
    assert sorted(s.shard for s in pg.gateway.sessions) == [(0, 2), (1, 2)]


async def test_a_wrong_token_is_refused(pg, connect):
    client = discord.Client(intents=discord.Intents.none())
    await connect(pg, wait=False)
    with pytest.raises(discord.LoginFailure):
        await client.login("wrong")
    await client.close()


async def test_an_intent_that_is_switched_off_closes_the_connection(connect, make_bot):
    async with Playground(message_content=False) as pg:
        await connect(pg, wait=False)
        client = make_bot(content=True)
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(pg.token)
        await client.close()


async def test_without_the_intent_content_is_withheld_with_four_exceptions(connect, make_bot):
    async with Playground(message_content=False) as pg:
        guild = pg.guild("Corner Bakery")
        channel = guild.channel("general")
        ada = pg.user("ada")
        guild.join(ada)
        client = await connect(pg, make_bot(content=False))
        picture = await ada.send(channel, "look", files=[File("cat.png", photo(20, 10))])
        await ada.send(channel, f"{pg.bot.mention} here?", reply_to=picture)
        own = await client.get_channel(channel.id).send("mine")
        await ada.send(channel, "a reply that pings", reply_to=channel.history[own.id])
        await ada.send(channel, "a silent reply", reply_to=channel.history[own.id], ping=False)
        await ada.send(ada.dm, "direct")
        await ada.forward(picture, channel)
        await pg.until(lambda: len(client.heard) == 6)
        assert [m.content for m in client.heard] == [
            "",
            f"{pg.bot.mention} here?",
            "a reply that pings",
            "",
            "direct",
            "",
        ]
        hidden, mention, *_, forward = client.heard
        assert hidden.attachments == []
        assert mention.reference.resolved.content == ""
        assert mention.reference.resolved.attachments == []
        assert forward.message_snapshots == []
        fetched = await client.get_channel(channel.id).fetch_message(picture.id)
        assert (fetched.content, fetched.attachments) == ("", [])


async def test_events_without_their_intent_are_not_told(pg, connect, make_bot, channel, ada):
    client = make_bot(intents=discord.Intents(guilds=True, dm_messages=True))
    await connect(pg, client)
    await ada.send(channel, "in the guild")
    await ada.send(ada.dm, "direct")
    await pg.until(lambda: client.heard)
    assert [m.content for m in client.heard] == ["direct"]


async def _hello(ws):
    return json.loads(await ws.receive_str())


async def test_frames_can_be_compressed_both_ways(pg, http):
    async with http.ws_connect(f"{pg.gateway_url}?v=10&compress=zlib-stream") as ws:
        data = await ws.receive_bytes()
        assert data.endswith(b"\x00\x00\xff\xff")
        stream = zlib.decompressobj()
        assert json.loads(stream.decompress(data))["op"] == 10
        await ws.send_json({"op": 1, "d": None})
        assert json.loads(stream.decompress(await ws.receive_bytes()))["op"] == 11
    async with http.ws_connect(f"{pg.gateway_url}?v=10&compress=zstd-stream") as ws:
        stream = zstandard.ZstdDecompressor().decompressobj()
        assert json.loads(stream.decompress(await ws.receive_bytes()))["op"] == 10
    async with http.ws_connect(pg.gateway_url) as ws:
        assert (await _hello(ws))["d"] == {"heartbeat_interval": 41250}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"op": 2, "d": {"token": "wrong", "intents": 1}}, 4004),
        ({"op": 2, "d": {"intents": 1 << 30}}, 4013),
        ({"op": 2, "d": {"intents": 1, "shard": [2, 2]}}, 4010),
        ({"op": 2, "d": {"intents": 1 << 1}}, 4014),
        ({"op": 3, "d": {}}, 4003),
        ({"op": 99}, 4001),
        (["no object"], 4002),
    ],
)
async def test_bad_payloads_close_with_discords_codes(pg, http, payload, code):
    if isinstance(payload, dict) and payload["op"] == 2:
        payload["d"].setdefault("token", pg.token)
    async with http.ws_connect(pg.gateway_url) as ws:
        await _hello(ws)
        await ws.send_json(payload)
        closed = await ws.receive(timeout=2)
        assert closed.type is aiohttp.WSMsgType.CLOSE
        assert closed.data == code


async def test_a_resume_of_an_unknown_session_is_invalid(pg, http):
    async with http.ws_connect(pg.gateway_url) as ws:
        await _hello(ws)
        await ws.send_json({"op": 6, "d": {"token": pg.token, "session_id": "x", "seq": 1}})
        assert await ws.receive_json(timeout=2) == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_client_that_never_heartbeats_is_disconnected(http):
    async with Playground(heartbeat_interval=0.05) as pg, http.ws_connect(pg.gateway_url) as ws:
        await _hello(ws)
        closed = await ws.receive(timeout=2)
        assert closed.data == 4009


async def test_a_normal_close_ends_the_session_and_others_keep_it(pg, http):
    for code, left in ((4000, 1), (1000, 0)):
        async with http.ws_connect(pg.gateway_url) as ws:
            await _hello(ws)
            await ws.send_json({"op": 2, "d": {"token": pg.token, "intents": 1}})
            await pg.until(lambda: pg.gateway.ready)
            await ws.close(code=code)
        await pg.until(lambda: not pg.gateway.ready)
        assert len(pg.gateway.sessions) == left


async def test_a_restarted_bot_identifies_anew(pg, connect):
    client = await connect(pg)
    await client.close()
    await connect(pg)
    (session,) = pg.gateway.sessions
    assert (session.identifies, session.resumes) == (2, 0)
