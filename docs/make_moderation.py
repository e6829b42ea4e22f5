"""Make docs/panel.png and docs/chart.png: what /settings panel and /usage chart show a moderator.

`.venv/bin/python docs/make_moderation.py`, from the project's folder. A month of questions is made
up below and written into an empty database; all the rest is what the bot sends.
"""

import asyncio
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database
from bot.db.tables import questions
from playground.demo import save
from playground.demo_steps import Bakery, bakery, running_bot, shown
from playground.model_server import ModelServer
from playground.portrait import portrait
from playground.server import Playground

FOLDER = Path(__file__).parent
NOW = dt.datetime(2026, 6, 18, 9, 41, tzinfo=dt.UTC)  # so that the pictures stay the same
DAYS = 30
# Model, tokens read and written, cost in nano-USD, questions on a usual day.
MODELS = (
    ("openai/gpt-4o", 1400, 160, 5_100_000, 9),
    ("openai/gpt-4o-mini", 37_200, 150, 5_670_000, 4),
    ("local/reader", 0, 0, 0, 6),
)


async def main() -> None:
    """Make up a month, set a budget, and save both pictures."""
    with TemporaryDirectory(prefix="vidi-picture-") as name:
        folder = Path(name)
        async with ModelServer() as models, Playground() as pg:
            # A stand-in on this machine reads the word that proves a model's sight.
            model = {"OPENAI_BASE_URL": models.base_url, "OPENAI_API_KEY": "not-a-key"}
            pg.advance(NOW.timestamp() - pg.now())
            there = bakery(pg)
            await write(folder, there)
            async with running_bot(pg, folder, model):
                save(FOLDER / "panel.png", await panel(pg, there))
                save(FOLDER / "chart.png", await chart(pg, there))


async def panel(pg: Playground, there: Bakery) -> bytes:
    """Choose models and a budget, then open two panels, one on how answers read; gives the PNG."""
    cleo, channel = there.cleo, there.moderators
    limits = {"month": "2", "cheaper": "openai/gpt-4o-mini", "channel": channel}
    await shown(pg, await cleo.slash(channel, "settings model", model="openai/gpt-4o"))
    await shown(pg, await cleo.slash(channel, "settings fallbacks", models="openai/gpt-4o-mini"))
    await shown(pg, await cleo.slash(channel, "limits budget", **limits))
    first, second = [
        await shown(pg, await cleo.slash(channel, "settings panel")) for _each in range(2)
    ]
    await cleo.select(second, "Choose what to change", ["Answers"])
    return portrait([first, second], title="#moderators", as_user=cleo)


async def chart(pg: Playground, there: Bakery) -> bytes:
    """Have the month drawn; gives the PNG."""
    drawn = await shown(pg, await there.cleo.slash(there.moderators, "usage chart"))
    return portrait([drawn], title="#moderators", as_user=there.cleo)


async def write(folder: Path, there: Bakery) -> None:
    """Write the month into the database that the bot is going to find."""

    async def work(session: AsyncSession) -> None:
        await session.execute(insert(questions), list(month(there)))

    async with Database.open(f"sqlite+aiosqlite:///{folder / 'vidi.db'}", folder) as db:
        await db.transact(work)


def month(there: Bakery) -> Iterator[dict[str, object]]:
    """Make up questions of the last days, fewer on weekends."""
    dice = random.Random(7)  # noqa: S311 - nothing is kept secret with it
    number = 0
    for day in range(DAYS):
        morning = NOW.replace(hour=8) - dt.timedelta(days=day)
        busy = 0.4 if morning.weekday() >= 5 else 1.0
        for model_id, read, written, cost, usual in MODELS:
            for _one in range(round(usual * busy * dice.uniform(0.6, 1.4))):
                number += 1
                asked = morning + dt.timedelta(minutes=dice.randrange(100))
                who = dice.choice((there.ada, there.ada, there.ben))
                yield {
                    "source_id": number,
                    "entry": "ask",
                    "guild_id": there.guild.id,
                    "channel_id": there.general.id,
                    "user_id": who.id,
                    "model_id": model_id,
                    "state": "answered",
                    "images": 1,
                    "input_tokens": read,
                    "output_tokens": written,
                    "reserved_nano_usd": cost,
                    "cost_nano_usd": cost,
                    "created_at": asked,
                    "finished_at": asked,
                }


if __name__ == "__main__":
    asyncio.run(main())
