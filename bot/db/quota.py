"""How much of a guild's or a person's limits is used, read in one statement.

Every function takes the session and writes nothing."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import questions, reached_a_model
from bot.policy.types import Limit, Scope, Used, Window

_counts_for = func.coalesce(questions.c.cost_nano_usd, questions.c.reserved_nano_usd)
_cost_something = func.coalesce(questions.c.cost_nano_usd, 1) > 0
_counts = and_(reached_a_model(), or_(questions.c.state.not_like("failed:%"), _cost_something))
# What is refused at once ends at the moment it began.
_was_tried = or_(
    questions.c.finished_at.is_(None), questions.c.finished_at != questions.c.created_at
)


async def used(
    session: AsyncSession,
    limits: Sequence[Limit],
    *,
    guild_id: int | None,
    user_ids: Collection[int],
    now: dt.datetime,
) -> dict[Limit, Used]:
    """Give what is used of each limit at this moment.

    `user_ids` are the asker's own and the mark that stands for what they had erased. Refused
    questions don't count, nor do failed ones that cost nothing, but for a minute's rate they do
    once anything was tried; open ones count for their reservation."""
    if not limits:
        return {}
    columns: list[ScalarSelect[Any]] = []
    for limit in limits:
        where = _where(limit, guild_id, user_ids, limit.since(now))
        columns.append(_amount(limit, where))
        if limit.window is Window.MINUTE:
            columns.append(select(func.min(questions.c.created_at)).where(*where).scalar_subquery())
    found = iter((await session.execute(select(*columns))).one())
    return {
        # PostgreSQL sums integers up as decimals.
        limit: Used(int(next(found) or 0), next(found) if limit.window is Window.MINUTE else None)
        for limit in limits
    }


def _amount(limit: Limit, where: list[ColumnElement[bool]]) -> ScalarSelect[Any]:
    amount = func.sum(_counts_for) if limit.money else func.count()
    return select(amount).select_from(questions).where(*where).scalar_subquery()


def _where(
    limit: Limit, guild_id: int | None, user_ids: Collection[int], since: dt.datetime
) -> list[ColumnElement[bool]]:
    row = questions.c
    where: list[ColumnElement[bool]] = [row.created_at >= since, row.guild_id == guild_id]
    if limit.scope in (Scope.MEMBER, Scope.PERSON):
        where.append(row.user_id.in_(user_ids))
    if limit.scope is Scope.OPERATOR:
        where.append(row.own_key.is_(False))
    if limit.window is Window.MINUTE:
        where.append(or_(_counts, _was_tried))
    elif not limit.money:
        where.append(_counts)
    return where
