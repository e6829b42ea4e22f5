"""Sight: no member's picture goes to a model that wasn't seen to see."""

import asyncio
import datetime as dt
import logging
import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import msgspec

from bot.catalog.types import Endpoint, Model
from bot.clock import Clock, utcnow
from bot.db import proofs
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.proofs import Look
from bot.errors import (
    BadReply,
    ContentFiltered,
    PictureUnsupported,
    ProviderError,
    StorageBusy,
)
from bot.images.decode import Decoder
from bot.questions.attempts import Attempts, Wanted
from bot.sight.known import Standing, learned
from bot.sight.looking import Canary, Proof, code_word, look

log = logging.getLogger(__name__)

FRESH = dt.timedelta(hours=24)
RENEWED = dt.timedelta(hours=20)
"""The age at which a proof is renewed while nobody waits for it."""
AGAIN_AFTER = dt.timedelta(seconds=60)
_PAID_FOR = (BadReply, ContentFiltered)
ROUND_SECONDS = (2400.0, 4800.0)

Key = tuple[str, str]
"""A model_id, and the fingerprint of where it is asked with which key."""


Hang = Callable[[Canary], Awaitable[str | None]]
"""Shows the picture of a proof somewhere and gives its link, None where it has none."""


async def _nowhere(_canary: Canary) -> None:
    """Nobody sees the picture: it goes to the model as data."""


@dataclass(frozen=True, slots=True)
class _Use:
    model: Model
    endpoint: Endpoint
    at: dt.datetime


