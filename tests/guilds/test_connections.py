"""Trying keys and endpoints: what works is proven, and failures all look and last alike."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.choices import OwnEndpoint
from bot.errors import Refused
from bot.guilds.connections import Connections
from bot.net import Net
from playground.completions import Fail, Raw
from playground.model_server import ModelServer
from tests.provider.certificates import server_context

GUILD = 10
KEY = "sk-canary-0123456789-wxyz"
HOME = (ipaddress.ip_network("127.0.0.0/8"),)
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Clock:
    """A clock that only sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def connections(clock: Clock) -> AsyncIterator[Connections]:
    """May reach loopback for guilds, as the operator allowed."""
    async with Net(frozenset(), HOME) as net:
        yield Connections(net, clock=clock, sleep=clock.sleep)


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


def at(url: str, *names: str) -> OwnEndpoint:
    return OwnEndpoint(url, names or ("vision",))


@asynccontextmanager
async def served(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve on loopback; gives the base URL."""
    server = web.Server(handler, handler_cancellation=True)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(server, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/v1"
    listening.close()
    await server.shutdown(0.1)
    await listening.wait_closed()


async def refusal(work: Awaitable[str]) -> str:
    with pytest.raises(Refused) as caught:
        await work
    return caught.value.sentence


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


async def test_an_endpoint_that_lists_its_models_is_checked_against_the_list(
    connections: Connections, models: ModelServer
) -> None:
    models.names, models.key = ("vision", "other"), KEY
    told = await connections.try_endpoint(GUILD, at(models.base_url, "vision", "other"), KEY)
    assert told == "It answered, and its list has every model."
    told = await connections.try_endpoint(GUILD, at(models.base_url, "vision", "wrong"), KEY)
    assert told == "It answered, but its list lacks: wrong."
    assert {request.headers.get("authorization") for request in models.requests} == {
        f"Bearer {KEY}"
    }


async def test_an_endpoint_without_a_list_is_kept_with_a_word_of_warning(
    connections: Connections,
) -> None:
    async def nothing(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=404, text="nothing here")

    async def nonsense(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="[" * 100_000)

    for handler in (nothing, nonsense):
        async with served(handler) as url:
            told = await connections.try_endpoint(GUILD, at(url), None)
        assert "no list of models" in told


@pytest.mark.parametrize("encoding", ["gzip, gzip", "zstd", "br", "x-unheard-of"])
async def test_a_body_that_would_swell_in_memory_is_not_opened(
    connections: Connections, encoding: str
) -> None:
    async def swelling(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": encoding})

    async with served(swelling) as url:
        told = await refusal(connections.try_endpoint(GUILD, at(url), None))
    assert told.startswith("No usable answer came from there.")


async def test_an_endpoint_that_does_not_take_the_key_is_refused(
    connections: Connections, models: ModelServer
) -> None:
    models.key = "sk-the-right-one"
    for key in (None, KEY):
        told = await refusal(connections.try_endpoint(GUILD, at(models.base_url), key))
        assert told == "The endpoint answered, but wants a key, or another one."


async def test_whatever_keeps_an_answer_away_is_told_in_the_same_words_after_the_same_time(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    async def canary(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        return web.json_response({"data": []})

    async def redirects(_request: web.BaseRequest) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(f"{target}/models")

    async def hangs(_request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async def fails(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=503)

    monkeypatch.setattr("bot.guilds.connections._SECONDS", 0.3)
    tls, _trusted = server_context(tmp_path)
    async with (
        Net(frozenset(), HOME) as net,
        served(canary) as target,
        served(canary, tls) as insecure,
        served(redirects) as redirecting,
        served(hangs) as hanging,
        served(fails) as failing,
    ):
        tried = [
            f"http://127.0.0.1:{closed_port()}/v1",
            f"https://127.0.0.1:{closed_port()}/v1",
            insecure,
            target.replace("http:", "https:"),
            redirecting,
            hanging,
            failing,
            "http://10.1.2.3/v1",
            "https://169.254.169.254/v1",
            "https://nowhere.invalid/v1",
            "http://nowhere.invalid/v1",
        ]
        connections = Connections(net, clock=clock, sleep=clock.sleep)
        told: set[bytes] = set()
        for guild_id, url in enumerate(tried):
            began = clock.now
            sentence = await refusal(connections.try_endpoint(guild_id, at(url), KEY))
            told.add(sentence.encode())
            assert clock.now - began == 1.0
    assert len(told) == 1
    assert seen == []


INTERNAL = "127.0.0.1 [::1] 0.0.0.0 10.1.2.3 169.254.169.254 100.64.0.1 metadata.google.internal"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", INTERNAL.split())
async def test_no_internal_address_is_tried_for_a_guild(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, scheme: str, host: str
) -> None:
    connected = 0

    async def canary(_request: web.BaseRequest) -> web.StreamResponse:
        nonlocal connected
        connected += 1
        return web.json_response({"data": []})

    async def to_metadata(name: str, port: int, **_options: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", port))]

    async with Net(frozenset(), ()) as net, served(canary) as target:
        if "google" in host:
            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", to_metadata)
        url = target.replace("http://127.0.0.1", f"{scheme}://{host}")
        connections = Connections(net, clock=clock, sleep=clock.sleep)
        told = await refusal(connections.try_endpoint(GUILD, at(url), KEY))
    assert told.startswith("No usable answer came from there.")
    assert connected == 0


async def test_the_least_time_is_really_waited(models: ModelServer) -> None:
    async with Net(frozenset(), HOME) as net:
        began = asyncio.get_running_loop().time()
        await Connections(net).try_endpoint(GUILD, at(models.base_url), None)
        assert asyncio.get_running_loop().time() - began >= 1.0


async def test_a_guild_tries_three_times_a_minute_and_others_are_not_held_up(
    connections: Connections, models: ModelServer, clock: Clock
) -> None:
    there = at(models.base_url)
    for _again in range(3):
        await connections.try_endpoint(GUILD, there, None)
    requests = len(models.requests)
    told = await refusal(connections.try_endpoint(GUILD, there, None))
    assert told == "Only 3 tries a minute for keys and endpoints. Wait 57 s."
    assert len(models.requests) == requests
    await connections.try_endpoint(GUILD + 1, there, None)
    clock.now = 61.0
    await connections.try_endpoint(GUILD, there, None)


def keyed(models: ModelServer) -> Catalog:
    """Give a catalog in which AI/ML API is this server, without a key of the operator's."""
    return load({"AIMLAPI_BASE_URL": models.base_url})


async def try_key(connections: Connections, models: ModelServer, key: str = KEY) -> str:
    catalog = keyed(models)
    return await connections.try_key(GUILD, catalog, catalog.providers["aimlapi"], key)


async def test_a_list_that_needs_the_key_proves_it_without_asking_a_model(
    connections: Connections, models: ModelServer
) -> None:
    models.key = KEY
    assert await try_key(connections, models) == (
        "AI/ML API accepted it: it gave the list of models."
    )
    assert models.chats == []


async def test_a_wrong_key_is_refused_and_not_repeated(
    connections: Connections, models: ModelServer
) -> None:
    models.key = "sk-the-right-one"
    told = await refusal(try_key(connections, models))
    assert told == "AI/ML API did not accept this key. Nothing was changed."


async def test_an_open_list_proves_nothing_so_the_cheapest_model_says_one_word(
    connections: Connections, models: ModelServer
) -> None:
    told = await try_key(connections, models)
    assert "was asked for one word" in told
    (asked,) = models.chats
    assert 1 in (asked.body.get("max_tokens"), asked.body.get("max_completion_tokens"))
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert models.requests[0].headers.get("authorization") is None


async def test_of_an_open_list_a_wrong_key_is_found_out_by_the_model(
    connections: Connections, models: ModelServer
) -> None:
    models.script(lambda _request: Fail(401, {"error": {"message": f"Incorrect key {KEY}"}}))
    told = await refusal(try_key(connections, models))
    assert "did not accept this key" in told
    assert KEY not in told


async def test_a_key_without_credit_is_kept_and_said_to_be_so(
    connections: Connections, models: ModelServer
) -> None:
    models.fail(402, {"error": {"message": "Insufficient credits"}})
    assert "no credit left" in await try_key(connections, models)


async def test_an_empty_first_word_and_a_refused_request_don_t_hide_a_key_that_works(
    connections: Connections, models: ModelServer
) -> None:
    models.fail(400, {"error": {"message": "max_tokens is too small", "param": "max_tokens"}})
    done = b'data: {"choices":[{"delta":{},"finish_reason":"length"}]}\n\ndata: [DONE]\n\n'
    models.script(lambda _request: Raw((done,), "text/event-stream"))
    assert "was asked for one word" in await try_key(connections, models)
    assert len(models.chats) == 2


async def test_a_provider_that_fails_proves_nothing(
    connections: Connections, models: ModelServer
) -> None:
    models.always(lambda _request: Fail(503, {"error": {"message": "overloaded"}}))
    told = await refusal(try_key(connections, models))
    assert told.startswith("No usable answer came from there.")
    assert len(models.chats) == 3
