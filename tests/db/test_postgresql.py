"""On PostgreSQL transactions run side by side, those of other processes among them."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.choices import Budget, GuildSettings
from bot.db import deliveries, ledger
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.errors import StorageBusy, StorageError
from bot.guilds.budgets import BudgetEvent, BudgetNotices
from bot.privacy.consent import OptOuts
from bot.privacy.deletion import erase_person
from bot.settings import SettingsBook
from bot.types import Delivery, Entry, Exchange, Task
from tests.planned import ADA, DIRECT, GUILD, MOD, Planned, planned, question
from tests.storage import (
    ALICE,
    NOON,
    a_question,
    claimed_id,
    only_postgresql,
    open_database,
    receipt,
    rows_of,
    url_of,
)

pytestmark = only_postgresql
COST = 1_001_756_000
"""Nano-USD that a question to the dear model can cost at most."""


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[list[Planned]]:
    """Two of them, each with connections of its own."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(planned(tmp_path, dm_daily=7)) for _one in range(2)]


async def admitted(processes: list[Planned], questions: list) -> int:
    """Give how many of these questions are let in when all are asked at once."""
    asked = [processes[at % 2].asked(each) for at, each in enumerate(questions)]
    return sum(claim.refused is None for claim in await asyncio.gather(*asked))