class Sight:
    """Proves that models see, once for all guilds where endpoint and key are the same.

    `named` is the model that the operator chose: it answers unproven, but not when known blind."""

    def __init__(
        self,
        db: Database,
        box: SecretBox,
        attempts: Attempts,
        decoder: Decoder,
        *,
        named: Model | None = None,
        now: Clock = utcnow,
    ) -> None:
        self._db = db
        self._box = box
        self._attempts = attempts
        self._decoder = decoder
        self._named = named.id if named else None
        self._now = now
        self._standings: dict[Key, Standing] = {}
        self._proving: dict[Key, asyncio.Task[Proof]] = {}
        self._used: dict[Key, _Use] = {}
        self._failed: dict[Key, tuple[dt.datetime, ProviderError]] = {}
        """When a question last waited in vain for a proof, and why."""

    async def __aenter__(self) -> Self:
        """Read what was proven before."""
        for done in await self._db.read(proofs.load):
            self._learn(done)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give up the proofs under way."""
        under_way = list(self._proving.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    def standing(self, model: Model, endpoint: Endpoint) -> Standing | None:
        """Give what is known; None where nothing is."""
        return self._standings.get(self._key(model, endpoint))

    def due(self, model: Model, endpoint: Endpoint) -> bool:
        """Tell whether a moderator who chooses this model should see it proven now."""
        if _needs_none(model) or model.id == self._named:
            return False
        known = self.standing(model, endpoint)
        if known is None or not self._fresh(known):
            return True
        return known.sees and model.transport == "url" and not known.by_link

    def trusts(self, model: Model, accepted: Collection[str] = ()) -> bool:
        """Tell whether a model is asked unproven: the operator named it, or it was `accepted`."""
        return model.id == self._named or model.id in accepted

    async def ready(
        self, wanted: Wanted, *, guild_id: int | None = None, accepted: Collection[str] = ()
    ) -> Wanted:
        """Give what may be asked of a model that sees, by the transport that it sees by.

        Waits for a proof where one is due. Raises PictureUnsupported where it is blind, or the
        error that left that open."""
        if _needs_none(wanted.model):
            return wanted
        key = self._key(wanted.model, wanted.endpoint)
        known = self._standings.get(key)
        if self.trusts(wanted.model, accepted) and (known is None or known.sees):
            return wanted if known is None else _as_seen(wanted, known)
        if not wanted.endpoint.own:  # a guild's key may be gone by then, and is not ours to spend
            self._used[key] = _Use(wanted.model, wanted.endpoint, self._now())
        if known is None or not self._fresh(known):
            known = await self._proven(key, wanted, guild_id)
        if not known.sees:
            raise PictureUnsupported(f"{wanted.model.id} is known to be blind", sent=False)
        return _as_seen(wanted, known)

    async def prove(
        self,
        model: Model,
        endpoint: Endpoint,
        *,
        guild_id: int | None = None,
        hang: Hang = _nowhere,
    ) -> Proof:
        """Prove a model now, whatever is known; one under way is waited for first.

        `hang` shows the picture where it has a link, and gives that."""
        key = self._key(model, endpoint)
        while running := self._proving.get(key):
            await asyncio.wait({running})
        return await asyncio.shield(self._begin(key, model, endpoint, guild_id, hang))

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Renew the proofs of models in use before they are a day old, until cancelled.

        Those of guilds' own keys and endpoints are left to the next question."""
        while True:
            await sleep(random.uniform(*ROUND_SECONDS))  # noqa: S311 - jitter, not a secret
            try:
                await self.renew()
            except Exception:
                log.exception("a proof of sight failed; it is tried again")

    async def renew(self) -> None:
        """Prove again what was asked within a day and was proven almost a day ago."""
        now = self._now()
        self._used = {key: use for key, use in self._used.items() if now - use.at < FRESH}
        for key, use in list(self._used.items()):
            known = self._standings.get(key)
            if known is None or now - known.at >= RENEWED:
                await self.prove(use.model, use.endpoint)

    async def tell_once(self, guild_id: int, model: Model, endpoint: Endpoint) -> bool:
        """Tell whether this guild is to be told now that a model is blind; True is given once."""
        known = self.standing(model, endpoint)
        since = known.blind_since if known else None
        if since is None:
            return False
        return await self._db.transact(
            lambda session: proofs.claim_notice(session, guild_id, model.id, since)
        )

    def _key(self, model: Model, endpoint: Endpoint) -> Key:
        return model.id, fingerprint(self._box, endpoint)

    def _fresh(self, known: Standing) -> bool:
        return self._now() - known.at < FRESH

    async def _proven(self, key: Key, wanted: Wanted, guild_id: int | None) -> Standing:
        """Give what a proof says, also one under way; raises what left it open.

        What was proven before stays in force when nobody can tell now."""
        known = self._standings.get(key)
        at, error = self._failed.get(key, (self._now() - AGAIN_AFTER, None))
        if known is None and error and self._now() - at < AGAIN_AFTER:
            raise error  # members' questions must not have it tried, and paid, again and again
        task = self._proving.get(key)
        if task is None:
            task = self._begin(key, wanted.model, wanted.endpoint, guild_id)
        proof = await asyncio.shield(task)
        if known := self._standings.get(key):
            return known
        error = proof.error or PictureUnsupported(f"{wanted.model.id} was not proven")
        if isinstance(error, _PAID_FOR):
            self._failed[key] = (self._now(), error)
        raise error

    def _begin(
        self,
        key: Key,
        model: Model,
        endpoint: Endpoint,
        guild_id: int | None,
        hang: Hang = _nowhere,
    ) -> asyncio.Task[Proof]:
        task = asyncio.create_task(self._prove(key, model, endpoint, guild_id, hang))
        self._proving[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: Key, done: asyncio.Task[Proof]) -> None:
        del self._proving[key]
        if not done.cancelled() and (error := done.exception()) is not None:
            log.warning("the proof of %s failed: %r", key[0], error)

    async def _prove(
        self, key: Key, model: Model, endpoint: Endpoint, guild_id: int | None, hang: Hang
    ) -> Proof:
        word = code_word()
        canary = Canary(word, await self._decoder.draw(word))
        canary = replace(canary, url=await hang(canary))
        proof = await look(self._attempts, model, endpoint, canary)
        done = [
            Look(
                model_id=model.id,
                origin=endpoint.host,
                fingerprint=key[1],
                transport=glance.transport,
                outcome=glance.outcome,
                latency_ms=glance.latency_ms,
                cost_nano_usd=glance.usage.cost_nano_usd,
                guild_id=guild_id,
                tried_at=self._now(),
            )
            for glance in proof.glances
        ]
        for one in done:
            log.info("proof of %s by %s: %s", one.model_id, one.transport, one.outcome)
            self._learn(one)
        try:
            await self._db.transact(lambda session: proofs.add(session, done))
        except StorageBusy:
            log.warning("the proof of %s is not written down", model.id)
        return proof

    def _learn(self, done: Look) -> None:
        key = done.model_id, done.fingerprint
        known = learned(self._standings.get(key), done)
        if known is not None:
            self._standings[key] = known


def fingerprint(box: SecretBox, endpoint: Endpoint) -> str:
    """Give what stands for base URL and key where proofs are written down."""
    return box.fingerprint(f"{endpoint.base_url}\n{endpoint.key or ''}")


def _needs_none(model: Model) -> bool:
    return model.provider.kind == "local" or model.proven


def _as_seen(wanted: Wanted, known: Standing) -> Wanted:
    """Give it by the transport that was proven."""
    if known.by_link or wanted.model.transport == "inline":
        return wanted
    return replace(wanted, model=msgspec.structs.replace(wanted.model, transport="inline"))
