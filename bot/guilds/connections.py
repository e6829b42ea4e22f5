"""Connections: a guild's key or endpoint is tried before it is kept, and the answer tells no tales.

Whoever names addresses here must not learn from words or times what lies behind the bot."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import aiohttp
import httpx
import msgspec

from bot.catalog.catalog import Catalog
from bot.catalog.types import Endpoint, Model, Provider
from bot.choices import OwnEndpoint
from bot.errors import BadReply, KeyRejected, NoCredit, ProviderError, Refused
from bot.i18n import _
from bot.net import Net
from bot.pacing import Tries
from bot.provider.client import Limits, complete
from bot.provider.request import build
from bot.provider.types import Prompt

log = logging.getLogger(__name__)

TRIES = 3  # a minute
FLOOR = 1.0  # seconds; no answer comes sooner
_SECONDS = 15.0  # for one request
_MAX_BYTES = 4 * 1024 * 1024
_ASKED = 3  # models, the cheapest first, until one says whether it knows the key
_NO_KEY = (401, 403)

_T = TypeVar("_T")


class Connections:
    """Tries what moderators entered, a few times a minute and guild."""

    def __init__(
        self,
        net: Net,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._net = net
        self._tries = Tries(TRIES, clock)
        self._sleep = sleep

    async def try_key(self, guild_id: int, catalog: Catalog, provider: Provider, key: str) -> str:
        """Say what a provider made of this key; raises Refused when it isn't proven to work."""
        self._count(guild_id)
        endpoint = Endpoint(base_url=catalog.base_url(provider), key=key, own=True)
        return await self._unhurried(self._proven(catalog, provider, endpoint))

    async def try_endpoint(self, guild_id: int, endpoint: OwnEndpoint, key: str | None) -> str:
        """Say how an endpoint answered; raises Refused, in one sentence, when it didn't."""
        self._count(guild_id)
        there = Endpoint(base_url=endpoint.base_url, key=key, own=True, foreign=True)
        return await self._unhurried(self._answered(there, endpoint.models))

    def _count(self, guild_id: int) -> None:
        if seconds := self._tries.wait(guild_id):
            raise Refused(
                _("Only {count} tries a minute for keys and endpoints. Wait {seconds} s.").format(
                    count=self._tries.most, seconds=seconds
                )
            )

    async def _unhurried(self, work: Awaitable[_T]) -> _T:
        result, _waited = await asyncio.gather(work, self._sleep(FLOOR), return_exceptions=True)
        if isinstance(result, BaseException):
            raise result
        return result

    async def _answered(self, endpoint: Endpoint, names: Iterable[str]) -> str:
        status, body = await self._get(endpoint, endpoint.key)
        if status in _NO_KEY:
            raise Refused(_("The endpoint answered, but wants a key, or another one."))
        listed = _names(body) if status == 200 else None
        if listed is None:
            return _("It answered. It has no list of models, so their names aren't checked.")
        if missing := [name for name in names if name not in listed]:
            return _("It answered, but its list lacks: {names}.").format(names=", ".join(missing))
        return _("It answered, and its list has every model.")

    async def _proven(self, catalog: Catalog, provider: Provider, endpoint: Endpoint) -> str:
        """A list that is given to anybody proves nothing; then one word of a model does."""
        status, _body = await self._get(endpoint, None)
        if status in _NO_KEY:
            status, _body = await self._get(endpoint, endpoint.key)
            if status == 401:
                raise _rejected(provider)
            if status == 200:
                return _("{provider} accepted it: it gave the list of models.").format(
                    provider=provider.label
                )
        return await self._asked(_cheapest(catalog, provider), provider, endpoint)

    async def _asked(self, models: list[Model], provider: Provider, endpoint: Endpoint) -> str:
        for model in models:
            try:
                await self._ask(model, endpoint)
            except KeyRejected as error:
                raise _rejected(provider) from error
            except NoCredit:
                return _("{provider} knows it, but the account has no credit left.").format(
                    provider=provider.label
                )
            except BadReply:
                pass  # of one token there may be no text
            except ProviderError as error:
                log.info("a key for %s: %s: %s", provider.id, error.state, error.detail)
                continue
            return _("{provider} accepted it: {model} was asked for one word.").format(
                provider=provider.label, model=model.label
            )
        raise _unreachable()

    async def _ask(self, model: Model, endpoint: Endpoint) -> None:
        one_token = msgspec.structs.replace(model, max_output_tokens=1)
        request = build(one_token, endpoint, Prompt(system="", text="Hi", images=()))
        limits = Limits(first_text=_SECONDS, total=_SECONDS)
        http = self._net.http(request.url, foreign=endpoint.foreign)
        await complete(http, request, lambda _text: None, limits=limits)

    async def _get(self, endpoint: Endpoint, key: str | None) -> tuple[int, bytes]:
        """Give status and start of the list of models; raises the one refusal for all failures."""
        url = f"{endpoint.base_url}/models"
        headers = {"Accept": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        try:
            http = self._net.http(url, foreign=endpoint.foreign)
            async with (
                asyncio.timeout(_SECONDS),
                http.stream("GET", url, headers=headers, follow_redirects=False) as response,
            ):
                if response.is_redirect or response.status_code >= 500:
                    raise httpx.HTTPError(f"status {response.status_code}")
                return response.status_code, await _start(response)
        except (
            TimeoutError,
            httpx.HTTPError,
            httpx.InvalidURL,
            aiohttp.ClientError,
            OSError,
        ) as error:
            log.info("%s can't be reached: %s: %s", endpoint.host, type(error).__name__, error)
            raise _unreachable() from error


async def _start(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_BYTES:
            break
    return bytes(body)


class _Item(msgspec.Struct):
    id: str


class _List(msgspec.Struct):
    data: list[_Item]


def _names(body: bytes) -> frozenset[str] | None:
    """Give the names in OpenAI's kind of list, None for anything else."""
    try:
        return frozenset(item.id for item in msgspec.json.decode(body, type=_List).data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _cheapest(catalog: Catalog, provider: Provider) -> list[Model]:
    def dear(model: Model) -> tuple[bool, object]:
        price = model.price
        return price is None, price.input + price.output if price else 0

    models = [model for model in catalog.models.values() if model.provider.id == provider.id]
    return sorted(filter(catalog.living, models), key=dear)[:_ASKED]


def _rejected(provider: Provider) -> Refused:
    return Refused(
        _("{provider} did not accept this key. Nothing was changed.").format(
            provider=provider.label
        )
    )


def _unreachable() -> Refused:
    """Give one refusal for whatever went wrong: no map of the network behind the bot."""
    return Refused(
        _(
            "No usable answer came from there. It must be a public https address with a valid "
            "certificate that doesn't redirect. Nothing was changed."
        )
    )
