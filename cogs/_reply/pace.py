"""When Discord may be asked again: room in its edit buckets, retries that end, quiet channels."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

import aiohttp
import discord

EDITS, WINDOW = 4, 5.2  # Discord allows 5 edits in 5 s; the last one is kept for a final edit
FURTHER_EDITS = EDITS - 1  # and one for another answer's first text
BETWEEN_EDITS = 1.2  # seconds, for one answer
EDITS_A_SECOND = 15  # of all growing answers; Discord allows 50 requests of any kind
ONE_CALL = 15.0  # seconds
RETRIES = 5
ALL_CALLS = 30.0  # seconds
QUIET = 600.0  # seconds for which a channel that forbade writing is left alone
FORBIDDEN = frozenset({50001, 50013})

Result = TypeVar("Result")
FAILURES = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)
TRANSIENT = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)


class Pace:
    """Counts edits by bucket, so that streaming always leaves room for a final edit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._growing = 0
        self._edits: dict[int, deque[float]] = {}
        self._quiet: dict[int, float] = {}

    @contextmanager
    def growing(self) -> Generator[None]:
        """Count one more answer that grows: the more there are, the slower goes each."""
        self._growing += 1
        try:
            yield
        finally:
            self._growing -= 1

    def wait_for(self, bucket: int, last_edit: float) -> float:
        """Give the seconds until an answer last edited at `last_edit` (0: never) may be edited."""
        ready = last_edit + max(BETWEEN_EDITS, self._growing / EDITS_A_SECOND)
        allowed = FURTHER_EDITS if last_edit else EDITS
        edits = self._edits.get(bucket)
        if edits and len(edits) >= allowed:
            ready = max(ready, edits[-allowed] + WINDOW)
        return max(0.0, ready - self._clock())

    def count(self, bucket: int) -> float:
        """Count an edit that is about to be made; gives its time."""
        now = self._clock()
        if bucket not in self._edits:
            self._forget_idle(now)
        self._edits.setdefault(bucket, deque(maxlen=EDITS)).append(now)
        return now

    def hush(self, channel_id: int) -> None:
        """Leave a channel alone for a while: refused requests get a bot banned."""
        self._quiet[channel_id] = self._clock() + QUIET

    def is_quiet(self, channel_id: int) -> bool:
        """Tell whether a channel is to be left alone."""
        until = self._quiet.get(channel_id)
        if until is not None and until <= self._clock():
            del self._quiet[channel_id]
        return channel_id in self._quiet

    def _forget_idle(self, now: float) -> None:
        self._edits = {
            bucket: edits for bucket, edits in self._edits.items() if now - edits[-1] < WINDOW
        }


async def persist(call: Callable[[], Awaitable[Result]]) -> Result:
    """Make a call that must arrive: again after passing failures, for at most half a minute."""
    deadline = time.monotonic() + ALL_CALLS
    for attempt in range(1, RETRIES + 1):
        try:
            async with asyncio.timeout(ONE_CALL):
                return await call()
        except TRANSIENT:
            pause = 0.5 * 2 ** (attempt - 1)
            if attempt == RETRIES or time.monotonic() + pause > deadline:
                raise
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")  # pragma: no cover
