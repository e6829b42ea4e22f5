"""A real database in a folder of the test's own, and the questions to put into it.

`VIDI_TEST_POSTGRESQL=postgresql+asyncpg://postgres@127.0.0.1:5432` has the same tests run there."""

import asyncio
import atexit
import datetime as dt
import hashlib
import os
import sqlite3
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, closing
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.db import ledger
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.types import Asker, Delivery, Entry, Place, Question, Receipt

NOON = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
ALICE, BOB = 100000000000000001, 100000000000000002
GUILD, CHANNEL = 200000000000000001, 300000000000000001


SERVER = os.environ.get("VIDI_TEST_POSTGRESQL")
only_sqlite = pytest.mark.skipif(bool(SERVER), reason="this is about SQLite")
only_postgresql = pytest.mark.skipif(not SERVER, reason="VIDI_TEST_POSTGRESQL names no server")

_T = TypeVar("_T")


def url_of(folder: Path, *, busy_seconds: float = 10) -> str:
    if SERVER:
        return _database_of(folder)
    return f"sqlite+aiosqlite:///{folder / 'vidi.db'}?timeout={busy_seconds}"


def open_database(
    folder: Path, *, busy_seconds: float = 10
) -> AbstractAsyncContextManager[Database]:
    return Database.open(url_of(folder, busy_seconds=busy_seconds), folder)


def a_question(
    source_id: int,
    *,
    user_id: int = ALICE,
    guild_id: int | None = GUILD,
    delivery: Delivery | None = None,
) -> Question:
    return Question(
        source_id=source_id,
        entry=Entry.ASK,
        asker=Asker(user_id),
        place=Place(guild_id, CHANNEL),
        text="What does it say?",
        images=(),
        delivery=delivery,
    )


async def claim(
    db: Database,
    box: SecretBox,
    question: Question,
    *,
    model_id: str | None = "test/model",
    reserve_nano: int = 1000,
    refused: str | None = None,
    now: dt.datetime = NOON,
) -> int | None:
    return await db.transact(
        lambda session: ledger.claim(
            session,
            box,
            question,
            model_id=model_id,
            reserve_nano=reserve_nano,
            refused=refused,
            now=now,
        )
    )


async def claimed_id(
    db: Database, box: SecretBox, question: Question, *, now: dt.datetime = NOON
) -> int:
    claimed = await claim(db, box, question, now=now)
    assert claimed is not None
    return claimed


async def receipt(db: Database, question_id: int) -> Receipt:
    found = await db.read(lambda session: ledger.receipt(session, question_id))
    assert found is not None
    return found


def rows_of(folder: Path, query: str, **values: object) -> list[dict[str, Any]]:
    """Ask the database past the bot, from a connection of one's own."""
    if SERVER:
        return _apart(_asked(url_of(folder), query, values))
    with closing(sqlite3.connect(folder / "vidi.db")) as db, db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(query, values)]


@cache
def _database_of(folder: Path) -> str:
    """Make a database for this folder unless another process did; it goes with the maker."""
    name = f"vidi_{hashlib.sha256(bytes(folder.resolve())).hexdigest()[:20]}"
    server = make_url(SERVER or "").set(database="postgres")
    where = server.render_as_string(hide_password=False)
    if not _apart(_asked(where, "SELECT 1 FROM pg_database WHERE datname = :name", {"name": name})):
        _apart(_asked(where, f"CREATE DATABASE {name}"))
        drop = f"DROP DATABASE {name} WITH (FORCE)"
        atexit.register(lambda: asyncio.run(_asked(where, drop)))
    return server.set(database=name).render_as_string(hide_password=False)


async def _asked(
    url: str, query: str, values: dict[str, object] | None = None
) -> list[dict[str, Any]]:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        found = await connection.execute(text(query), values)
        return [dict(row) for row in found.mappings()] if found.returns_rows else []


def _apart(work: Coroutine[Any, Any, _T]) -> _T:
    """Run this to its end, whether or not a loop is running here."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("vidi.db*"))
