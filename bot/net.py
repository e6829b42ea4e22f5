"""The one guarded way out: HTTP clients, the address policy at the socket, picture downloads."""

import asyncio
import functools
import re
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver
from httpx_aiohttp import AiohttpTransport

from bot import __version__
from bot.addresses import is_allowed, is_trusted
from bot.config import Network
from bot.errors import PictureExpired, PictureRefused
from bot.i18n import _

_USER_AGENT = f"Vidi/{__version__} (+self-hosted Discord bot)"
# `pool` caps the whole connect on this transport, so it is no shorter than `connect`.
_TIMEOUT = httpx.Timeout(30, connect=5, pool=10)
_CONNECTIONS = 512
FOREIGN_CONNECTIONS = 64
"""To one host that somebody else chose: if it hangs, the others still have room."""
_FETCH_SECONDS = 15.0
_REDIRECTS = 2
_ENCODINGS = frozenset({"", "identity", "gzip", "deflate"})
_EXPIRED = frozenset({403, 404, 410})

_E = TypeVar("_E", bound=BaseException)

_Judge = Callable[[str, tuple[Network, ...]], bool]
"""Tells whether a socket may connect to an address, with these networks trusted."""


class BlockedAddress(OSError):
    """The address policy said no.

    One text for all: of unlike errors aiohttp makes a plain OSError."""

    def __init__(self) -> None:
        super().__init__("this address may not be reached")


class Net:
    """The process's HTTP clients. Origins are `scheme://host:port`.

    `trusted_origins` are the operator's own base URLs, `picture_origins` serve Discord's pictures;
    neither is judged by its address, everything else is."""

    def __init__(
        self,
        trusted_origins: frozenset[str],
        trusted_networks: tuple[Network, ...],
        *,
        picture_origins: frozenset[str] = frozenset(),
    ) -> None:
        self._trusted_origins = frozenset(map(origin, trusted_origins))
        self._picture_origins = frozenset(map(origin, picture_origins))
        self._trusted_networks = trusted_networks
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        tls = httpx.create_ssl_context()  # SSL_CERT_FILE counts: it is the operator's own wish
        connectors = (
            aiohttp.TCPConnector(ssl=tls, limit=_CONNECTIONS),
            _guard(tls, self._trusted_networks, is_allowed),
            _guard(tls, self._trusted_networks, is_trusted),
        )
        self._open, self._guarded, self._at_home = [
            await self._stack.enter_async_context(_client(each)) for each in connectors
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def http(self, url: str, *, foreign: bool = False) -> httpx.AsyncClient:
        """Give the client for this URL: unguarded only for the operator's own origins.

        A foreign URL was named by a guild: it is judged even where it names such an origin, and
        without TLS it reaches trusted networks only."""
        if foreign:
            return self._guarded if httpx.URL(url).scheme == "https" else self._at_home
        return self._open if origin(url) in self._trusted_origins else self._guarded

    def is_discords(self, url: str) -> bool:
        """Tell whether a picture's link leads to Discord, and not where a member wants it to."""
        try:
            return origin(url) in self._picture_origins
        except (httpx.InvalidURL, ValueError):
            return False

    async def fetch_image(self, url: str, *, max_bytes: int) -> bytes:
        """Give what the link holds; raises PictureExpired or PictureRefused."""
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                return await self._fetch_twice(url, max_bytes)
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            aiohttp.ClientError,
            OSError,
            ValueError,
        ) as error:
            # One sentence for refused, unknown and blocked: no map of the network behind the bot.
            raise PictureRefused(
                _("The picture could not be downloaded. Send it as a file and ask once more.")
            ) from error

    async def _fetch_twice(self, url: str, max_bytes: int) -> bytes:
        try:
            return await self._fetch(url, max_bytes)
        except (httpx.TransportError, httpx.HTTPStatusError, aiohttp.ClientError) as error:
            if find_cause(error, BlockedAddress) or not _may_pass(error):
                raise
        return await self._fetch(url, max_bytes)

    async def _fetch(self, url: str, max_bytes: int) -> bytes:
        http = self._open if self.is_discords(url) else self._guarded
        target = httpx.URL(url)
        for _hop in range(_REDIRECTS + 1):
            async with http.stream("GET", target) as response:
                if not response.is_redirect:
                    return await _read(response, max_bytes)
                target = target.join(response.headers["location"])
            # Somebody else chose this target, so even the operator's own origins are judged.
            http = self._guarded
        raise httpx.TooManyRedirects("too many redirects")


