"""Asking a provider for its list: what comes is bounded in time and bytes, and is JSON or odd."""

import asyncio
from decimal import Decimal

import aiohttp
import httpx
import msgspec

from bot.catalog.discovered import Listed
from bot.catalog.types import Endpoint, Provider
from bot.discovery.lists import READERS
from bot.discovery.reading import OddList
from bot.i18n import _
from bot.net import Net

SECONDS = 20.0  # for one request
_ALL_SECONDS = 120.0  # for all that one provider's list takes
_MAX_BYTES = 32 * 1024 * 1024

_decoder = msgspec.json.Decoder[object](float_hook=Decimal)


async def models_of(net: Net, provider: Provider, endpoint: Endpoint) -> list[Listed]:
    """Give what the provider's own list says; raises OddList with the reason, for people."""

    async def ask(path: str, body: object = None) -> object:
        return await _json(net, endpoint, path, body)

    try:
        async with asyncio.timeout(_ALL_SECONDS):
            return await READERS[provider.discovery](ask)
    except TimeoutError as error:
        raise OddList(_("it takes too long")) from error


async def _json(net: Net, endpoint: Endpoint, path: str, body: object) -> object:
    url = _url(endpoint.base_url, path)
    headers = {"Accept": "application/json"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    content = None
    if body is not None:
        content = msgspec.json.encode(body)
        headers["Content-Type"] = "application/json"
    try:
        async with (
            asyncio.timeout(SECONDS),
            net.http(url).stream(
                "POST" if body is not None else "GET",
                url,
                content=content,
                headers=headers,
                timeout=SECONDS,
                follow_redirects=False,
            ) as response,
        ):
            if response.status_code != 200:
                raise OddList(_("HTTP status {status}").format(status=response.status_code))
            return _decoded(await _bounded(response))
    except TimeoutError:
        raise
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
        raise OddList(_("no connection")) from error


def _decoded(body: bytes) -> object:
    try:
        return _decoder.decode(body)
    except (ValueError, ArithmeticError, RecursionError) as error:  # also numbers no Decimal holds
        raise OddList(_("it is no JSON")) from error


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_BYTES:
            raise OddList(_("it is too long"))
    return bytes(body)


def _url(base_url: str, path: str) -> str:
    # Behind a proxy the server's root may lie deeper than the host's: it is what precedes /v1.
    return base_url.removesuffix("/v1") + path[1:] if path.startswith("//") else base_url + path
