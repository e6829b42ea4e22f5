"""What is measured: each scene runs one bot on a Discord of its own and gives its figures."""

import asyncio
import functools
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playground import File, Playground
from playground.model_server import ModelServer
from playground.pictures import photo
from tests.benchmarks.load import Crowd, Speed, Timing
from tests.benchmarks.process import VIDI, Peak, Process, running
from tests.benchmarks.table import MIB, percentile

IN_FLIGHT = 50
CHANNELS = 50  # where edits are limited by channel: each has a question in flight
QUIET_CHANNELS = 400  # where limits are not the question: an answer a channel and window
GUILD_CHANNELS, GUILD_ROLES = 20, 10
PLACES, STAGGER = 8, 0.37  # people who don't speak in unison; seconds
BRISK = Speed(first=0.12, tokens=6, apart=0.02)
USUAL = Speed(first=0.5, tokens=20, apart=0.1)
LONG = Speed(first=1, tokens=50, apart=0.1)

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked."""

    starts: int
    alone: int
    crowd: int
    limited_alone: int
    limited_crowd: int
    guilds: int
    pictures: int


FULL = Size(
    starts=2,
    alone=100,
    crowd=400,
    limited_alone=4,
    limited_crowd=150,
    guilds=1000,
    pictures=50,
)
QUICK = Size(
    starts=1,
    alone=15,
    crowd=50,
    limited_alone=0,
    limited_crowd=0,
    guilds=100,
    pictures=5,
)


@functools.cache
def small_picture() -> File:
    """Give an ordinary screenshot's worth of picture."""
    return File("cat.jpg", photo(640, 480))


@functools.cache
def large_picture() -> File:
    """Give a photograph of 12 megapixels."""
    return File("photo.jpg", photo(4000, 3000))


@asynccontextmanager
async def town(
    name: str,
    *,
    limited: bool = False,
    model: str = "custom/vision",
    guilds: int = 0,
    folder: Path | None = None,
) -> AsyncGenerator[tuple[Playground, ModelServer, Process]]:
    """Run a bot on a Discord without or with rate limits, a model server behind it."""
    async with AsyncExitStack() as stack:
        models = await stack.enter_async_context(ModelServer())
        pg = await stack.enter_async_context(Playground(rate_limits=limited))
        data = folder or Path(stack.enter_context(TemporaryDirectory(prefix="vidi-bench-")))
        for index in range(guilds):
            _furnish(pg, index)
        environ = {
            "DISCORD_TOKEN": pg.token,
            "VIDI_DISCORD_API_URL": pg.api_url,
            "VIDI_ATTACHMENT_HOSTS": pg.cdn_host,
            "VIDI_DEFAULT_MODEL": model,
            "VIDI_LOG_LEVEL": "error",
            "CUSTOM_BASE_URL": models.base_url,
            "CUSTOM_MODELS": "vision",
            "OLLAMA_BASE_URL": models.base_url.removesuffix("/v1"),
        }
        async with running(name, pg, data, environ) as bot:
            yield pg, models, bot
        if name == VIDI and pg.violations:
            print(f"Discord would have complained: {pg.violations[:5]}", flush=True)


async def start(name: str, size: Size) -> Figures:
    """Start into empty folders, then again and rest; the worst counts. Then with many guilds."""
    first, again, crowded, idle, full = 0.0, 0.0, 0.0, 0, 0
    for _time in range(size.starts):
        with TemporaryDirectory(prefix="vidi-bench-") as folder:
            async with town(name, folder=Path(folder)) as (_pg, _models, bot):
                first = max(first, bot.start)
            async with town(name, folder=Path(folder)) as (_pg, _models, bot):
                again, idle = max(again, bot.start), max(idle, await bot.settled())
            async with town(name, folder=Path(folder), guilds=size.guilds) as (_pg, _models, bot):
                crowded, full = max(crowded, bot.start), max(full, await bot.settled())
    return {
        "start": first,
        "start again": again,
        "idle": idle / MIB,
        "start with guilds": crowded,
        "guild": (full - idle) / 1024 / size.guilds,
    }


