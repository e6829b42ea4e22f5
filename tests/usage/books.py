"""Rows of questions for a real database, written without the story that leads to them."""

import datetime as dt
import itertools
from collections.abc import Iterable

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database
from bot.db.tables import questions

NOON = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
ALICE, BOB = 100000000000000001, 100000000000000002
GUILD, CHANNEL = 200000000000000001, 300000000000000001

_sources = itertools.count(1)


def a_row(
    cost: int | None = 1000,
    *,
    user_id: int = ALICE,
    guild_id: int | None = GUILD,
    model_id: str | None = "test/model",
    state: str = "answered",
    tokens: tuple[int | None, int | None] = (10, 2),
    reserved: int = 5000,
    now: dt.datetime = NOON,
    **more: object,
) -> dict[str, object]:
    """Give the values of a question; `state` open leaves it unfinished."""
    is_open = state == "open"
    return {
        "source_id": next(_sources),
        "entry": "ask",
        "guild_id": guild_id,
        "channel_id": CHANNEL,
        "user_id": user_id,
        "model_id": model_id,
        "state": state,
        "host": "api.example",
        "images": 1,
        "sent_bytes": 100,
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "reserved_nano_usd": reserved,
        "cost_nano_usd": None if is_open else cost,
        "cost_source": "provider",
        "duration_ms": 5,
        "own_key": False,
        "created_at": now,
        "finished_at": None if is_open else now,
        **more,
    }


async def write(db: Database, rows: Iterable[dict[str, object]]) -> None:
    """Write rows down, all at once."""
    values = list(rows)

    async def work(session: AsyncSession) -> None:
        if values:
            await session.execute(insert(questions), values)

    await db.transact(work)
