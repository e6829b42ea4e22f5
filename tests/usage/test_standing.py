"""What a guild and a member have used so far, read from the rows that limits are held against."""

import datetime as dt
from pathlib import Path

import pytest

from bot.choices import Budget
from bot.db import ledger
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.people import mark_of
from bot.types import Usage
from bot.usage.standing import Standing, Sums, standing
from tests.storage import ALICE, BOB, GUILD, NOON, a_question, open_database

CENT = 10_000_000
BUDGET = Budget(day=CENT * 100, month=CENT * 1000)


async def asked(
    db: Database,
    box: SecretBox,
    at: dt.datetime,
    cost: int | None = None,
    *,
    by: int = ALICE,
    reserve: int = 9 * CENT,
    **facts: object,
) -> None:
    """Write a question down as asked then; settled where it has a cost."""
    question = a_question(int(at.timestamp() * 1000) * 4 + by % 4, user_id=by)

    async def work(session: object) -> None:
        question_id = await ledger.claim(
            session,  # type: ignore[arg-type]  # a session, whose name isn't needed here
            box,
            question,
            reserve_nano=reserve,
            now=at,
            **facts,  # type: ignore[arg-type]  # keyed by its parameters
        )
        if cost is not None and question_id is not None:
            await ledger.settle(
                session,  # type: ignore[arg-type]  # as above
                box,
                question_id,
                state="answered",
                now=at,
                duration_ms=1,
                usage=Usage(cost_nano_usd=cost),
            )

    await db.transact(work)


async def read(db: Database, box: SecretBox, budget: Budget = BUDGET) -> Standing:
    return await standing(db, box, GUILD, ALICE, budget, NOON)


async def test_nothing_was_used_where_nothing_was_asked(tmp_path: Path) -> None:
    async with open_database(tmp_path) as db:
        found = await read(db, SecretBox.load((), tmp_path))
    nothing = Sums(0, 0, 0, 0)
    assert (found.guild, found.member, found.operator) == (nothing, nothing, nothing)
    assert found.day_resets_at == dt.datetime(2026, 8, 2, tzinfo=dt.UTC)
    assert found.month_resets_at == dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


async def test_sums_tell_minute_day_and_month_the_guild_and_the_member_apart(
    tmp_path: Path,
) -> None:
    box = SecretBox.load((), tmp_path)
    later = NOON.replace(day=20)
    async with open_database(tmp_path) as db:
        await asked(db, box, later - dt.timedelta(seconds=30), 1 * CENT)
        await asked(db, box, later - dt.timedelta(hours=1), 2 * CENT)
        await asked(db, box, later - dt.timedelta(days=1), 4 * CENT)
        await asked(db, box, later - dt.timedelta(days=30), 8 * CENT)
        await asked(db, box, later - dt.timedelta(seconds=20), 16 * CENT, by=BOB)
        found = await standing(db, box, GUILD, ALICE, BUDGET, later)
    assert found.member == Sums(1, 2, 3 * CENT, 7 * CENT)
    assert found.guild == Sums(2, 3, 19 * CENT, 23 * CENT)
    assert found.forecast.day is not None
    assert found.forecast.day.spent == found.guild.today_nano


async def test_an_open_question_counts_for_the_most_it_can_cost(tmp_path: Path) -> None:
    box = SecretBox.load((), tmp_path)
    async with open_database(tmp_path) as db:
        await asked(db, box, NOON, reserve=9 * CENT)
        found = await read(db, box)
    assert found.member == Sums(1, 1, 9 * CENT, 9 * CENT)


async def test_a_refused_question_counts_for_nothing(tmp_path: Path) -> None:
    box = SecretBox.load((), tmp_path)
    async with open_database(tmp_path) as db:
        await asked(db, box, NOON, refused="refused:quota")
        assert (await read(db, box)).guild == Sums(0, 0, 0, 0)


async def test_what_the_guilds_own_key_paid_is_not_the_operators(tmp_path: Path) -> None:
    box = SecretBox.load((), tmp_path)
    async with open_database(tmp_path) as db:
        await asked(db, box, NOON, 5 * CENT, own_key=True)
        found = await read(db, box)
    assert found.guild.today_nano == 5 * CENT
    assert found.operator.today_nano == 0


async def test_what_somebody_had_deleted_still_counts_for_their_own_limits(tmp_path: Path) -> None:
    box = SecretBox.load((), tmp_path)
    async with open_database(tmp_path) as db:
        await asked(db, box, NOON, 3 * CENT, by=mark_of(box, ALICE, NOON))
        assert (await read(db, box)).member.today_nano == 3 * CENT


@pytest.mark.parametrize("budget", [Budget(), Budget(member_day=CENT)])
async def test_without_a_budget_of_the_guild_there_is_no_forecast(
    tmp_path: Path, budget: Budget
) -> None:
    async with open_database(tmp_path) as db:
        found = await read(db, SecretBox.load((), tmp_path), budget)
    assert (found.forecast.day, found.forecast.month) == (None, None)
