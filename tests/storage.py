"""A real database in a folder of the test's own, and the questions to put into it."""

import datetime as dt
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bot.db import ledger
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.types import Asker, Delivery, Entry, Place, Question, Receipt

NOON = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
ALICE, BOB = 100000000000000001, 100000000000000002
GUILD, CHANNEL = 200000000000000001, 300000000000000001


def url_of(folder: Path, *, busy_seconds: float = 10) -> str:
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


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("vidi.db*"))