async def test_of_fifty_at_once_a_budget_lets_in_the_seven_that_fit(
    processes: list[Planned], tmp_path: Path
) -> None:
    chosen = GuildSettings(budget=Budget(day=7 * COST + COST // 2))
    await processes[0].choose(chosen)
    await processes[1].settings.load()
    assert await admitted(processes, [question(100 + n) for n in range(50)]) == 7
    reserved = "SELECT sum(reserved_nano_usd) AS nano FROM questions"
    assert rows_of(tmp_path, reserved) == [{"nano": 7 * COST}]


async def test_of_fifty_at_once_outside_guilds_a_person_may_ask_seven(
    processes: list[Planned],
) -> None:
    assert await admitted(processes, [question(ADA, DIRECT) for _n in range(50)]) == 7


async def test_a_source_redelivered_to_both_is_claimed_once(processes: list[Planned]) -> None:
    one = question()
    claims = [each.claims.claim(each.planner.plan(one)) for each in processes * 5]
    assert sum(claim is not None for claim in await asyncio.gather(*claims)) == 1


async def test_what_moderators_change_at_the_same_moment_both_holds(
    processes: list[Planned],
) -> None:
    books = [each.settings for each in processes]
    before = GuildSettings()
    changes = (replace(before, prompt="Be brief."), replace(before, ask_private=True))
    await asyncio.gather(
        *(
            book.change(GUILD, MOD, after, before)
            for book, after in zip(books, changes, strict=True)
        )
    )
    fresh = SettingsBook(processes[0].db)
    await fresh.load()
    assert fresh.of(GUILD) == replace(before, prompt="Be brief.", ask_private=True)


async def test_what_is_told_once_is_told_once_by_all_of_them(processes: list[Planned]) -> None:
    event = BudgetEvent(GUILD, "day", "full", COST, COST, NOON + dt.timedelta(hours=12))
    notices = [BudgetNotices(each.db) for each in processes] * 5
    assert sum(await asyncio.gather(*(each.claim(event) for each in notices))) == 1


async def test_opting_out_twice_at_once_is_opting_out(processes: list[Planned]) -> None:
    books = [OptOuts(each.db) for each in processes] * 5
    await asyncio.gather(*(book.add(ADA) for book in books))
    assert all(ADA in book for book in books)


async def test_who_is_erased_while_an_answer_is_written_down_leaves_none_of_it(
    tmp_path: Path,
) -> None:
    box = SecretBox.load((), tmp_path)
    async with open_database(tmp_path) as db:
        question_id = await claimed_id(db, box, a_question(1, delivery=Delivery(7)))
        exchange = Exchange(
            question_id=question_id,
            asker_id=ALICE,
            guild_id=GUILD,
            channel_id=7,
            entry=Entry.ASK,
            task=Task.ASK,
            text="What?",
            answer="A door.",
            model_id="a/b",
        )
        written, commit = asyncio.Event(), asyncio.Event()

        async def settle(session: AsyncSession) -> None:
            await ledger.settle(
                session,
                box,
                question_id,
                state="answered",
                now=NOON,
                duration_ms=1,
                text="A door.",
                exchange=exchange,
                erase_at=NOON,
            )
            written.set()
            await commit.wait()

        settling = asyncio.create_task(db.transact(settle))
        await written.wait()
        erasing = asyncio.create_task(
            db.transact(lambda session: erase_person(session, box, ALICE, NOON))
        )
        await waiting_for_a_lock(tmp_path)
        commit.set()
        await asyncio.gather(settling, erasing)
        assert (await receipt(db, question_id)).user_id < 0
    for table in ("turns", "deliveries"):
        assert rows_of(tmp_path, f"SELECT * FROM {table}") == []


async def waiting_for_a_lock(folder: Path) -> None:
    """Wait until a transaction waits for another."""
    waits = (
        "SELECT 1 FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(5):
        while not rows_of(folder, waits):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)


async def test_answers_placed_and_settled_at_once_never_wait_for_each_other(
    tmp_path: Path,
) -> None:
    box = SecretBox.load((), tmp_path)
    async with open_database(tmp_path) as db:

        async def settle(session: AsyncSession, question_id: int) -> bool:
            return await ledger.settle(
                session, box, question_id, state="answered", now=NOON, duration_ms=1, text="A door."
            )

        for source_id in range(1, 30):
            number = await claimed_id(db, box, a_question(source_id, delivery=Delivery(7)))
            placing = db.transact(lambda session, n=number: deliveries.placed(session, n, 700 + n))
            await asyncio.gather(placing, db.transact(lambda session, n=number: settle(session, n)))


async def test_a_connection_that_the_server_ends_is_a_sentence_and_replaced(
    tmp_path: Path,
) -> None:
    async with open_database(tmp_path) as db:

        async def ended(session: AsyncSession) -> None:
            await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with pytest.raises(StorageBusy):
            await db.transact(ended)
        assert await db.read(one) == 1


async def test_a_deadlock_is_a_sentence_for_one_of_the_two(tmp_path: Path) -> None:
    async with open_database(tmp_path) as db:
        both = asyncio.Barrier(2)

        async def holding(session: AsyncSession, first: int, second: int) -> None:
            await session.execute(text(f"SELECT pg_advisory_xact_lock({first})"))
            await both.wait()
            await session.execute(text(f"SELECT pg_advisory_xact_lock({second})"))

        given = await asyncio.gather(
            db.transact(lambda session: holding(session, 1, 2)),
            db.transact(lambda session: holding(session, 2, 1)),
            return_exceptions=True,
        )
    assert sorted(type(each).__name__ for each in given) == ["NoneType", "StorageBusy"]


async def one(session: AsyncSession) -> int | None:
    return await session.scalar(text("SELECT 1"))


async def test_wrong_sql_is_no_sentence_about_the_storage(tmp_path: Path) -> None:
    async with open_database(tmp_path) as db:

        async def wrong(session: AsyncSession) -> None:
            await session.execute(text("SELECT * FROM nowhere"))

        with pytest.raises(Exception, match="nowhere") as caught:
            await db.transact(wrong)
        assert not isinstance(caught.value, StorageBusy)


@pytest.mark.parametrize("wrong", [{"port": 1}, {"database": "nowhere"}], ids=["server", "name"])
async def test_a_database_that_is_not_there_is_told_without_the_password(
    tmp_path: Path, wrong: dict
) -> None:
    url = make_url(url_of(tmp_path)).set(password="hunter2", **wrong)
    with pytest.raises(StorageError) as caught:
        async with Database.open(url.render_as_string(hide_password=False), tmp_path):
            pass
    assert "hunter2" not in caught.value.sentence
    assert "127.0.0.1" in caught.value.sentence
