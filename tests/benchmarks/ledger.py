"""A ledger of many questions in one guild, and how long its sums take."""

import asyncio
import datetime as dt
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.db.engine import Database
from bot.usage.book import UsageBook
from bot.usage.buckets import By
from tests.benchmarks.table import percentile
from tests.usage.books import GUILD, NOON, a_row, write

QUESTIONS = 100_000
_DAYS = 30
_MODELS, _MEMBERS = 12, 400
_TIMES = 9
_BYS: tuple[By, ...] = ("days", "members", "hours")
_STATES = ("answered", "failed:timeout", "refused:quota", "cancelled:stopped")


@dataclass(frozen=True, slots=True)
class Sums:
    """Median milliseconds for a month of questions; `chart` is the slowest of the charts' sums."""

    summary: float
    chart: float
    export: float


async def measure() -> Sums:
    """Write the questions down, then sum them up and export them."""
    since = NOON - dt.timedelta(days=_DAYS)
    with TemporaryDirectory(prefix="vidi-bench-") as name:
        folder = Path(name)
        async with Database.open(f"sqlite+aiosqlite:///{folder / 'vidi.db'}", folder) as db:
            await write(db, _rows())
            book = UsageBook(db)
            return Sums(
                await _median(lambda: book.summary(guild_id=GUILD, user_id=None, since=since)),
                max([await _median(_sums(book, by, since)) for by in _BYS]),
                await _median(
                    lambda: book.export(guild_id=GUILD, since=since, until=NOON), times=1
                ),
            )


def _sums(book: UsageBook, by: By, since: dt.datetime) -> Callable[[], Awaitable[object]]:
    return lambda: book.buckets(by, guild_id=GUILD, since=since)


async def _median(work: Callable[[], Awaitable[object]], times: int = _TIMES) -> float:
    took: list[float] = []
    for _again in range(times):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 50)


def _rows() -> list[dict[str, object]]:
    """Give questions as they come: few members ask most, few models answer most."""
    dice = random.Random(4)
    return [
        a_row(
            dice.choice((None, 0, dice.randrange(10**8))),
            user_id=10**17 + int(dice.paretovariate(0.6)) % _MEMBERS,
            model_id=f"provider/model-{int(dice.paretovariate(1)) % _MODELS}",
            state=dice.choices(_STATES, (90, 4, 4, 2))[0],
            now=NOON - dt.timedelta(days=dice.random() * _DAYS),
        )
        for _question in range(QUESTIONS)
    ]


if __name__ == "__main__":
    print(asyncio.run(measure()))
