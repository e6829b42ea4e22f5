"""Works that wait at the same time share a commit, and nothing else."""

import asyncio
import logging
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.db.engine import Database, journal_mode
from bot.db.together import LARGEST_GROUP, Together, Work
from bot.errors import StorageBusy
from bot.i18n import current_locale, use_locale
from tests.db.test_engine import adding, count, foreign_lock
from tests.storage import only_sqlite, open_database

pytestmark = only_sqlite


@pytest.fixture
async def ready(db: Database) -> Database:
    await count(db)  # connected, so that what is counted from now on is the test's
    return db


def commits_of(db: Database) -> list[object]:
    counted: list[object] = []
    event.listen(db._engine.sync_engine, "commit", counted.append)
    return counted


def failing(source_id: int) -> Work[int]:
    async def work(session: AsyncSession) -> int:
        await adding(source_id)(session)
        raise KeyError(source_id)

    return work


async def kept(db: Database) -> set[int]:
    async def work(session: AsyncSession) -> set[int]:
        return set(await session.scalars(text("SELECT source_id FROM questions")))

    return await db.read(work)


async def all_of(db: Database, *works: Work[int]) -> list[int | BaseException]:
    """Run the first alone and the others in one group, which waits for it."""
    return await asyncio.gather(*map(db.transact, works), return_exceptions=True)


async def test_works_that_wait_share_one_commit(ready: Database) -> None:
    commits = commits_of(ready)
    given = await all_of(ready, *map(adding, range(1, 11)))
    assert given == list(range(1, 11))
    assert len(commits) == 2
    assert await kept(ready) == set(range(1, 11))


async def test_a_work_alone_needs_no_savepoint(ready: Database) -> None:
    savepoints: list[object] = []
    event.listen(ready._engine.sync_engine, "savepoint", lambda *given: savepoints.append(given))
    await ready.transact(adding(1))
    assert savepoints == []
    await all_of(ready, adding(2), adding(3), adding(4))
    assert len(savepoints) == 2


async def test_a_group_is_bounded(ready: Database) -> None:
    commits = commits_of(ready)
    await all_of(ready, *map(adding, range(1, 2 + 2 * LARGEST_GROUP)))
    assert len(commits) == 3


async def test_a_work_that_fails_leaves_its_neighbours_committed(ready: Database) -> None:
    commits = commits_of(ready)
    one, two, three, four = await all_of(ready, adding(1), adding(2), failing(3), adding(4))
    assert (one, two, four) == (1, 2, 4)
    assert isinstance(three, KeyError)
    assert len(commits) == 2
    assert await kept(ready) == {1, 2, 4}


async def test_a_work_against_the_schema_or_with_wrong_sql_fails_alone(ready: Database) -> None:
    async def wrong(session: AsyncSession) -> int:
        await session.execute(text("SELECT * FROM nowhere"))
        return 0

    given = await all_of(ready, adding(1), adding(2), adding(2), wrong, adding(3))
    assert [each for each in given if isinstance(each, int)] == [1, 2, 3]
    assert [type(each) for each in given[2:4]] == [IntegrityError, OperationalError]
    assert await kept(ready) == {1, 2, 3}


async def test_works_run_and_are_told_in_the_order_they_came(ready: Database) -> None:
    ran: list[int] = []
    told: list[int] = []

    def noting(number: int) -> Work[int]:
        async def work(session: AsyncSession) -> int:
            ran.append(number)
            return await adding(number)(session)

        return work

    works = [ready.transact(noting(number), then=told.append) for number in range(1, 80)]
    await asyncio.gather(*works)
    assert ran == told == list(range(1, 80))


async def test_then_is_called_once_all_are_committed(ready: Database) -> None:
    seen: list[int] = []
    commits = commits_of(ready)
    works = [
        ready.transact(adding(n), then=lambda _n: seen.append(len(commits))) for n in (1, 2, 3)
    ]
    await asyncio.gather(*works)
    assert seen == [1, 2, 2]


async def test_a_then_that_fails_is_its_callers_alone(ready: Database) -> None:
    def refuse(number: int) -> None:
        raise KeyError(number)

    works = (
        ready.transact(adding(1)),
        ready.transact(adding(2), then=refuse),
        ready.transact(adding(3)),
    )
    one, two, three = await asyncio.gather(*works, return_exceptions=True)
    assert (one, three) == (1, 3)
    assert isinstance(two, KeyError)
    assert await kept(ready) == {1, 2, 3}