async def free_run(name: str, size: Size) -> Figures:
    """Answer one at a time, then 50 at once, on a Discord that limits nothing."""
    async with town(name) as (pg, models, bot):
        crowd = Crowd(pg, models, QUIET_CHANNELS, small_picture(), BRISK)
        await crowd.one_by_one(3)
        begun = bot.cpu()
        alone = crowd.timings(await crowd.one_by_one(size.alone))
        crowd.speed, middle = USUAL, bot.cpu()
        together = crowd.timings(await crowd.arriving(size.crowd, in_flight=IN_FLIGHT))
        costs = {
            "1 cpu": (middle - begun) * 1000 / size.alone,
            "50 cpu": (bot.cpu() - middle) * 1000 / size.crowd,
        }
        figures = _timed("1", alone) | _timed("50", together) | costs
        if name == VIDI:
            figures["defer p99"] = 1000 * await _deferral(crowd)
        return figures


async def limited_run(name: str, size: Size) -> Figures:
    """Answer on a Discord with its limits: one at a time in each of a few channels, then 50."""
    async with town(name, limited=True) as (pg, models, _bot):
        crowd = Crowd(pg, models, CHANNELS, small_picture(), LONG)
        places = [
            crowd.in_one_place(channel, size.limited_alone, after=index * STAGGER)
            for index, channel in enumerate(crowd.channels[:PLACES])
        ]
        few = [asked for place in await asyncio.gather(*places) for asked in place]
        many = await crowd.arriving(size.limited_crowd, in_flight=IN_FLIGHT)
        refused = sum(request.status == 429 for request in pg.requests)
        return {
            "limited 1 final p95": _final(crowd.timings(few)),
            "limited 50 final p95": _final(crowd.timings(many)),
            "limited 50 first p95": _first(crowd.timings(many)),
            "429": refused,
        }


async def pictures(name: str, size: Size) -> Figures:
    """Answer questions about 12 megapixels that all are in flight in the same moment."""
    return await _pictures(name, size, "url", "custom/vision")


async def inline_pictures(name: str, size: Size) -> Figures:
    """Answer the same, asked of a model that fetches no links."""
    return await _pictures(name, size, "inline", "ollama/gemma4")


async def _pictures(name: str, size: Size, kind: str, model: str) -> Figures:
    async with town(name, model=model) as (pg, models, bot):
        warm = Crowd(pg, models, 1, small_picture(), BRISK)
        await warm.one_by_one(1)
        crowd = Crowd(pg, models, CHANNELS, large_picture(), Speed(first=2, tokens=10, apart=0.1))
        before, fetched = await bot.settled(), len(pg.world.cdn.requests)
        async with Peak(bot) as peak:
            await crowd.at_once(size.pictures)
        moved = sum(fetch.sent for fetch in pg.world.cdn.requests[fetched:])
        return {f"{kind} memory": (peak.bytes - before) / MIB, f"{kind} bytes": moved / MIB}


async def _deferral(crowd: Crowd) -> float:
    """Give the p99 of 50 members who use /ask in the same moment, in seconds."""
    picture = small_picture()
    acts = [
        crowd.ada.slash(channel, "ask", question=f"question{9000 + index}x", image=picture)
        for index, channel in enumerate(crowd.channels[:IN_FLIGHT])
    ]
    return percentile([each.ack_after or 3.0 for each in await asyncio.gather(*acts)], 99)


def _furnish(pg: Playground, index: int) -> None:
    guild = pg.guild(f"guild {index}")
    for number in range(GUILD_CHANNELS):
        guild.channel(f"channel-{number}")
    for number in range(GUILD_ROLES):
        guild.role(f"role {number}", "send_messages")


def _timed(in_flight: str, timings: Sequence[Timing]) -> Figures:
    """Give the usual percentiles of each step, in milliseconds."""
    steps = {
        "request": [one.request for one in timings],
        "shown": [one.shown for one in timings],
        "first": [one.first_text for one in timings],
        "final": [one.final for one in timings],
    }
    return {
        f"{in_flight} {step} p{percent}": percentile(values, percent) * 1000
        for step, values in steps.items()
        for percent in (50, 95, 99)
    }


def _final(timings: Sequence[Timing]) -> float:
    return percentile([one.final for one in timings], 95) * 1000


def _first(timings: Sequence[Timing]) -> float:
    return percentile([one.first_text for one in timings], 95) * 1000
