"""Claims: a plan becomes a question that is ours, under its limits, in one transaction."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import ledger, quota
from bot.db.dialect import alone
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.people import mark_of
from bot.errors import QuotaExceeded, Refused
from bot.guilds.budgets import BudgetEvent
from bot.policy import trace
from bot.policy.limits import Ruling, judge
from bot.policy.trace import Trace
from bot.policy.types import Limit, Used, Window
from bot.questions.attempts import Wanted
from bot.questions.planning import Plan
from bot.types import Place


@dataclass(frozen=True, slots=True)
class Claim:
    """A question that is ours to answer by `candidates`, unless it was `refused`.

    `event` is what the guild's moderators may want to be told of their budget."""

    question_id: int
    trace: Trace
    candidates: tuple[Wanted, ...] = ()
    refused: Refused | None = None
    event: BudgetEvent | None = None


class Claims:
    """Claims questions: limits are read, judged and reserved against in one transaction."""

    def __init__(self, db: Database, box: SecretBox, now: Callable[[], dt.datetime]) -> None:
        self._db = db
        self._box = box
        self._now = now

    async def claim(self, plan: Plan) -> Claim | None:
        """Claim a planned question; None when its source was claimed before."""
        return await self._db.transact(lambda session: self._claimed(session, plan))

    async def check(self, plan: Plan) -> Ruling | None:
        """Give what the limits would decide now, and write nothing; None for a refused plan."""
        if plan.refused:
            return None
        return await self._db.read(lambda session: self._ruled(session, plan))

    async def used(
        self, limits: Collection[Limit], place: Place, user_id: int
    ) -> dict[Limit, Used]:
        """Give how much of these limits somebody's guild, and they themselves, used by now."""

        async def work(session: AsyncSession) -> dict[Limit, Used]:
            return await self._used(session, limits, place, user_id)

        return await self._db.read(work)

    async def _claimed(self, session: AsyncSession, plan: Plan) -> Claim | None:
        if plan.refused:
            return await self._refused(session, plan, plan.refused, plan.trace)
        question = plan.question
        # Until this is written down, nobody else may find the same room.
        await alone(session, question.place.guild_id or question.asker.user_id)
        ruling = await self._ruled(session, plan)
        event = _event(plan, ruling, self._now())
        if ruling.offer is None:
            refused = ruling.refused or QuotaExceeded("")
            whole = plan.trace + ruling.trace
            claim = await self._refused(session, plan, refused, whole)
            return claim and Claim(claim.question_id, whole, refused=refused, event=event)
        offer, whole = plan.offers[ruling.offer], plan.trace + ruling.trace
        question_id = await ledger.claim(
            session,
            self._box,
            question,
            model_id=offer.model_id,
            reserve_nano=offer.reserve_nano,
            own_key=offer.own_key,
            trace=trace.dump(whole),
            now=self._now(),
        )
        if question_id is None:
            return None
        return Claim(question_id, whole, plan.ways[ruling.offer], event=event)

    async def _refused(
        self, session: AsyncSession, plan: Plan, refused: Refused, whole: Trace
    ) -> Claim | None:
        question_id = await ledger.claim(
            session,
            self._box,
            plan.question,
            model_id=plan.offers[0].model_id if plan.offers else None,
            refused=refused.state,
            trace=trace.dump(whole),
            now=self._now(),
        )
        return None if question_id is None else Claim(question_id, whole, refused=refused)

    async def _ruled(self, session: AsyncSession, plan: Plan) -> Ruling:
        question = plan.question
        used = await self._used(session, plan.limits, question.place, question.asker.user_id)
        return judge(plan.limits, used, plan.offers, plan.settings.budget, self._now())

    async def _used(
        self, session: AsyncSession, limits: Collection[Limit], place: Place, user_id: int
    ) -> dict[Limit, Used]:
        now = self._now()
        return await quota.used(
            session,
            tuple(limits),
            guild_id=place.guild_id,
            user_ids=(user_id, mark_of(self._box, user_id, now)),
            now=now,
        )


def _event(plan: Plan, ruling: Ruling, now: dt.datetime) -> BudgetEvent | None:
    limit, guild_id = ruling.reached, plan.question.place.guild_id
    if limit is None or guild_id is None:
        return None
    return BudgetEvent(
        guild_id=guild_id,
        period="month" if limit.window is Window.MONTH else "day",
        level="full" if ruling.full else "share",
        spent_nano=ruling.spent,
        limit_nano=limit.most,
        resets_at=limit.resets_at(now),
        cheaper=plan.offers[1].model_id if len(plan.offers) > 1 else None,
    )