async def test_a_cancelled_caller_changes_nothing_for_its_group(
    ready: Database, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[int] = []
    works = (adding(1), adding(2), adding(3), failing(4), adding(5))
    tasks = [asyncio.create_task(ready.transact(work, then=told.append)) for work in works]
    await asyncio.sleep(0)
    tasks[2].cancel()
    tasks[3].cancel()
    given = await asyncio.gather(*tasks, return_exceptions=True)
    assert [given[0], given[1], given[4]] == [1, 2, 5]
    assert [type(each) for each in given[2:4]] == [asyncio.CancelledError] * 2
    assert await kept(ready) == {1, 2, 3, 5}
    assert told == [1, 2, 3, 5]
    assert [each.levelno for each in caplog.records] == [logging.ERROR]
    assert "after its caller had gone" in caplog.text


async def test_random_failures_and_cancellations_lose_and_invent_nothing(ready: Database) -> None:
    rng = random.Random(7)
    told: set[int] = set()
    numbers = range(1, 401)
    broken = set(rng.sample(numbers, 80))

    async def ask(number: int) -> int:
        await asyncio.sleep(rng.random() * 0.2)
        work = failing(number) if number in broken else adding(number)
        return await ready.transact(work, then=told.add)

    async def hasty(number: int) -> int:
        async with asyncio.timeout(rng.random() * 0.4):
            return await ask(number)

    asked = (hasty(number) if rng.random() < 0.5 else ask(number) for number in numbers)
    given = await asyncio.gather(*asked, return_exceptions=True)
    stored = await kept(ready)
    assert {each for each in given if isinstance(each, int)} <= stored == told
    assert not stored & broken
    ends = Counter(type(each) for each in given)
    assert set(ends) == {int, KeyError, TimeoutError}, "ended in ways that prove nothing"


@contextmanager
def reader(file: Path) -> Iterator[None]:
    """Lets transactions begin, but not commit."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM questions").fetchall()
        yield


@pytest.mark.parametrize("blocking", [foreign_lock, reader], ids=["begin", "commit"])
async def test_a_lost_transaction_is_a_sentence_for_everybody_in_it(
    tmp_path: Path, blocking: Callable[[Path], AbstractContextManager[object]]
) -> None:
    if blocking is reader and journal_mode(sqlite3.sqlite_version_info) == "WAL":
        pytest.skip("in WAL a reader blocks nobody")
    told: list[int] = []
    async with open_database(tmp_path, busy_seconds=0.1) as db:
        await count(db)
        with blocking(tmp_path / "vidi.db"):
            works = [db.transact(adding(n), then=told.append) for n in (1, 2, 3)]
            given = await asyncio.gather(*works, return_exceptions=True)
        assert [type(each) for each in given] == [StorageBusy] * 3
        assert len({id(each) for each in given}) == 3
        assert told == []
        assert await all_of(db, adding(1), adding(2), adding(3)) == [1, 2, 3]


async def test_what_sqlite_rolls_back_with_one_work_is_said_to_be_lost(ready: Database) -> None:
    async def ruinous(session: AsyncSession) -> int:
        row = "SELECT * FROM questions WHERE source_id = 1"
        await session.execute(text(f"INSERT OR ROLLBACK INTO questions {row}"))
        return 0

    given = await all_of(ready, adding(1), adding(2), ruinous, adding(3))
    assert given[0] == 1
    assert [type(each) for each in given[1:]] == [StorageBusy, IntegrityError, StorageBusy]
    assert await kept(ready) == {1}
    assert await all_of(ready, adding(4), adding(5), adding(6)) == [4, 5, 6]


async def test_a_full_disk_loses_exactly_what_it_is_said_to_lose(ready: Database) -> None:
    async def limit(session: AsyncSession) -> int:
        await session.execute(text("PRAGMA max_page_count = 30"))
        return 0

    async def a_lot(session: AsyncSession) -> int:
        for source_id in range(1000, 3000):
            await adding(source_id)(session)
        return 0

    given = await all_of(ready, limit, adding(1), a_lot, adding(2))
    assert isinstance(given[2], StorageBusy)
    assert await kept(ready) == {each for each in given[1:] if isinstance(each, int)}


async def test_reads_see_what_was_written_before_them_in_their_group(ready: Database) -> None:
    commits = commits_of(ready)
    works = (
        ready.transact(adding(1)),
        ready.transact(adding(2)),
        count(ready),
        ready.transact(failing(3)),
        count(ready),
    )
    given = await asyncio.gather(*works, return_exceptions=True)
    assert (given[2], given[4]) == (2, 2)
    assert len(commits) == 2


async def test_each_work_runs_in_its_callers_locale(ready: Database) -> None:
    async def ask(locale: str) -> tuple[str, str]:
        told: list[str] = []
        use_locale(locale)

        async def work(_session: AsyncSession) -> str:
            return current_locale()

        ran = await ready.transact(work, then=lambda _ran: told.append(current_locale()))
        return ran, told[0]

    locales = ("de", "fr", "pt-BR", "ja")
    given = await asyncio.gather(*map(ask, locales))
    assert given == [(locale, locale) for locale in locales]
    assert await asyncio.create_task(ask("de")) == ("de", "de")


async def test_a_database_server_has_a_transaction_for_each_work(ready: Database) -> None:
    commits = commits_of(ready)
    apart = Together(async_sessionmaker(ready._engine), one_at_a_time=False)
    given = await asyncio.gather(
        *(apart.add(work, None) for work in (adding(1), failing(2), adding(3))),
        return_exceptions=True,
    )
    assert (given[0], given[2]) == (1, 3)
    assert isinstance(given[1], KeyError)
    assert len(commits) == 2
    assert await kept(ready) == {1, 3}
