import asyncio
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database, journal_mode
from bot.db.keys import SecretBox
from bot.db.tables import questions
from bot.errors import StorageBusy, StorageError
from tests.storage import NOON, a_question, claim, only_sqlite, open_database

pytestmark = only_sqlite


def adding(source_id: int):
    async def work(session: AsyncSession) -> int:
        row = {
            "source_id": source_id,
            "entry": "ask",
            "channel_id": 1,
            "user_id": 1,
            "state": "open",
            "reserved_nano_usd": 0,
            "created_at": NOON,
        }
        await session.execute(insert(questions), row)
        return source_id

    return work


async def count(db: Database) -> int:
    async def work(session: AsyncSession) -> int:
        return await session.scalar(select(func.count()).select_from(questions)) or 0

    return await db.read(work)


@contextmanager
def foreign_lock(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


async def test_a_transaction_that_raises_leaves_nothing(db: Database) -> None:
    async def work(session: AsyncSession) -> None:
        await adding(1)(session)
        raise KeyError("no")

    with pytest.raises(KeyError):
        await db.transact(work)
    assert await count(db) == 0


async def test_the_schema_refuses_an_open_question_that_is_finished(db: Database) -> None:
    async def work(session: AsyncSession) -> None:
        await adding(1)(session)
        await session.execute(text("UPDATE questions SET state = 'answered'"))

    with pytest.raises(Exception, match="open_until_finished"):
        await db.transact(work)
    assert await count(db) == 0


async def test_random_cancellations_lose_neither_a_transaction_nor_the_connection(
    db: Database,
) -> None:
    opened: list[object] = []
    event.listen(db._engine.sync_engine, "connect", lambda *_: opened.append(1))
    await count(db)
    rng = random.Random(7)
    told: set[int] = set()

    async def ask(source_id: int) -> None:
        await db.transact(adding(source_id), then=told.add)

    started = time.perf_counter()
    await ask(1000)
    usual = time.perf_counter() - started

    async def hasty(source_id: int) -> bool:
        await count(db)  # starts when the one before has ended, so that every moment is hit
        task = asyncio.create_task(ask(source_id))
        await asyncio.sleep(rng.random() * 2 * usual)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return False
        return True

    done = [await hasty(source_id) for source_id in range(200)]
    await count(db)
    assert 0 < sum(done) < 200, "cancelled at moments that prove nothing"

    async def stored(session: AsyncSession) -> set[int]:
        return set(await session.scalars(select(questions.c.source_id)))

    kept = await db.read(stored)
    assert kept == told
    assert {n for n, heard in enumerate(done) if heard} <= kept
    assert len(opened) == 1


async def test_a_cancelled_caller_still_gets_then_called(db: Database) -> None:
    told: list[int] = []
    task = asyncio.create_task(db.transact(adding(5), then=told.append))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(db) == 1
    assert told == [5]


async def test_closing_waits_for_transactions_whose_callers_are_gone(tmp_path: Path) -> None:
    async with open_database(tmp_path) as db:
        task = asyncio.create_task(db.transact(adding(1)))
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(StorageBusy):
        await db.transact(adding(2))
    async with open_database(tmp_path) as db:
        assert await count(db) == 1


async def test_a_failure_nobody_waits_for_is_logged(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(session: AsyncSession) -> None:
        await session.execute(select(1))
        raise KeyError("lost")

    task = asyncio.create_task(db.transact(work))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await count(db)
    assert "after its caller had gone" in caplog.text


async def test_a_database_locked_for_a_moment_only_delays(
    db: Database, box: SecretBox, tmp_path: Path
) -> None:
    with foreign_lock(tmp_path / "vidi.db") as other:
        timer = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
        timer.start()
        assert await claim(db, box, a_question(1)) is not None
        timer.join()


async def test_a_database_locked_for_long_is_a_sentence_and_writes_nothing(tmp_path: Path) -> None:
    async with open_database(tmp_path, busy_seconds=0.1) as db:
        with foreign_lock(tmp_path / "vidi.db"):
            with pytest.raises(StorageBusy, match="Try again"):
                await db.transact(adding(1))
            with pytest.raises(StorageBusy):
                await count(db)
        assert await count(db) == 0
        await db.transact(adding(2))


async def test_a_reader_that_blocks_the_commit_is_a_sentence_too(tmp_path: Path) -> None:
    async with open_database(tmp_path, busy_seconds=0.1) as db:
        if journal_mode(sqlite3.sqlite_version_info) == "WAL":
            pytest.skip("in WAL a reader blocks nobody")
        with closing(sqlite3.connect(tmp_path / "vidi.db", isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM questions").fetchall()
            with pytest.raises(StorageBusy):
                await db.transact(adding(1))
        assert await count(db) == 0


async def test_a_full_disk_is_a_sentence_and_the_next_write_works_again(db: Database) -> None:
    async def limit(session: AsyncSession, pages: int) -> None:
        await session.execute(text(f"PRAGMA max_page_count = {pages}"))

    async def a_lot(session: AsyncSession) -> None:
        for source_id in range(2000):
            await adding(source_id)(session)

    await db.read(lambda session: limit(session, 30))
    with pytest.raises(StorageBusy):
        await db.transact(a_lot)
    assert await count(db) == 0
    await db.read(lambda session: limit(session, 100_000))
    await db.transact(adding(1))
    assert await count(db) == 1


async def test_wrong_sql_is_not_called_busy(db: Database) -> None:
    async def work(session: AsyncSession) -> None:
        await session.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(OperationalError):
        await db.read(work)


async def test_another_process_may_read_while_the_bot_runs(db: Database, tmp_path: Path) -> None:
    await db.transact(adding(1))
    script = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]))"
    command = [
        sys.executable,
        "-c",
        script,
        tmp_path / "vidi.db",
        "SELECT source_id FROM questions",
    ]
    found = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)
    assert found.stdout.strip() == b"(1,)"


