"""Deletion: what leads to one person is erased everywhere; figures stay as nobody's.

A question that is nobody's has a `source_id` below zero. `bot.db.turns` and `bot.db.deliveries`
write nothing down for it any more, so one that is just being answered leaves nothing either."""

import datetime as dt

from sqlalchemy import ColumnElement, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import month_of
from bot.db.guild_tables import BlockRow, GuildKeyRow, SettingsChangeRow
from bot.db.keys import SecretBox
from bot.db.people import mark_of
from bot.db.tables import answer_pages, deliveries, questions, turns

NOBODY = 0


async def count(session: AsyncSession, user_id: int) -> tuple[int, int]:
    """Give how many questions of a person are written down, and how many with their text."""
    mine = select(questions.c.id).where(questions.c.user_id == user_id)
    asked = await session.scalar(select(func.count()).select_from(mine.subquery()))
    kept = await session.scalar(select(func.count()).where(turns.c.question_id.in_(mine)))
    return asked or 0, kept or 0


async def erase_question(
    session: AsyncSession, box: SecretBox, question_id: int, user_id: int, now: dt.datetime
) -> None:
    """Erase what leads from one question to the person who asked it."""
    row = questions.c
    await _orphan(session, box, (row.id == question_id, row.user_id == user_id), user_id, now)


async def erase_person(
    session: AsyncSession, box: SecretBox, user_id: int, now: dt.datetime
) -> None:
    """Erase what leads to a person; limits of this month know their questions by a mark."""
    await _orphan(session, box, (questions.c.user_id == user_id,), user_id, now)
    for row, column in (
        (SettingsChangeRow, SettingsChangeRow.user_id),
        (GuildKeyRow, GuildKeyRow.set_by),
        (BlockRow, BlockRow.blocked_by),
    ):
        await session.execute(update(row).where(column == user_id).values({column: NOBODY}))


async def _orphan(
    session: AsyncSession,
    box: SecretBox,
    which: tuple[ColumnElement[bool], ...],
    user_id: int,
    now: dt.datetime,
) -> None:
    """Make questions nobody's, with all that is kept of their text."""
    mine = select(questions.c.id).where(*which)
    # One that is just being answered is waited for, so that what it writes down goes, too.
    await session.execute(select(func.count()).select_from(mine.with_for_update().subquery()))
    for table in (turns, deliveries, answer_pages):
        await session.execute(delete(table).where(table.c.question_id.in_(mine)))
    this_month = questions.c.created_at >= month_of(now)
    await session.execute(
        update(questions)
        .where(*which)
        .values(
            user_id=case((this_month, mark_of(box, user_id, now)), else_=NOBODY),
            source_id=-questions.c.id,
            channel_id=NOBODY,
            answer_message_id=None,
            trace=None,
        )
    )


async def fade_marks(session: AsyncSession, now: dt.datetime) -> None:
    """Make nobody's what was asked before this month: no limit looks back further.

    A question that ended after its deletion has had its trace written down; that goes, too."""
    await session.execute(
        update(questions)
        .where(questions.c.user_id < NOBODY, questions.c.created_at < month_of(now))
        .values(user_id=NOBODY)
    )
    await session.execute(
        update(questions)
        .where(questions.c.source_id < NOBODY, questions.c.trace.is_not(None))
        .values(trace=None)
    )
