"""Answers that somebody still waits for: what a new process needs to end them after a crash."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.dialect import insert_new
from bot.db.keys import SecretBox
from bot.db.tables import answer_pages, deliveries, questions
from bot.types import Delivery, Undelivered

TOKEN_LIFE = dt.timedelta(minutes=15)

_OWE = insert(deliveries)
_UPDATE = update(deliveries).where(deliveries.c.question_id == bindparam("owed_for"))
# Below zero is the question of somebody who had their data deleted meanwhile.
_ANSWERED_BY = update(questions).where(
    questions.c.id == bindparam("question_id"), questions.c.source_id >= 0
)
_DROP = delete(deliveries).where(deliveries.c.question_id == bindparam("owed_for"))


async def owe(
    session: AsyncSession, box: SecretBox, question_id: int, delivery: Delivery, *, now: dt.datetime
) -> None:
    """Write down where the answer must appear."""
    token = delivery.token and box.seal(delivery.token, bound_to=_token_place(question_id))
    row = {
        "question_id": question_id,
        "channel_id": delivery.channel_id,
        "message_id": delivery.message_id,
        "application_id": delivery.application_id,
        "token": token,
        "created_at": now,
    }
    await session.execute(_OWE, row)


async def keep_text(session: AsyncSession, box: SecretBox, question_id: int, text: str) -> None:
    """Keep the answer's text until it is delivered."""
    sealed = box.seal(text, bound_to=_text_place(question_id))
    await session.execute(_UPDATE, {"owed_for": question_id, "text": sealed})


async def placed(session: AsyncSession, question_id: int, message_id: int) -> None:
    """Remember the message that shows the answer while it grows."""
    # The question first, as wherever both are written: else two could wait for each other.
    await _answered_by(session, question_id, message_id)
    await session.execute(_UPDATE, {"owed_for": question_id, "message_id": message_id})


async def delivered(session: AsyncSession, question_id: int, message_ids: Sequence[int]) -> None:
    """Remember the answer's messages, first page first; nothing is owed any more."""
    known = bool(message_ids) and await _answered_by(session, question_id, message_ids[0])
    if known and (further := message_ids[1:]):
        pages = [{"message_id": page, "question_id": question_id} for page in further]
        await session.execute(insert_new(session, answer_pages, "message_id"), pages)
    await drop(session, question_id)


async def drop(session: AsyncSession, question_id: int) -> None:
    """Erase what is owed for a question."""
    await session.execute(_DROP, {"owed_for": question_id})


async def drop_older(session: AsyncSession, created_before: dt.datetime) -> None:
    """Erase what has been owed for too long to be of use."""
    await session.execute(delete(deliveries).where(deliveries.c.created_at < created_before))


async def undelivered(
    session: AsyncSession, box: SecretBox, *, older_than: dt.datetime | None, now: dt.datetime
) -> list[Undelivered]:
    """Give what is owed since before `older_than`: since its end, or, while it is open, its start.

    An interaction's token that has run out is left away."""
    since = func.coalesce(questions.c.finished_at, questions.c.created_at)
    owed = select(deliveries, questions.c.state).join_from(deliveries, questions)
    if older_than is not None:
        owed = owed.where(since < older_than)
    rows = await session.execute(owed.order_by(deliveries.c.question_id))
    return [_undelivered(box, row, now) for row in rows]


def _undelivered(box: SecretBox, row: Row[*tuple[Any, ...]], now: dt.datetime) -> Undelivered:
    fresh = row.created_at > now - TOKEN_LIFE
    delivery = Delivery(
        channel_id=row.channel_id,
        message_id=row.message_id,
        application_id=row.application_id,
        token=_opened(box, row.token, _token_place(row.question_id)) if fresh else None,
    )
    text = _opened(box, row.text, _text_place(row.question_id))
    return Undelivered(row.question_id, delivery, text, row.state)


async def _answered_by(session: AsyncSession, question_id: int, message_id: int) -> bool:
    row = {"question_id": question_id, "answer_message_id": message_id}
    result = await session.execute(_ANSWERED_BY, row)
    return bool(cast("CursorResult[tuple[()]]", result).rowcount)


def _opened(box: SecretBox, sealed: bytes | None, place: str) -> str | None:
    return None if sealed is None else box.open(sealed, bound_to=place)


def _token_place(question_id: int) -> str:
    return f"deliveries.token:{question_id}"


def _text_place(question_id: int) -> str:
    return f"deliveries.text:{question_id}"
