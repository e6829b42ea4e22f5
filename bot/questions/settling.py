"""How questions ended, written down: now, or as soon as anything can be written again."""

import asyncio
import datetime as dt
import functools
import logging
from collections.abc import Callable
from contextlib import suppress

from bot.db import ledger
from bot.db.engine import Database, Work
from bot.db.keys import SecretBox
from bot.errors import StorageBusy
from bot.policy import trace
from bot.questions.asking import Asking
from bot.types import Usage

log = logging.getLogger(__name__)

AGAIN_AFTER = (1, 5, 15, 30, 60)  # seconds between tries; after them the reaper ends the question


class Settler:
    """Settles questions. Whoever asked gets the answer although it can't be written down yet."""

    def __init__(self, db: Database, box: SecretBox, now: Callable[[], dt.datetime]) -> None:
        self._db = db
        self._box = box
        self._now = now
        self._later: dict[int, asyncio.Task[None]] = {}

    @property
    def unsettled(self) -> frozenset[int]:
        """The ids of questions that ended and are not written down yet."""
        return frozenset(self._later)

    async def settle(
        self, asking: Asking, state: str, usage: Usage | None, text: str | None = None
    ) -> None:
        """End a question in its one terminal state."""
        question_id, work = asking.question_id, self._settlement(asking, state, usage, text)
        try:
            await self._db.transact(work)
        except StorageBusy:
            log.warning("question %d can't be settled at the moment", question_id)
            later = asyncio.create_task(self._settle_later(work))
            self._later[question_id] = later
            later.add_done_callback(lambda _task: self._later.pop(question_id))

    async def _settle_later(self, work: Work[bool]) -> None:
        for pause in AGAIN_AFTER:
            await asyncio.sleep(pause)
            with suppress(StorageBusy):
                await self._db.transact(work)
                return

    def _settlement(
        self, asking: Asking, state: str, usage: Usage | None, text: str | None
    ) -> Work[bool]:
        now = self._now()
        images, sent_bytes = asking.sent
        keep = dt.timedelta(hours=asking.settings.retention_hours)
        return functools.partial(
            ledger.settle,
            box=self._box,
            question_id=asking.question_id,
            state=state,
            model_id=asking.answered_by,
            own_key=asking.own_key if asking.tried else None,
            trace=trace.dump(tuple(asking.trace)),
            host=asking.host,
            images=images,
            sent_bytes=sent_bytes,
            usage=usage,
            first_token_ms=asking.first_token_ms,
            duration_ms=asking.duration_ms,
            text=text if asking.question.delivery else None,
            exchange=asking.exchange() if keep else None,
            erase_at=now + keep,
            now=now,
        )
