"""What a claim costs: with the default limit, with every kind of limit, and with none."""

import asyncio
import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.choices import Budget, GuildSettings, Rate
from tests.benchmarks.table import percentile
from tests.planned import GUILD, Planned, planned, question
from tests.usage.books import a_row, write

_USD = 1_000_000_000
_TIMES = 200
_ASKED_BEFORE, _DAYS, _MEMBERS = 20_000, 28, 400
_PLENTY = Budget(day=1_000 * _USD, month=9_000 * _USD, member_day=99 * _USD, member_month=99 * _USD)

_NONE = GuildSettings(rate=Rate(minute=None))
_DEFAULT = GuildSettings()
_EVERY = GuildSettings(
    rate=Rate(minute=30, day=1_000_000, guild_minute=1_000_000, guild_day=1_000_000),
    budget=_PLENTY,
)


@dataclass(frozen=True, slots=True)
class Claiming:
    """Median milliseconds of a claim in a guild whose members asked much this month."""

    unlimited: float
    default: float
    every: float


async def measure() -> Claiming:
    """Claim in turns under none, the default and every limit, so that all meet the same load."""
    with TemporaryDirectory(prefix="vidi-bench-") as name:
        async with planned(Path(name)) as world:
            world.now += dt.timedelta(days=_DAYS)
            apart = dt.timedelta(days=_DAYS) / _ASKED_BEFORE
            rows = [
                a_row(
                    1_000,
                    source_id=10**9 + number,
                    user_id=1 + number % _MEMBERS,
                    guild_id=GUILD,
                    now=world.now - apart * number,
                )
                for number in range(_ASKED_BEFORE)
            ]
            await write(world.db, rows)
            took: dict[GuildSettings, list[float]] = {_NONE: [], _DEFAULT: [], _EVERY: []}
            for number in range(_TIMES):
                for settings, times in took.items():
                    await world.choose(settings)
                    times.append(await _claim(world, number))
    return Claiming(*(percentile(times, 50) for times in took.values()))


async def _claim(world: Planned, user_id: int) -> float:
    plan = world.planner.plan(question(1 + user_id % _MEMBERS))
    began = time.perf_counter()
    claim = await world.claims.claim(plan)
    took = (time.perf_counter() - began) * 1000
    assert claim is not None
    assert claim.refused is None
    return took


if __name__ == "__main__":
    print(asyncio.run(measure()))
