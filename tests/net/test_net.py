import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator

import aiohttp
import httpx
import pytest
from aiohttp import web

from bot.errors import PictureExpired, PictureRefused
from bot.net import (
    FOREIGN_CONNECTIONS,
    BlockedAddress,
    Net,
    find_cause,
    judged_socket,
    redact,
)
from tests.serving import until

from .conftest import Canary

LITERALS = """
127.0.0.1 127.0.0.2 0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 168.63.129.16 169.254.169.254
172.16.0.1 192.0.0.192 192.168.0.1 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255
2130706433 017700000001 0x7f000001 0x7f.1 0177.0.0.1 127.1 127.0.1 ①②⑦.0.0.1 １２７.0.0.1 localhost
LOCALHOST 127.0.0.1. [::] [::1] [::7f00:1] [::ffff:7f00:1]
[::ffff:127.0.0.1] [::ffff:0:7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b::7f00:1] [64:ff9b:1::1]
[2002:7f00:1::] [2001:0:7f00:1::] [2001:db8::1] [fe80::1] [fe80::1%25lo] [fec0::1] [fc00::1]
[fd00:ec2::254] [ff02::1] [5f00::1] [3fff::1]
""".split()  # noqa: SIM905 - a table to read


@pytest.fixture
async def net(canary: Canary) -> AsyncIterator[Net]:
    """Trusts the first canary, and nothing else on this machine."""
    async with Net(
        frozenset({canary.origin}), (), picture_origins=frozenset({canary.origin})
    ) as opened:
        yield opened


@pytest.mark.parametrize("host", LITERALS)
async def test_no_spelling_of_an_internal_address_reaches_it(
    net: Net, second: Canary, host: str
) -> None:
    url = f"http://{host}:{second.port}/x.png"
    with pytest.raises((httpx.HTTPError, httpx.InvalidURL)):
        await net.http(url).get(url)
    with pytest.raises(PictureRefused):
        await net.fetch_image(url, max_bytes=100)
    assert second.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "0x7f.1", "[64:ff9b::a00:1]"])
async def test_a_blocked_address_is_found_in_the_chain_of_causes(net: Net, host: str) -> None:
    url = f"http://{host}:1/"
    with pytest.raises(httpx.TransportError) as caught:
        await net.http(url).get(url)
    assert find_cause(caught.value, BlockedAddress)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", LITERALS)
async def test_a_guilds_endpoint_reaches_no_internal_address_in_any_spelling(
    net: Net, second: Canary, scheme: str, host: str
) -> None:
    url = f"{scheme}://{host}:{second.port}/v1/models"
    with pytest.raises((httpx.HTTPError, httpx.InvalidURL)):
        await net.http(url, foreign=True).get(url)
    assert second.connections == 0


async def test_a_guilds_endpoint_is_judged_even_where_it_names_the_operators_own(
    net: Net, canary: Canary
) -> None:
    assert (await net.http(canary.origin).get(canary.origin)).status_code == 200
    seen = canary.connections
    with pytest.raises(httpx.TransportError) as caught:
        await net.http(canary.origin, foreign=True).get(canary.origin)
    assert find_cause(caught.value, BlockedAddress)
    assert canary.connections == seen


