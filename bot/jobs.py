"""What runs by the clock: ending what a crash left open, erasing what was kept long enough."""

import asyncio
import datetime as dt
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import count

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, utcnow
from bot.db import deliveries, ledger, turns
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.tables import INTERRUPTED, OPEN
from bot.types import Undelivered

log = logging.getLogger(__name__)

SWEEP_SECONDS = 15
SWEEPS_PER_ERASING = 4
DELIVERY_GRACE = dt.timedelta(seconds=60)
OPEN_LIMIT = dt.timedelta(minutes=15)
DELIVERY_LIMIT = dt.timedelta(minutes=15)
TRACE_LIMIT = dt.timedelta(days=30)
FINISH_SECONDS = 30
TRIES = 3


class Jobs:
    """Ends orphaned questions and erases due text.

    `finish` shows an answer whose process is gone (its text, or that it was interrupted);
    `in_flight` gives the questions that this process is answering now; `erasers` erase more."""

    def __init__(
        self,
        db: Database,
        box: SecretBox,
        finish: Callable[[Undelivered], Awaitable[None]],
        *,
        in_flight: Callable[[], frozenset[int]],
        erasers: Sequence[Callable[[], Awaitable[object]]] = (),
        clock: Clock = utcnow,
    ) -> None:
        self._db = db
        self._box = box
        self._finish = finish
        self._in_flight = in_flight
        self._erasers = erasers
        self._clock = clock
        self._started = clock()
        self._failures: Counter[int] = Counter()
        self._one_at_a_time = asyncio.Lock()

    async def reap(self) -> None:
        """End what an earlier process left open or undelivered; once, before `run`, when ready."""
        await self._survive(lambda: self._end_orphans(self._started))

    async def run(self) -> None:
        """Sweep every 15 s and erase every minute, until cancelled; start it after `reap`."""
        for sweeps in count():
            await self._survive(self.sweep)
            if sweeps % SWEEPS_PER_ERASING == 0:
                for erase in (self.erase, *self._erasers):
                    await self._survive(erase)
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """End what has been waiting for a minute although nobody here is at it."""
        await self._end_orphans(self._clock() - DELIVERY_GRACE)

    async def erase(self) -> None:
        """Erase due exchanges and old deliveries; end questions that hang."""
        now = self._clock()

        async def work(session: AsyncSession) -> int:
            hung = await ledger.end_open(session, opened_before=now - OPEN_LIMIT, now=now)
            await ledger.erase_traces(session, now - TRACE_LIMIT)
            await deliveries.drop_older(session, now - DELIVERY_LIMIT)
            await turns.erase_due(session, now)
            return hung

        if hung := await self._db.transact(work):
            log.warning("%d questions hung for over 15 minutes and were ended", hung)

    async def _end_orphans(self, before: dt.datetime) -> None:
        async with self._one_at_a_time:
            orphans = await self._orphans(before)
            await asyncio.gather(*(self._deliver(orphan) for orphan in orphans))

    async def _orphans(self, before: dt.datetime) -> list[Undelivered]:
        now = self._clock()

        async def work(session: AsyncSession) -> list[Undelivered]:
            ours = self._in_flight()
            # Read first: once ended, they look as if they had been waiting for a moment only.
            owed = await deliveries.undelivered(session, self._box, older_than=before, now=now)
            await ledger.end_open(session, opened_before=before, keep=ours, now=now)
            return [orphan for orphan in owed if orphan.question_id not in ours]

        return [
            replace(orphan, state=INTERRUPTED) if orphan.state == OPEN else orphan
            for orphan in await self._db.transact(work)
        ]

    async def _deliver(self, orphan: Undelivered) -> None:
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                await self._finish(orphan)
        except Exception:
            self._failures[orphan.question_id] += 1
            log.exception("the answer to question %d could not be ended", orphan.question_id)
            if self._failures[orphan.question_id] < TRIES:
                return
        self._failures.pop(orphan.question_id, None)
        await self._db.transact(lambda session: deliveries.drop(session, orphan.question_id))

    async def _survive(self, job: Callable[[], Awaitable[object]]) -> None:
        try:
            await job()
        except Exception:
            log.exception("a job failed; it is tried again")
