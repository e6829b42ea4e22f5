"""The ledger: a question's row is its claim, its reservation and its receipt.

Every function takes the session and commits nothing. A question is open until exactly one call
ends it; whoever comes second changes nothing."""

import datetime as dt
from collections.abc import Collection
from dataclasses import fields
from typing import Any, cast

from sqlalchemy import CursorResult, Update, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import deliveries, turns
from bot.db.dialect import insert_new
from bot.db.keys import SecretBox
from bot.db.tables import INTERRUPTED, OPEN, questions
from bot.types import Exchange, Question, Receipt, Usage

_is_open = questions.c.finished_at.is_(None)
_SETTLE = update(questions).where(questions.c.id == bindparam("question_id"), _is_open)


async def claim(
    session: AsyncSession,
    box: SecretBox,
    question: Question,
    *,
    now: dt.datetime,
    model_id: str | None = None,
    reserve_nano: int = 0,
    own_key: bool = False,
    refused: str | None = None,
    trace: str | None = None,
) -> int | None:
    """Claim a question and reserve its worst-case cost, or write its refusal down at once.

    Gives its id, None when this source was claimed before. `refused` is the state of a refusal."""
    is_open = refused is None
    row = {
        "source_id": question.source_id,
        "entry": question.entry,
        "guild_id": question.place.guild_id,
        "channel_id": question.place.channel_id,
        "user_id": question.asker.user_id,
        "model_id": model_id,
        "state": refused or OPEN,
        "images": 0,
        "sent_bytes": 0,
        "reserved_nano_usd": reserve_nano if is_open else 0,
        "cost_nano_usd": None if is_open else 0,
        "duration_ms": None if is_open else 0,
        "own_key": own_key,
        "trace": trace,
        "created_at": now,
        "finished_at": None if is_open else now,
    }
    question_id = await session.scalar(insert_new(session, questions, "source_id"), row)
    if question_id is not None and question.delivery and is_open:
        await deliveries.owe(session, box, question_id, question.delivery, now=now)
    return question_id


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
    own_key: bool | None = None,
    trace: str | None = None,
    text: str | None = None,
    exchange: Exchange | None = None,
    erase_at: dt.datetime | None = None,
) -> bool:
    """End an open question; False, and nothing changed, when it had already ended.

    Without `usage` it cost nothing; usage without a cost keeps the reservation as what it counts
    for. `text` waits sealed until it is delivered, `exchange` until `erase_at` (None: not kept).
    `model_id`, `own_key` and `trace` are given where they differ from what was claimed."""
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
    changed = {"model_id": model_id, "own_key": own_key, "trace": trace}
    row |= {name: value for name, value in changed.items() if value is not None}
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


async def erase_traces(session: AsyncSession, before: dt.datetime) -> None:
    """Erase how questions asked before a moment were decided."""
    old = update(questions).where(questions.c.trace.is_not(None), questions.c.created_at < before)
    await session.execute(old.values(trace=None))


async def forget(session: AsyncSession, question_id: int) -> None:
    """Erase a question's text: its exchange, and the answer where it was still owed."""
    await turns.erase(session, question_id)
    await deliveries.drop(session, question_id)


async def receipt(session: AsyncSession, question_id: int) -> Receipt | None:
    """Give everything that is written down about a question."""
    columns = [questions.c[field.name] for field in fields(Receipt)]
    row = (await session.execute(select(*columns).where(questions.c.id == question_id))).first()
    return None if row is None else Receipt(*row)


async def asked_by(session: AsyncSession, source_id: int) -> int | None:
    """Give the question that this message or interaction asked; None if it asked none."""
    return await session.scalar(select(questions.c.id).where(questions.c.source_id == source_id))


async def last_of(session: AsyncSession, user_id: int, channel_id: int) -> int | None:
    """Give somebody's last question in a channel; None if they asked none there."""
    asked = questions.c
    latest = select(asked.id).where(asked.user_id == user_id, asked.channel_id == channel_id)
    return await session.scalar(latest.order_by(asked.created_at.desc()).limit(1))


async def _changed(session: AsyncSession, statement: Update, row: dict[str, Any]) -> int:
    result = await session.execute(statement, row)
    return cast("CursorResult[tuple[()]]", result).rowcount