@pytest.mark.parametrize("address", ["93.184.216.34", "[2606:4700::1]", "models.example"])
async def test_without_tls_no_public_address_is_reached_for_a_guild(
    net: Net, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    _resolve_to(monkeypatch, ["93.184.216.34"])
    url = f"http://{address}:80/v1/models"
    with pytest.raises(httpx.TransportError) as caught:
        await net.http(url, foreign=True).get(url, headers={"Authorization": "Bearer sk-canary"})
    assert find_cause(caught.value, BlockedAddress)


async def test_without_tls_a_trusted_network_is_reached_as_a_whole_or_not_at_all(
    second: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = ipaddress.ip_network("127.0.0.0/8")
    async with Net(frozenset(), (home,)) as net:
        answers = (["127.0.0.1"], ["127.0.0.1", "93.184.216.34"])
        looked_up = _resolve_to(monkeypatch, *answers)
        at_home, mixed = (f"http://{name}.example:{second.port}/" for name in ("home", "mixed"))
        assert (await net.http(at_home, foreign=True).get(at_home)).status_code == 200
        with pytest.raises(httpx.TransportError) as caught:
            await net.http(mixed, foreign=True).get(mixed)
    assert find_cause(caught.value, BlockedAddress)
    assert looked_up == ["home.example", "mixed.example"]
    assert second.connections == 1


async def test_a_guilds_name_that_turns_private_is_never_looked_up_behind_the_judges_back(
    second: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected_to: list[str] = []

    async def sock_connect(_socket: socket.socket, address: tuple[str, int]) -> None:
        connected_to.append(address[0])
        raise ConnectionRefusedError

    async with Net(frozenset(), ()) as net:
        looked_up = _resolve_to(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
        monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", sock_connect)
        url = f"https://models.example:{second.port}/"
        with pytest.raises(httpx.TransportError):
            await net.http(url, foreign=True).get(url)
        assert (looked_up, connected_to) == (["models.example"], ["93.184.216.34"])
        turned = f"https://MODELS.example.:{second.port}/"  # another name for it: no cached answer
        with pytest.raises(httpx.TransportError) as caught:
            await net.http(turned, foreign=True).get(turned)
    assert find_cause(caught.value, BlockedAddress)
    assert connected_to == ["93.184.216.34"]
    assert second.connections == 0


def _resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Answer the n-th lookup with the n-th list of addresses; gives the names looked up."""
    looked_up: list[str] = []

    async def getaddrinfo(host: str, port: int, **_options: object) -> list[object]:
        addresses = answers[min(len(looked_up), len(answers) - 1)]
        looked_up.append(host)
        kind = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [
            (socket.AF_INET6, *kind, (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, *kind, (address, port))
            for address in addresses
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return looked_up


@pytest.mark.parametrize(
    "addresses",
    [
        ["169.254.169.254"],
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "::1"],
        ["2606:4700::1", "::ffff:127.0.0.1"],
    ],
)
async def test_a_name_with_a_private_address_is_refused_as_a_whole(
    net: Net, second: Canary, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    _resolve_to(monkeypatch, addresses)
    url = f"http://pictures.example:{second.port}/x.png"
    with pytest.raises(httpx.TransportError) as caught:
        await net.http(url).get(url)
    assert find_cause(caught.value, BlockedAddress)
    assert second.connections == 0


async def test_a_name_is_looked_up_once_so_a_second_answer_is_never_used(
    second: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = ipaddress.ip_network("127.0.0.1/32")
    async with Net(frozenset(), (trusted,)) as net:
        looked_up = _resolve_to(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
        url = f"http://pictures.example:{second.port}/x.png"
        assert await net.fetch_image(url, max_bytes=100) == b"picture"
    assert looked_up == ["pictures.example"]


def test_the_socket_judges_again_what_a_resolver_let_through() -> None:
    with pytest.raises(BlockedAddress):
        judged_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)), ())


async def test_a_trusted_network_is_reached_by_the_guarded_client(second: Canary) -> None:
    async with Net(frozenset(), (ipaddress.ip_network("127.0.0.0/8"),)) as net:
        assert await net.fetch_image(f"{second.origin}/x.png", max_bytes=100) == b"picture"


async def test_a_trusted_origin_is_one_port_of_one_host(
    net: Net, canary: Canary, second: Canary
) -> None:
    assert await net.fetch_image(f"{canary.origin}/x.png", max_bytes=100) == b"picture"
    with pytest.raises(PictureRefused):
        await net.fetch_image(f"{second.origin}/x.png", max_bytes=100)
    assert second.connections == 0


async def test_a_trusted_origin_may_leave_out_its_schemes_own_port() -> None:
    async with Net(
        frozenset({"https://cdn.example"}), (), picture_origins=frozenset({"https://cdn.example"})
    ) as net:
        assert net.http("https://cdn.example:443/x") is net.http("https://CDN.example/y")
        assert net.http("https://cdn.example/x") is not net.http("http://cdn.example/x")
        assert net.http("https://cdn.example/x") is not net.http("https://cdn.example:8443/x")


async def test_a_redirect_to_an_internal_host_is_not_followed(
    net: Net, canary: Canary, second: Canary
) -> None:
    async def redirect(_request: web.BaseRequest) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(f"{second.origin}/x.png")

    canary.handler = redirect
    with pytest.raises(PictureRefused):
        await net.fetch_image(f"{canary.origin}/x.png", max_bytes=100)
    assert second.connections == 0


async def test_a_redirect_never_leads_to_an_origin_of_the_operators_own(
    canary: Canary, second: Canary
) -> None:
    async def redirect(_request: web.BaseRequest) -> web.StreamResponse:
        raise web.HTTPFound(f"{second.origin}/api/tags")

    canary.handler = redirect
    async with Net(
        frozenset({canary.origin, second.origin}),
        (),
        picture_origins=frozenset({canary.origin, second.origin}),
    ) as net:
        with pytest.raises(PictureRefused):
            await net.fetch_image(f"{canary.origin}/x.png", max_bytes=100)
    assert second.connections == 0


async def test_two_redirects_are_followed_and_a_third_is_not(canary: Canary) -> None:
    async def count_down(request: web.BaseRequest) -> web.StreamResponse:
        left = int(request.path.strip("/"))
        if left:
            raise web.HTTPFound(f"/{left - 1}")
        return web.Response(body=b"picture")

    canary.handler = count_down
    async with Net(frozenset(), (ipaddress.ip_network("127.0.0.0/8"),)) as net:
        assert await net.fetch_image(f"{canary.origin}/2", max_bytes=100) == b"picture"
        with pytest.raises(PictureRefused):
            await net.fetch_image(f"{canary.origin}/3", max_bytes=100)


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://example.com/x",
        "http://x.invalid:99999/",
        "//",
        "javascript:1",
        "",
    ],
)
async def test_a_redirect_to_something_that_is_no_web_address_is_refused(
    net: Net, canary: Canary, target: str
) -> None:
    async def redirect(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": target})

    canary.handler = redirect
    with pytest.raises(PictureRefused):
        await net.fetch_image(f"{canary.origin}/x.png", max_bytes=100)


async def test_a_proxy_from_the_environment_is_ignored(
    canary: Canary, second: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, second.origin)
    async with Net(
        frozenset({canary.origin}), (), picture_origins=frozenset({canary.origin})
    ) as net:
        assert await net.fetch_image(f"{canary.origin}/x.png", max_bytes=100) == b"picture"
    assert second.connections == 0


async def test_a_guilds_endpoint_is_never_reached_through_a_proxy_from_the_environment(
    canary: Canary, second: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, second.origin)
    async with Net(frozenset(), (ipaddress.ip_network("127.0.0.0/8"),)) as net:
        assert (await net.http(canary.origin, foreign=True).get(canary.origin)).is_success
        secure = canary.origin.replace("http:", "https:")
        with pytest.raises(httpx.TransportError):
            await net.http(secure, foreign=True).get(secure)
    assert second.connections == 0


async def test_requests_say_who_asks_want_no_compression_and_carry_no_cookie(
    net: Net, canary: Canary
) -> None:
    async def baked(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"picture", headers={"Set-Cookie": "id=1; Path=/"})

    canary.handler = baked
    for _again in range(2):
        await net.fetch_image(f"{canary.origin}/x.png", max_bytes=100)
    headers = canary.requests[-1].headers
    assert headers["User-Agent"].startswith("Vidi/")
    assert headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in headers


@pytest.mark.parametrize("status", [403, 404])
async def test_a_link_that_is_gone_says_so(net: Net, canary: Canary, status: int) -> None:
    async def gone(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status)

    canary.handler = gone
    with pytest.raises(PictureExpired, match="no longer works"):
        await net.fetch_image(f"{canary.origin}/x.png", max_bytes=100)
    assert len(canary.requests) == 1


async def test_a_server_error_and_a_lost_connection_are_tried_once_more(
    net: Net, canary: Canary
) -> None:
    async def fails_first(request: web.BaseRequest) -> web.StreamResponse:
        if len(canary.requests) > 1:
            return web.Response(body=b"picture")
        if request.path == "/503":
            return web.Response(status=503)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    canary.handler = fails_first
    for path in ("/503", "/lost"):
        canary.requests.clear()
        assert await net.fetch_image(canary.origin + path, max_bytes=100) == b"picture"
        assert len(canary.requests) == 2


async def test_a_body_cut_off_half_way_is_never_taken_for_the_picture(
    net: Net, canary: Canary
) -> None:
    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    canary.handler = cut
    with pytest.raises(PictureRefused):
        await net.fetch_image(f"{canary.origin}/x.png", max_bytes=2000)
    assert len(canary.requests) == 2


@pytest.mark.parametrize("declared", [True, False])
async def test_a_file_over_the_limit_is_refused_whether_it_says_so_or_not(
    net: Net, canary: Canary, declared: bool
) -> None:
    sent = 0

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        if declared:
            response.content_length = 900_000_000
        await response.prepare(request)
        for _chunk in range(200):
            await response.write(bytes(100_000))
            sent += 100_000
        return response

    canary.handler = endless
    with pytest.raises(PictureRefused, match="up to 2 MB"):
        await net.fetch_image(f"{canary.origin}/x.png", max_bytes=2_000_000)
    assert sent < 15_000_000


async def test_a_server_that_drips_is_given_up(
    net: Net, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b".")
            await asyncio.sleep(0.05)

    canary.handler = drip
    monkeypatch.setattr("bot.net._FETCH_SECONDS", 0.4)
    with pytest.raises(PictureRefused):
        await asyncio.wait_for(net.fetch_image(f"{canary.origin}/x", max_bytes=10**6), 3)


async def test_oversized_headers_are_a_refusal(net: Net, canary: Canary) -> None:
    async def talkative(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(headers={"X-Long": "x" * 60_000})

    canary.handler = talkative
    with pytest.raises(PictureRefused):
        await net.fetch_image(f"{canary.origin}/x.png", max_bytes=100)


@pytest.mark.parametrize(
    "url",
    ["", "x.png", "http://", "http:///x", "http://a b.invalid/", f"http://{'a' * 70}.invalid/x"],
)
async def test_a_link_that_is_none_is_a_refusal(net: Net, url: str) -> None:
    with pytest.raises(PictureRefused):
        await net.fetch_image(url, max_bytes=100)


async def test_streams_cancelled_twice_cost_no_connection(net: Net, canary: Canary) -> None:
    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/fast":
            return web.Response(body=b"picture")
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b".")
        await asyncio.sleep(10)
        return response

    canary.handler = slow
    client = net.http(canary.origin)

    async def stream(started: asyncio.Event) -> None:
        async with client.stream("GET", f"{canary.origin}/slow") as response:
            async for _chunk in response.aiter_raw():
                started.set()

    for _round in range(300):
        started = asyncio.Event()
        task = asyncio.create_task(stream(started))
        await started.wait()
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await net.fetch_image(f"{canary.origin}/fast", max_bytes=100) == b"picture"


def test_find_cause_ends_on_a_circle() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert find_cause(first, KeyError) is second
    assert find_cause(first, aiohttp.ClientError) is None


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer sk-abcdef123456", "sk-abcdef123456"),
        ("'Authorization': 'Bot MTIzNDU2Nzg5.abc.def-ghi'", "MTIzNDU2Nzg5"),
        ("GET https://cdn.discordapp.com/a/b.png?ex=6543aa&is=6543bb&hm=c0ffee&", "c0ffee"),
        ("https://cdn.discordapp.com/a/b.png?ex=6543aa&is=6543bb&hm=c0ffee", "6543aa"),
        ("POST /api/v10/webhooks/1234/aW50ZXJhY3Rpb24-tok_en/messages", "aW50ZXJhY3Rpb24"),
        ("POST /api/v10/interactions/1234/aW50ZXJhY3Rpb24tok/callback", "aW50ZXJhY3Rpb24tok"),
        ("postgresql+asyncpg://vidi:hunter2secret@db/vidi", "hunter2secret"),
        (f"token {'M' * 24}.{'G' * 6}.{'x' * 38} leaked", "x" * 38),
    ],
)
def test_a_log_line_shows_no_secret(text: str, secret: str) -> None:
    assert secret not in redact(text)
    assert redact(text) != ""


def test_a_log_line_keeps_what_is_no_secret() -> None:
    line = "question 7: 503 from https://api.example/v1/chat, is=fine"
    assert redact(line) == line


async def test_a_host_that_hangs_leaves_room_for_others(canary: Canary, second: Canary) -> None:
    async def hangs(_request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    canary.handler = hangs
    home = (ipaddress.ip_network("127.0.0.0/8"),)
    async with Net(frozenset(), home) as net:
        http = net.http(canary.origin, foreign=True)
        waiting = [
            asyncio.create_task(http.get(canary.origin)) for _one in range(FOREIGN_CONNECTIONS)
        ]
        await until(lambda: canary.connections == FOREIGN_CONNECTIONS)
        with pytest.raises(httpx.TimeoutException):
            await http.get(canary.origin, timeout=httpx.Timeout(5, pool=0.1))
        assert (await http.get(second.origin)).content == b"picture"
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert canary.connections == FOREIGN_CONNECTIONS
