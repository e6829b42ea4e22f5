"""Discovery: asks configured providers for their lists, keeps what they say, puts it in force."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalog.catalog import Catalog
from bot.catalog.discovered import Listed
from bot.catalog.shelf import Shelf
from bot.catalog.types import Endpoint, Provider
from bot.clock import Clock, utcnow
from bot.db import discovered
from bot.db.engine import Database
from bot.discovery.asking import models_of
from bot.discovery.merging import merged
from bot.discovery.reading import OddList
from bot.discovery.telling import changes
from bot.i18n import _
from bot.net import Net

log = logging.getLogger(__name__)

FIRST_SECONDS = (120.0, 420.0)  # after the start, so that many bots don't ask at the same moment
DAY_SECONDS = (22 * 3600.0, 26 * 3600.0)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh came to, a line each; `asked` are the labels of the providers."""

    asked: tuple[str, ...]
    changes: tuple[str, ...]
    failures: tuple[str, ...]

    def lines(self) -> list[str]:
        """Give what to tell: what failed, what changed, or that nothing did."""
        if not self.asked:
            return [_("No provider is configured whose list of models can be read.")]
        if self.failures or self.changes:
            return [*self.failures, *self.changes]
        return [_("Nothing changed at {names}.").format(names=", ".join(self.asked))]


class Discovery:
    """Keeps the catalog true. `shipped` is the floor, on `shelf` lies what is in force."""

    def __init__(
        self,
        db: Database,
        net: Net,
        shipped: Catalog,
        shelf: Shelf,
        *,
        clock: Clock = utcnow,
    ) -> None:
        self._db = db
        self._net = net
        self._shipped = shipped
        self._shelf = shelf
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> Catalog:
        """Put in force what earlier lists said; gives that catalog."""
        catalog = self._shipped.with_discovered(await self._db.read(discovered.load))
        self._shelf.put(catalog.models)
        return catalog

    async def refresh(self) -> Refreshed:
        """Read the lists of all configured providers; one that fails changes nothing."""
        async with self._one_at_a_time:
            before = await self.load()
            providers = [p for p in self._shipped.providers.values() if p.discovery]
            asked = [(p, at) for p in providers if (at := self._shipped.endpoint(p)) is not None]
            failures = await asyncio.gather(*(self._refresh(p, at) for p, at in asked))
            return Refreshed(
                tuple(provider.label for provider, _endpoint in asked),
                tuple(changes(before, await self.load())),
                tuple(filter(None, failures)),
            )

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Refresh some minutes after the start and then daily, until cancelled."""
        await sleep(_between(FIRST_SECONDS))
        while True:
            await self._refresh_and_log()
            await sleep(_between(DAY_SECONDS))

    async def _refresh(self, provider: Provider, endpoint: Endpoint) -> str | None:
        """Give the line of what went wrong, None when the list was read and kept."""
        try:
            listed = await models_of(self._net, provider, endpoint)
        except OddList as odd:
            return _("{provider}: its list of models can't be read: {reason}").format(
                provider=provider.label, reason=odd
            )
        await self._db.transact(lambda session: self._merge(session, provider, listed))
        return None

    async def _merge(self, session: AsyncSession, provider: Provider, listed: list[Listed]) -> None:
        now = self._clock()
        models = self._shipped.models.values()
        if provider.discovery == "llamacpp":
            models = ()  # a server with one model answers to every name
        living = [m for m in models if m.provider == provider and not m.gone_since(now.date())]
        known = await discovered.load(session, provider.id)
        await discovered.store(session, merged(provider.id, known, listed, living, now))

    async def _refresh_and_log(self) -> None:
        try:
            refreshed = await self.refresh()
        except Exception:
            log.exception("the lists of models could not be read; they are tried again tomorrow")
            return
        for line in (*refreshed.failures, *refreshed.changes):
            log.info("models: %s", line)


def _between(bounds: tuple[float, float]) -> float:
    return random.uniform(*bounds)  # noqa: S311 - jitter, not a secret
