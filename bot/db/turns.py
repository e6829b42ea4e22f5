"""Exchanges that can still be followed up: sealed, and erased when their time has come."""

import dataclasses
import datetime as dt
import json
from typing import cast

import msgspec
from sqlalchemy import CursorResult, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.keys import SecretBox
from bot.db.tables import answer_pages, questions, turns
from bot.types import Exchange, ImageRef

# Below zero is the question of somebody who had their data deleted meanwhile.
_KEEP = insert(turns).from_select(
    ["question_id", "exchange", "erase_at"],
    select(
        questions.c.id,
        bindparam("exchange", type_=turns.c.exchange.type),
        bindparam("erase_at", type_=turns.c.erase_at.type),
    ).where(questions.c.id == bindparam("question_id"), questions.c.source_id >= 0),
)


async def keep(
    session: AsyncSession, box: SecretBox, exchange: Exchange, *, erase_at: dt.datetime
) -> None:
    """Write an exchange down until `erase_at`; the bytes of its pictures are left out.

    Nothing is written for a question that is nobody's any more."""
    row = {
        "question_id": exchange.question_id,
        "exchange": _sealed(box, exchange),
        "erase_at": erase_at,
    }
    await session.execute(_KEEP, row)


async def load(session: AsyncSession, box: SecretBox, question_id: int) -> Exchange | None:
    """Give the exchange of a question; None when it is erased or no key opens it."""
    sealed = await session.scalar(
        select(turns.c.exchange).where(turns.c.question_id == question_id)
    )
    text = sealed and box.open(sealed, bound_to=_place(question_id))
    if not text:
        return None
    try:
        return msgspec.convert(json.loads(text), Exchange)
    except msgspec.ValidationError:  # written by a version that kept other facts
        return None


async def reattach(
    session: AsyncSession, box: SecretBox, question_id: int, images: tuple[ImageRef, ...]
) -> None:
    """Replace the pictures of a kept exchange: where they hang now."""
    exchange = await load(session, box, question_id)
    if exchange is None:
        return
    sealed = _sealed(box, msgspec.structs.replace(exchange, images=images))
    await session.execute(
        update(turns).where(turns.c.question_id == question_id).values(exchange=sealed)
    )


async def question_of_message(session: AsyncSession, message_id: int) -> int | None:
    """Give the question that this message answers, be it the first page or a further one."""
    first = select(questions.c.id).where(questions.c.answer_message_id == message_id)
    further = select(answer_pages.c.question_id).where(answer_pages.c.message_id == message_id)
    return await session.scalar(first.union_all(further).limit(1))


async def pages(session: AsyncSession, question_id: int) -> tuple[int, ...]:
    """Give the messages that show the answer to a question, first page first."""
    first = select(questions.c.answer_message_id).where(
        questions.c.id == question_id, questions.c.answer_message_id.is_not(None)
    )
    further = select(answer_pages.c.message_id).where(answer_pages.c.question_id == question_id)
    # Ids ascend with time, so their order is that of the pages.
    return tuple(sorted(await session.scalars(first.union_all(further))))


async def erase(session: AsyncSession, question_id: int) -> None:
    """Erase one exchange."""
    await session.execute(delete(turns).where(turns.c.question_id == question_id))


async def erase_due(session: AsyncSession, now: dt.datetime) -> int:
    """Erase every exchange whose time has come; gives how many."""
    result = await session.execute(delete(turns).where(turns.c.erase_at <= now))
    return cast("CursorResult[tuple[()]]", result).rowcount


def _sealed(box: SecretBox, exchange: Exchange) -> bytes:
    links = tuple(dataclasses.replace(image, data=None) for image in exchange.images)
    facts = msgspec.to_builtins(msgspec.structs.replace(exchange, images=links))
    # json escapes a lone surrogate, which a model may write; msgspec refuses it.
    return box.seal(json.dumps(facts), bound_to=_place(exchange.question_id))


def _place(question_id: int) -> str:
    return f"turns.exchange:{question_id}"
