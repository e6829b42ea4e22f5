"""Asking a model what no member sees: a proof of sight, a guard's judgement."""

import time
from dataclasses import dataclass

from bot.catalog.prices import cost
from bot.errors import ProviderError
from bot.images.prepare import Prepared
from bot.provider.response import EmptyReply
from bot.provider.types import Completion
from bot.questions.attempts import Attempts, Wanted
from bot.types import CostSource, Usage


@dataclass(frozen=True, slots=True)
class Aside:
    """What came of it: the reply, or the error instead; what was sent, and what it cost."""

    reply: Completion | None
    error: ProviderError | None
    prepared: Prepared | None
    usage: Usage
    latency_ms: int


class _Watch:
    """Follows the tries, and shows nobody anything."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.prepared: Prepared | None = None
        self.unaccounted = False

    def trying(self, wanted: Wanted, prepared: Prepared) -> None:
        self.wanted, self.prepared = wanted, prepared

    def failed(self, error: ProviderError) -> None:
        self.unaccounted = self.unaccounted or (error.sent and error.status is None)

    def heard(self, delta: str) -> None:
        """The whole reply comes at the end."""

    def usage(self, completion: Completion | None) -> Usage:
        if completion is None or self.prepared is None:
            return Usage() if self.unaccounted else Usage(0, 0, 0, CostSource.FREE)
        return cost(self.wanted.model, completion, self.prepared.parts, self.wanted.characters)


async def ask_aside(attempts: Attempts, wanted: Wanted) -> Aside:
    """Ask one model and give what came of it; raises PictureRefused."""
    watch, started = _Watch(wanted), time.monotonic()
    reply, failure = None, None
    try:
        reply = used = await attempts.run((wanted,), watch)
    except ProviderError as error:
        failure = error
        used = error.completion if isinstance(error, EmptyReply) else None
    return Aside(
        reply=reply,
        error=failure,
        prepared=watch.prepared,
        usage=watch.usage(used),
        latency_ms=round((time.monotonic() - started) * 1000),
    )
