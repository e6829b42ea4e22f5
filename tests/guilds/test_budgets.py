"""Notices of a budget: each guild hears each level once a day or month."""

import asyncio
import dataclasses
import datetime as dt
from pathlib import Path

from bot.guilds.budgets import BudgetEvent, BudgetNotices
from tests.storage import GUILD, open_database

DAY = BudgetEvent(
    guild_id=GUILD,
    period="day",
    level="share",
    spent_nano=4_000_000_000,
    limit_nano=5_000_000_000,
    resets_at=dt.datetime(2026, 12, 1, tzinfo=dt.UTC),
)
MONTH = dataclasses.replace(DAY, period="month")


def test_the_day_and_the_month_are_those_that_end_with_the_reset() -> None:
    assert (DAY.name, MONTH.name) == ("2026-11-30", "2026-11")
    new_year = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    assert dataclasses.replace(DAY, resets_at=new_year).name == "2026-12-31"
    assert dataclasses.replace(MONTH, resets_at=new_year).name == "2026-12"


async def test_each_level_of_each_day_and_month_is_claimed_once_by_each_guild(
    tmp_path: Path,
) -> None:
    different = [
        DAY,
        MONTH,
        dataclasses.replace(DAY, level="full"),
        dataclasses.replace(DAY, guild_id=GUILD + 1),
        dataclasses.replace(DAY, resets_at=DAY.resets_at + dt.timedelta(days=1)),
    ]
    async with open_database(tmp_path) as db:
        notices = BudgetNotices(db)
        assert [await notices.claim(event) for event in different] == [True] * 5
        later = [dataclasses.replace(event, spent_nano=4_900_000_000) for event in different]
        assert [await notices.claim(event) for event in later] == [False] * 5


async def test_of_many_claims_at_the_same_moment_one_wins(tmp_path: Path) -> None:
    async with open_database(tmp_path) as db:
        notices = BudgetNotices(db)
        claims = await asyncio.gather(*(notices.claim(DAY) for _one in range(20)))
    assert sorted(claims) == [False] * 19 + [True]


async def test_what_was_claimed_stays_claimed_over_a_restart_until_it_is_released(
    tmp_path: Path,
) -> None:
    async with open_database(tmp_path) as db:
        assert await BudgetNotices(db).claim(DAY)
        assert await BudgetNotices(db).claim(MONTH)
    async with open_database(tmp_path) as db:
        notices = BudgetNotices(db)
        assert not await notices.claim(DAY)
        await notices.release(DAY)
        assert await notices.claim(DAY)
        assert not await notices.claim(MONTH)
