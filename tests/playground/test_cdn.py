import asyncio
import io
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from playground.cdn import GONE, Cdn

CHANNEL, ATTACHMENT, NAME = 11, 22, "a receipt №1.png"


class Clock:
    now = 1_700_000_000.5

    def __call__(self):
        return self.now


def picture(width=400, height=200, kind="PNG", mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, (width, height), "#ca5").save(out, kind)
    return out.getvalue()


@asynccontextmanager
async def served(cdn_of):
    address = ""
    cdn = cdn_of(lambda: address)
    app = web.Application()
    app.add_routes(cdn.routes())
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield cdn
    finally:
        await runner.cleanup()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def cdn(clock):
    async with served(lambda base: Cdn(base, clock)) as cdn:
        cdn.put(CHANNEL, ATTACHMENT, NAME, picture(), "image/png")
        yield cdn


@pytest.fixture
async def http():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(3)) as session:
        yield session


async def get(http, url, **kwargs):
    async with http.get(url, **kwargs) as response:
        return response.status, response.headers, await response.read()


async def test_a_signed_link_gives_the_bytes_and_their_type(cdn, http):
    status, headers, body = await get(http, cdn.url(CHANNEL, ATTACHMENT, NAME))
    assert (status, body) == (200, picture())
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Length"] == str(len(body))
    assert headers["Content-Disposition"].endswith("a%20receipt%20%E2%84%961.png")


async def test_head_gives_the_headers_alone(cdn, http):
    async with http.head(cdn.url(CHANNEL, ATTACHMENT, NAME)) as response:
        assert response.status == 200
        assert response.headers["Content-Length"] == str(len(picture()))
        assert await response.read() == b""
    assert cdn.requests[-1].sent == 0


async def test_a_link_looks_like_discords(cdn, clock):
    url = cdn.url(CHANNEL, ATTACHMENT, NAME)
    assert f"/attachments/{CHANNEL}/{ATTACHMENT}/a%20receipt" in url
    expires, issued = int(clock.now) + 86400, int(clock.now)
    assert f"?ex={expires:x}&is={issued:x}&hm=" in url


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url: url.partition("?")[0],
        lambda url: url.replace("ex=6", "ex=7"),
        lambda url: url.replace("&is=", "&is=1"),
        lambda url: url.replace("hm=", "hm=0"),
        lambda url: url.replace(f"/{ATTACHMENT}/", "/23/"),
        lambda url: url.replace("receipt", "ticket"),
        lambda url: url.replace("hm=", "hm=ä"),
        lambda url: url.replace("ex=", "ex=zz"),
    ],
)
async def test_a_link_that_was_tampered_with_is_gone(cdn, http, spoil):
    status, _, body = await get(http, spoil(cdn.url(CHANNEL, ATTACHMENT, NAME)))
    assert (status, body.decode()) == (404, GONE)


async def test_a_link_expires_by_the_given_clock(cdn, http, clock):
    url = cdn.url(CHANNEL, ATTACHMENT, NAME, lifetime=60)
    clock.now += 59
    assert (await get(http, url))[0] == 200
    clock.now += 2
    assert (await get(http, url))[0] == 404
    assert (await get(http, cdn.url(CHANNEL, ATTACHMENT, NAME)))[0] == 200


async def test_a_deleted_attachment_is_gone(cdn, http):
    url = cdn.url(CHANNEL, ATTACHMENT, NAME)
    cdn.delete(CHANNEL, ATTACHMENT)
    assert (await get(http, url))[0] == 404


async def test_every_request_is_recorded(cdn, http):
    url = cdn.url(CHANNEL, ATTACHMENT, NAME)
    await get(http, url, headers={"User-Agent": "Vidi", "Authorization": "Bot x"})
    await get(http, url.partition("?")[0], headers={"User-Agent": "OpenAI"})
    first, second = cdn.requests
    assert (first.status, first.sent, first.user_agent) == (200, len(picture()), "Vidi")
    assert (first.has_authorization, second.has_authorization) == (True, False)
    assert (second.status, second.path.rpartition("/")[2]) == (404, NAME)


async def test_the_media_proxy_shrinks_and_converts(cdn, http):
    url = cdn.proxy_url(CHANNEL, ATTACHMENT, NAME)
    status, headers, body = await get(http, f"{url}width=100&height=100&format=webp")
    assert (status, headers["Content-Type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(body)) as made:
        assert (made.format, made.size) == ("WEBP", (100, 50))


async def test_the_media_proxy_gives_the_original_unasked(cdn, http):
    assert (await get(http, cdn.proxy_url(CHANNEL, ATTACHMENT, NAME)))[2] == picture()


async def test_the_media_proxy_flattens_transparency_for_jpeg(cdn, http):
    cdn.put(CHANNEL, 30, "t.png", picture(mode="RGBA"), "image/png")
    status, headers, _ = await get(http, cdn.proxy_url(CHANNEL, 30, "t.png") + "format=jpeg")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")


@pytest.mark.parametrize("query", ["width=0", "width=9999", "height=x", "format=tiff"])
async def test_the_media_proxy_refuses_nonsense(cdn, http, query):
    assert (await get(http, cdn.proxy_url(CHANNEL, ATTACHMENT, NAME) + query))[0] == 400


async def test_the_media_proxy_takes_pictures_only(cdn, http):
    cdn.put(CHANNEL, 31, "notes.txt", b"hello", "text/plain; charset=utf-8")
    assert (await get(http, cdn.proxy_url(CHANNEL, 31, "notes.txt")))[0] == 415
    _, headers, body = await get(http, cdn.url(CHANNEL, 31, "notes.txt"))
    assert (headers["Content-Type"], body) == ("text/plain; charset=utf-8", b"hello")
    assert (await get(http, cdn.proxy_url(CHANNEL, 31, "notes.txt").partition("?")[0]))[0] == 404


async def test_a_fault_spoils_one_answer(cdn, http):
    url = cdn.url(CHANNEL, ATTACHMENT, NAME)
    cdn.fault("status:503")
    assert [(await get(http, url))[0] for _ in range(2)] == [503, 200]


async def test_html_comes_instead_of_the_picture(cdn, http):
    cdn.fault("html")
    status, headers, body = await get(http, cdn.url(CHANNEL, ATTACHMENT, NAME))
    assert (status, headers["Content-Type"]) == (200, "text/html")
    assert body.startswith(b"<!DOCTYPE html>")


async def test_a_lie_promises_more_than_it_sends(cdn, http):
    cdn.fault("lie")
    with pytest.raises(aiohttp.ClientPayloadError):
        await get(http, cdn.url(CHANNEL, ATTACHMENT, NAME))


async def test_a_drip_never_ends_in_time(cdn, http):
    cdn.put(CHANNEL, 32, "big.bin", bytes(100_000), None)
    cdn.fault("drip")
    async with http.get(cdn.url(CHANNEL, 32, "big.bin")) as response:
        assert response.headers["Content-Length"] == "100000"
        assert len(await response.content.readexactly(64)) == 64
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await response.read()


def test_an_unknown_fault_is_a_mistake_in_the_test(clock):
    with pytest.raises(ValueError, match="unknown fault"):
        Cdn(lambda: "", clock).fault("explode")
