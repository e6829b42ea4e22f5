"""What was asked and what it cost, by day and model, by member, or by hour and weekday."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.dialect import utc_day, utc_hour
from bot.db.engine import Database
from bot.db.tables import OPEN, QuestionRow, reached_a_model
from bot.usage import DELETED

By = Literal["days", "members", "hours"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """The sums of one place in a chart. `unpriced` counts questions whose cost nobody knows.

    By days: `column` is a date, `line` a model_id. By members: `column` is a user id. By hours:
    `column` is an hour like 09, `line` a weekday from 0 (Monday) to 6. All of them in UTC."""

    column: str
    line: str
    questions: int
    cost_nano_usd: int
    unpriced: int


async def buckets(db: Database, by: By, *, guild_id: int, since: dt.datetime) -> tuple[Bucket, ...]:
    """Sum up a guild's questions since a moment; refused ones aren't in it. Dearest first."""
    keys = _keys(by)

    async def work(session: AsyncSession) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await session.execute(_sums(keys, guild_id, since))]

    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in await db.read(work):
        total = sums[_place(by, row[: len(keys)])]
        for at, figure in enumerate(row[len(keys) :]):
            total[at] += int(figure)
    found = [Bucket(*place, *total) for place, total in sums.items()]
    return tuple(sorted(found, key=lambda b: (-b.cost_nano_usd, -b.questions, b.column, b.line)))


def _keys(by: By) -> tuple[ColumnElement[Any], ...]:
    row = QuestionRow
    match by:
        case "days":
            return utc_day(row.created_at), row.model_id.expression
        case "members":
            return (row.user_id.expression,)
        case "hours":
            return (utc_hour(row.created_at),)


def _place(by: By, key: tuple[Any, ...]) -> tuple[str, str]:
    match by:
        case "days":
            return key[0], key[1] or ""
        case "members":
            return str(max(key[0], DELETED)), ""
        case "hours":
            day, _space, hour = key[0].partition(" ")
            return hour, str(dt.date.fromisoformat(day).weekday())


def _sums(
    keys: tuple[ColumnElement[Any], ...], guild_id: int, since: dt.datetime
) -> Select[*tuple[Any, ...]]:
    """Ask for no more than the index `ix_questions_usage` has."""
    row = QuestionRow
    unpriced = and_(row.state != OPEN, row.cost_nano_usd.is_(None))
    return (
        select(
            *keys,
            func.count(),
            func.coalesce(func.sum(row.cost_nano_usd), 0),
            func.sum(case((unpriced, 1), else_=0)),
        )
        .where(row.guild_id == guild_id, row.created_at >= since, reached_a_model())
        .group_by(*keys)
    )
