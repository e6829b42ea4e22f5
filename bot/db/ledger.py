"""The ledger: a question's row is its claim, its reservation and its receipt.

Every function takes the session and commits nothing. A question is open until exactly one call
ends it; whoever comes second changes nothing."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, cast

from sqlalchemy import CursorResult, Update, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import deliveries, turns
from bot.db.dialect import insert_new
from bot.db.keys import SecretBox
from bot.db.tables import INTERRUPTED, OPEN, questions, reached_a_model
from bot.errors import QuotaExceeded
from bot.types import Exchange, Question, Receipt, Usage

_is_open = questions.c.finished_at.is_(None)
_cost_something = func.coalesce(questions.c.cost_nano_usd, 1) > 0
_SETTLE = update(questions).where(questions.c.id == bindparam("question_id"), _is_open)


@dataclass(frozen=True, slots=True)
class Claim:
    """A question that is ours to answer, unless `quota_resets_at` says that it was refused."""

    question_id: int
    quota_resets_at: dt.datetime | None
    created_at: dt.datetime


async def claim(
    session: AsyncSession,
    box: SecretBox,
    question: Question,
    *,
    model_id: str | None,
    reserve_nano: int,
    refused: str | None,
    dm_daily: int | None,
    now: dt.datetime,
) -> Claim | None:
    """Claim a question and reserve its worst-case cost, or write its refusal down at once.

    Gives None when this source was claimed before. Outside guilds a person has `dm_daily`
    questions a UTC day; refused ones don't count, nor do failed ones that cost nothing."""
    resets_at = None if refused else await _quota_resets_at(session, question, dm_daily, now)
    state = QuotaExceeded.state if resets_at else refused or OPEN
    question_id = await _insert(session, question, model_id, reserve_nano, state, now)
    if question_id is None:
        return None
    if question.delivery and state == OPEN:
        await deliveries.owe(session, box, question_id, question.delivery, now=now)
    return Claim(question_id, resets_at, now)


async def settle(
    session: AsyncSession,
    box: SecretBox,
    question_id: int,
    *,
    state: str,
    now: dt.datetime,
    duration_ms: int,
    host: str | None = None,
    images: int = 0,
    sent_bytes: int = 0,
    usage: Usage | None = None,
    first_token_ms: int | None = None,
    model_id: str | None = None,
    text: str | None = None,
    exchange: Exchange | None = None,
    erase_at: dt.datetime | None = None,
) -> bool:
    """End an open question; False, and nothing changed, when it had already ended.

    Without `usage` it cost nothing; usage without a cost keeps the reservation as what it counts
    for. `text` waits sealed until it is delivered, `exchange` until `erase_at` (None: not kept).
    `model_id` is given when another model answered than the one that was claimed."""
    spent = usage or Usage(cost_nano_usd=0)
    row = {
        "question_id": question_id,
        "state": state,
        "host": host,
        "images": images,
        "sent_bytes": sent_bytes,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "cost_nano_usd": spent.cost_nano_usd,
        "cost_source": spent.cost_source if usage else None,
        "first_token_ms": first_token_ms,
        "duration_ms": duration_ms,
        "finished_at": now,
    }
    if model_id is not None:
        row["model_id"] = model_id
    if not await _changed(session, _SETTLE, row):
        return False
    if text is not None:
        await deliveries.keep_text(session, box, question_id, text)
    if exchange is not None and erase_at is not None:
        await turns.keep(session, box, exchange, erase_at=erase_at)
    return True


async def end_open(
    session: AsyncSession,
    *,
    opened_before: dt.datetime,
    now: dt.datetime,
    keep: Collection[int] = (),
    state: str = INTERRUPTED,
) -> int:
    """End every question opened before a moment, except those to `keep`; gives how many.

    What they cost is unknown, so each counts for its reservation."""
    return await _changed(
        session,
        update(questions).where(
            _is_open,
            questions.c.created_at < opened_before,
            questions.c.id.not_in(keep),
        ),
        {"state": state, "finished_at": now},
    )


async def forget(session: AsyncSession, question_id: int) -> None:
    """Erase a question's text: its exchange, and the answer where it was still owed."""
    await turns.erase(session, question_id)
    await deliveries.drop(session, question_id)


async def receipt(session: AsyncSession, question_id: int) -> Receipt | None:
    """Give everything that is written down about a question."""
    columns = [questions.c[field.name] for field in fields(Receipt)]
    row = (await session.execute(select(*columns).where(questions.c.id == question_id))).first()
    return None if row is None else Receipt(*row)


async def _insert(
    session: AsyncSession,
    question: Question,
    model_id: str | None,
    reserve_nano: int,
    state: str,
    now: dt.datetime,
) -> int | None:
    is_open = state == OPEN
    row = {
        "source_id": question.source_id,
        "entry": question.entry,
        "guild_id": question.place.guild_id,
        "channel_id": question.place.channel_id,
        "user_id": question.asker.user_id,
        "model_id": model_id,
        "state": state,
        "images": 0,
        "sent_bytes": 0,
        "reserved_nano_usd": reserve_nano if is_open else 0,
        "cost_nano_usd": None if is_open else 0,
        "duration_ms": None if is_open else 0,
        "created_at": now,
        "finished_at": None if is_open else now,
    }
    return await session.scalar(insert_new(session, questions, "source_id"), row)


async def _quota_resets_at(
    session: AsyncSession, question: Question, dm_daily: int | None, now: dt.datetime
) -> dt.datetime | None:
    if dm_daily is None or question.place.guild_id is not None:
        return None
    midnight = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = await session.scalar(
        select(func.count())
        .where(questions.c.user_id == question.asker.user_id)
        .where(questions.c.created_at >= midnight)
        .where(questions.c.guild_id.is_(None))
        .where(reached_a_model(), or_(questions.c.state.not_like("failed:%"), _cost_something))
    )
    return midnight + dt.timedelta(days=1) if (asked or 0) >= dm_daily else None


async def _changed(session: AsyncSession, statement: Update, row: dict[str, Any]) -> int:
    result = await session.execute(statement, row)
    return cast("CursorResult[tuple[()]]", result).rowcount