async def test_a_second_process_on_the_same_database_is_refused(tmp_path: Path) -> None:
    async with open_database(tmp_path) as db:
        with pytest.raises(StorageError, match="already uses"):
            async with open_database(tmp_path):
                pass
        await db.transact(adding(1))
    async with open_database(tmp_path) as db:
        assert await count(db) == 1


async def test_another_name_for_the_file_is_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(tmp_path)
    async with open_database(tmp_path):
        with pytest.raises(StorageError, match="already uses"):
            async with open_database(tmp_path / "alias"):
                pass


async def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    async with open_database(tmp_path / "data"):
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    assert modes["vidi.db"] == 0o600
    assert set(modes.values()) == {0o600}


async def damage_is_refused(tmp_path: Path, damage: bytes, offset: int) -> None:
    async with open_database(tmp_path) as db:
        await db.transact(adding(1))
    file = tmp_path / "vidi.db"
    content = bytearray(file.read_bytes())
    content[offset : offset + len(damage)] = damage
    file.write_bytes(content)
    with pytest.raises(StorageError, match=r"vidi\.db can't be used") as caught:
        async with open_database(tmp_path):
            pass
    assert "backup" in caught.value.sentence
    assert file.read_bytes() == content


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    await damage_is_refused(tmp_path, b"not a database at all", 0)


async def test_flipped_bytes_in_a_page_are_found_and_left_alone(tmp_path: Path) -> None:
    await damage_is_refused(tmp_path, b"\xff" * 64, 4096)


async def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="can't be used"):
        async with open_database(tmp_path / "file" / "data"):
            pass


@pytest.mark.parametrize("url", ["nonsense", "", "sqlite+nope:///x.db", "sqlite://"])
async def test_a_wrong_url_is_a_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(StorageError, match="VIDI_DATABASE_URL"):
        async with Database.open(url, tmp_path):
            pass


async def test_a_missing_driver_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="asyncpg"):
        async with Database.open("postgresql://bot:hunter2@localhost/vidi", tmp_path):
            pass


async def test_a_plain_sqlite_url_works(tmp_path: Path) -> None:
    async with Database.open(f"sqlite:///{tmp_path / 'vidi.db'}", tmp_path) as db:
        await db.transact(adding(1))
        assert await count(db) == 1


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "TRUNCATE"),
        ((3, 44, 5), "TRUNCATE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "TRUNCATE"),
        ((3, 50, 6), "TRUNCATE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 2), "TRUNCATE"),
        ((3, 51, 3), "WAL"),
        ((3, 60, 0), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_wal_is_used_only_where_its_bug_is_fixed(version: tuple[int, int, int], mode: str) -> None:
    assert journal_mode(version) == mode


async def test_the_pragmas_are_in_force(db: Database) -> None:
    async def pragmas(session: AsyncSession) -> list[object]:
        names = ("synchronous", "foreign_keys", "busy_timeout", "journal_mode")
        return [await session.scalar(text(f"PRAGMA {name}")) for name in names]

    mode = journal_mode(sqlite3.sqlite_version_info).lower()
    assert await db.read(pragmas) == [2, 1, 10_000, mode]