class _JudgingResolver(AbstractResolver):
    """Refuses a name as a whole when one of its addresses isn't allowed."""

    def __init__(self, trusted: tuple[Network, ...], judge: _Judge) -> None:
        self._trusted = trusted
        self._judge = judge
        self._resolver = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(self._judge(result["host"], self._trusted) for result in found):
            raise BlockedAddress
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _guard(
    tls: ssl.SSLContext, trusted: tuple[Network, ...], judge: _Judge
) -> aiohttp.TCPConnector:
    """Give a connector that judges each name when it is looked up and each socket it opens."""
    return aiohttp.TCPConnector(
        ssl=tls,
        limit=_CONNECTIONS,
        limit_per_host=FOREIGN_CONNECTIONS,
        resolver=_JudgingResolver(trusted, judge),
        socket_factory=functools.partial(judged_socket, trusted=trusted, judge=judge),
    )


def judged_socket(
    info: tuple[int, int, int, str, tuple[object, ...]],
    trusted: tuple[Network, ...],
    judge: _Judge = is_allowed,
) -> socket.socket:
    """Open the socket for an address; literals never pass the resolver, but all pass here."""
    family, kind, protocol, _name, address = info
    if not judge(str(address[0]), trusted):
        raise BlockedAddress
    return socket.socket(family, kind, protocol)


def origin(url: str) -> str:
    """Give `scheme://host:port` with the scheme's own port written out."""
    parts = httpx.URL(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.host}:{port}"


def find_cause(error: BaseException, kind: type[_E]) -> _E | None:
    """Give the first error of this kind in the chain of causes, the error itself included."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        if isinstance(link, kind):
            return link
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return None


# What a log line must not show, and what stands there instead.
_SECRETS = (
    (re.compile(r"(?i)\b(bearer|bot)\s+[\w.~+/=-]{8,}"), r"\1 …"),
    (re.compile(r"(/webhooks/\d+/|/interactions/\d+/)[\w.-]+"), r"\1…"),
    (re.compile(r"([?&](?:hm|ex|is)=)[^&\s\"']+"), r"\1…"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), r"\1…@"),
    (re.compile(r"\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"), "…"),  # a Discord bot token
)


def redact(text: str) -> str:
    """Give the text without bearer and webhook tokens, link signatures and passwords in URLs."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


@asynccontextmanager
async def _client(connector: aiohttp.TCPConnector) -> AsyncGenerator[httpx.AsyncClient]:
    """Give an httpx client on this connector that keeps no cookies and reads no environment."""
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    async with httpx.AsyncClient(
        transport=AiohttpTransport(client=session),
        headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"},
        event_hooks={"response": [_refuse_bombs]},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=_TIMEOUT,
        trust_env=False,
    ) as client:
        yield client


async def _refuse_bombs(response: httpx.Response) -> None:
    """Raise httpx.DecodingError for a body that a few bytes of could fill the memory.

    Nobody was asked to encode; one layer of what nearly everybody sends all the same is read."""
    if response.headers.get("content-encoding", "").strip().lower() not in _ENCODINGS:
        raise httpx.DecodingError("an encoding that was not asked for", request=response.request)


async def _read(response: httpx.Response, max_bytes: int) -> bytes:
    if response.status_code in _EXPIRED:
        raise PictureExpired(
            _("This picture's link no longer works. Send the picture again and ask once more.")
        )
    response.raise_for_status()
    declared = response.headers.get("content-length", "")
    body = bytearray()
    if not (declared.isdecimal() and int(declared) > max_bytes):
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > max_bytes:
                break
        else:
            return bytes(body)
    raise too_many_bytes(max_bytes)


def too_many_bytes(max_bytes: int) -> PictureRefused:
    """Give the refusal of a file that is larger than `max_bytes`."""
    return PictureRefused(
        _("This file is too large. Pictures can have up to {limit} MB.").format(
            limit=max_bytes // 1_000_000
        )
    )


def _may_pass(error: Exception) -> bool:
    return not isinstance(error, httpx.HTTPStatusError) or error.response.status_code >= 500
