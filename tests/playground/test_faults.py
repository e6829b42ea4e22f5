"""Failures on purpose, rate limits, and waiting."""

import time

import aiohttp
import discord
import pytest

from playground import Fault, Playground

SEND = "POST /channels/{}/messages"
EDIT = "PATCH /channels/{}/messages/{}"


@pytest.fixture
async def there(pg, connect):
    """Give a channel as a connected client sees it."""
    channel = pg.guild("Corner Bakery").channel("general")
    client = await connect(pg)
    return client.get_channel(channel.id)


@pytest.fixture
def channel(pg, there):
    """Give the same channel as the playground keeps it."""
    return pg.world.channels[there.id]


async def test_a_fault_strikes_as_often_as_it_was_told(pg, there, channel):
    pg.fault(Fault(SEND, status=403, times=2, json={"message": "no", "code": 7}))
    for _ in range(2):
        with pytest.raises(discord.Forbidden) as refused:
            await there.send("x")
        assert refused.value.code == 7
    await there.send("y")
    assert [m.content for m in channel.messages] == ["y"]
    assert pg.violations == []


async def test_a_server_error_is_tried_again_by_the_library(pg, there, channel):
    pg.fault(Fault(SEND, status=500))
    await there.send("x")
    assert [r.status for r in pg.requests if r.route == SEND] == [500, 200]
    assert len(channel.messages) == 1


async def test_an_error_after_storing_is_harmless_thanks_to_the_nonce(pg, there, channel):
    pg.fault(Fault(SEND, after_storing=True))
    await there.send("x")  # discord.py makes a nonce up and repeats it
    assert [r.status for r in pg.requests if r.route == SEND] == [502, 200]
    assert len(channel.messages) == 1


async def test_a_reset_connection_reaches_the_client(pg, there, channel):
    pg.fault(Fault(SEND, reset=True))
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await there.send("x")
    assert channel.messages == []


async def test_a_delay_only_makes_a_request_slow(pg, there, channel):
    pg.fault(Fault(SEND, delay=0.2))
    began = time.monotonic()
    await there.send("x")
    assert time.monotonic() - began >= 0.2
    assert len(channel.messages) == 1


@pytest.mark.parametrize("scope", ["user", "global", "shared"])
async def test_a_scripted_rate_limit_is_waited_out(pg, there, channel, scope):
    pg.fault(Fault(SEND, status=429, retry_after=0.2, scope=scope))
    began = time.monotonic()
    await there.send("x")
    assert time.monotonic() - began >= 0.2
    assert len(channel.messages) == 1
    assert pg.violations == []


async def test_five_edits_in_five_seconds_are_let_through(pg, there):
    sent = await there.send("0")
    route = pg.api_url + f"/channels/{there.id}/messages/{sent.id}"
    head = {"Authorization": f"Bot {pg.token}"}
    async with aiohttp.ClientSession() as http:
        for number in range(5):
            async with http.patch(route, json={"content": str(number)}, headers=head) as response:
                assert response.headers["X-RateLimit-Remaining"] == str(4 - number)
        async with http.patch(route, json={"content": "more"}, headers=head) as response:
            assert response.status == 429
            assert (await response.json())["retry_after"] > 0
    assert len(pg.violations) == 1


async def test_rate_limits_can_be_switched_off(connect):
    async with Playground(rate_limits=False, record=False) as pg:
        channel = pg.guild("Load").channel("general")
        client = await connect(pg)
        for number in range(12):
            await client.get_channel(channel.id).send(str(number))
        assert len(channel.messages) == 12
        assert pg.requests == []


async def test_waiting_for_what_never_comes_shows_the_transcript(pg, there):
    await there.send("all that was said")
    with pytest.raises(TimeoutError, match="all that was said"):
        await pg.until(lambda: False, timeout=0.1)


async def test_a_body_that_is_no_json_is_refused(pg):
    head = {"Authorization": f"Bot {pg.token}", "Content-Type": "application/json"}
    url = f"{pg.api_url}/users/@me/channels"
    async with aiohttp.ClientSession() as http:
        async with http.post(url, data=b"{", headers=head) as response:
            assert (response.status, (await response.json())["code"]) == (400, 50109)
        async with http.get(f"{pg.api_url}/users/@me") as response:
            assert await response.json() == {"message": "401: Unauthorized", "code": 0}
            assert response.status == 401
