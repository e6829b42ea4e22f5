"""What was asked and what it cost, summed up."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import proofs
from bot.db.engine import Database
from bot.db.proofs import ProofCosts
from bot.db.tables import ANSWERED, OPEN, QuestionRow, reached_a_model

DELETED = 0
"""The user id of everybody who had their data deleted; a row itself may say less than that."""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """The sums of one model or member. `unpriced` counts questions whose cost nobody knows."""

    key: str
    questions: int
    input_tokens: int
    output_tokens: int
    cost_nano_usd: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """The sums of a span of time. Refused questions aren't in it: they reached no model.

    Rows come dearest first; members are keyed by user id, all deleted ones by DELETED, models by
    model_id. `proofs` of sight are no questions: what they cost is in no other figure."""

    questions: int
    answered: int
    input_tokens: int
    output_tokens: int
    cost_nano_usd: int
    unpriced: int
    by_model: tuple[UsageRow, ...]
    by_member: tuple[UsageRow, ...]
    proofs: ProofCosts


class _Sums(NamedTuple):
    model_id: str | None
    user_id: int
    questions: int
    answered: int
    input_tokens: int
    output_tokens: int
    cost_nano_usd: int
    unpriced: int


async def summary(
    db: Database, *, guild_id: int | None, user_id: int | None, since: dt.datetime
) -> UsageSummary:
    """Sum up questions since a moment, of one guild, one person, both, or (None, None) all."""

    async def work(session: AsyncSession) -> tuple[list[_Sums], ProofCosts]:
        found = await session.execute(_sums(guild_id, user_id, since))
        # PostgreSQL sums up to decimals.
        rows = [_Sums(model, member, *map(int, sums)) for model, member, *sums in found]
        # Proofs are nobody's own.
        tried = ProofCosts() if user_id else await proofs.costs(session, guild_id, since)
        return rows, tried

    rows, tried = await db.read(work)
    return UsageSummary(
        questions=sum(row.questions for row in rows),
        answered=sum(row.answered for row in rows),
        input_tokens=sum(row.input_tokens for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
        cost_nano_usd=sum(row.cost_nano_usd for row in rows),
        unpriced=sum(row.unpriced for row in rows),
        by_model=_by([(row.model_id or "", row) for row in rows]),
        by_member=_by([(str(max(row.user_id, DELETED)), row) for row in rows]),
        proofs=tried,
    )


def _sums(
    guild_id: int | None, user_id: int | None, since: dt.datetime
) -> Select[*tuple[Any, ...]]:
    """Ask for no more than the index `ix_questions_usage` has."""
    row = QuestionRow
    unpriced = and_(row.state != OPEN, row.cost_nano_usd.is_(None))
    query = (
        select(
            row.model_id,
            row.user_id,
            func.count(),
            func.sum(case((row.state == ANSWERED, 1), else_=0)),
            func.coalesce(func.sum(row.input_tokens), 0),
            func.coalesce(func.sum(row.output_tokens), 0),
            func.coalesce(func.sum(row.cost_nano_usd), 0),
            func.sum(case((unpriced, 1), else_=0)),
        )
        .where(row.created_at >= since, reached_a_model())
        .group_by(row.model_id, row.user_id)
    )
    if guild_id is not None:
        query = query.where(row.guild_id == guild_id)
    if user_id is not None:
        query = query.where(row.user_id == user_id)
    return query


def _by(keyed: list[tuple[str, _Sums]]) -> tuple[UsageRow, ...]:
    groups: defaultdict[str, list[_Sums]] = defaultdict(list)
    for key, row in keyed:
        groups[key].append(row)
    rows = [_total(key, group) for key, group in groups.items()]
    return tuple(sorted(rows, key=lambda row: (-row.cost_nano_usd, -row.questions, row.key)))


def _total(key: str, group: list[_Sums]) -> UsageRow:
    return UsageRow(
        key=key,
        questions=sum(row.questions for row in group),
        input_tokens=sum(row.input_tokens for row in group),
        output_tokens=sum(row.output_tokens for row in group),
        cost_nano_usd=sum(row.cost_nano_usd for row in group),
        unpriced=sum(row.unpriced for row in group),
    )
