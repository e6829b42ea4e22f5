"""`make bench`: what Vidi costs beside a minimal bot. Nothing here fails because of a time."""

import argparse
import asyncio
import os
import platform
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile

from tests.benchmarks import claims, foreign, ledger, scenes, streams
from tests.benchmarks.process import FLOOR, VIDI
from tests.benchmarks.table import Figure, percentile, table

PACKAGES = ("discord.py", "aiohttp", "httpx", "SQLAlchemy", "pillow")
# What is measured, its unit, and the aim for Vidi.
LINES: tuple[tuple[str, str, str, float | None], ...] = (
    ("1 request p50", "message to request at the provider, 1 in flight, p50", "ms", 6),
    ("1 request p95", "p95", "ms", None),
    ("50 request p50", "50 in flight, p50", "ms", None),
    ("50 request p95", "p95", "ms", None),
    ("1 first p50", "first token to first visible text, 1 in flight, p50", "ms", 6),
    ("1 first p95", "p95", "ms", None),
    ("50 first p50", "50 in flight, p50", "ms", None),
    ("50 first p95", "p95", "ms", None),
    ("1 final p50", "last token to final edit, nothing limited, 1 in flight, p50", "ms", None),
    ("1 final p95", "p95", "ms", 50),
    ("50 final p95", "50 in flight, p95", "ms", 50),
    ("limited 1 final p95", "Discord's limits, 1 in flight a channel, p95", "ms", 50),
    ("limited 50 final p95", "Discord's limits, 50 in flight, p95", "ms", 50),
    ("limited 50 first p95", "first token to first visible text, p95", "ms", None),
    ("429", "requests that Discord's limits refused", "", 0),
    ("50 shown p99", "message to placeholder, 50 in flight, p99", "ms", 300),
    ("defer p99", "/ask to its deferral, 50 in the same moment, p99", "ms", 300),
    ("1 cpu", "CPU a question, short answers, 1 in flight", "ms", 10),
    ("50 cpu", "usual answers, 50 in flight", "ms", None),
    ("start", "start to ready, empty folder", "s", 3),
    ("start again", "start to ready, the second time", "s", 3),
    ("start with guilds", "with many guilds", "s", None),
    ("idle", "memory when idle after that, no guild", "MiB", 90),
    ("guild", "memory a guild", "KiB", None),
    ("url memory", "12-megapixel pictures in flight by link, memory over idle", "MiB", 16),
    ("url bytes", "picture bytes through the bot", "MiB", 0),
    ("inline memory", "the same inline, memory over idle with children", "MiB", None),
    ("inline bytes", "picture bytes through the bot", "MiB", None),
    ("streams parsing", "parsing 400 streams of 20 tokens a second", "% of a core", 25),
    ("streams p99", "delay added to a token then, p99", "ms", 20),
    ("ledger summary", "summary of a guild's 100,000 questions on SQLite, p50", "ms", 200),
    ("ledger chart", "their sums for a chart, the slowest kind, p50", "ms", 200),
    ("ledger export", "all of them as a file", "ms", None),
    ("foreign", "2,000 messages a second that are not for the bot", "% of a core", 20),
    ("foreign alone", "of it discord.py's own part", "% of a core", None),
    ("foreign queries", "statements of SQL for them", "", 0),
    ("claim unlimited", "a claim without limits, 20,000 questions this month, p50", "ms", None),
    ("claim default", "with the default limit", "ms", None),
    ("claim every", "with every kind of limit", "ms", None),
)
Scene = Callable[[str, scenes.Size], Awaitable[scenes.Figures]]
SHOWN_BY_VIDI_ALONE = "50 shown p99"  # the floor has no placeholder


async def main() -> None:
    """Measure, then print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a rough look, under a minute; without limits and inline",
    )
    quick = parser.parse_args().quick
    size = scenes.QUICK if quick else scenes.FULL
    began = time.monotonic()
    print("\n".join(_circumstances()), flush=True)
    limited = () if quick else (scenes.limited_run,)
    both = (scenes.start, scenes.free_run, *limited, scenes.pictures)
    found: dict[str, Mapping[str, float]] = {}
    for name in (FLOOR, VIDI):
        found[name] = await _all(name, size, both)
    if not quick:
        alone = await _all(
            VIDI, size, (scenes.inline_pictures, _streams, _ledger, _foreign, _claims)
        )
        found[VIDI] = {**found[VIDI], **alone}
    print(f"\n{table(_figures(found))}")
    print(
        f"\n{size.crowd} questions with {scenes.IN_FLIGHT} in flight, {size.guilds} guilds of "
        f"{scenes.GUILD_CHANNELS} channels and {scenes.GUILD_ROLES} roles, {size.pictures} large "
        f"pictures; memory is resident memory with children; {time.monotonic() - began:.0f} s."
    )


async def _streams(_name: str, _size: scenes.Size) -> scenes.Figures:
    """Listen to 400 streams at once, in this process."""
    heard = await streams.measure()
    return {"streams parsing": heard.parsing, "streams p99": heard.p99}


async def _ledger(_name: str, _size: scenes.Size) -> scenes.Figures:
    """Sum up 100,000 questions, in this process."""
    took = await ledger.measure()
    return {
        "ledger summary": took.summary,
        "ledger chart": took.chart,
        "ledger export": took.export,
    }


async def _foreign(_name: str, _size: scenes.Size) -> scenes.Figures:
    """Hear messages that aren't for the bot."""
    heard = await foreign.measure()
    return {
        "foreign": heard.vidi,
        "foreign alone": heard.discord_py,
        "foreign queries": heard.queries,
    }


async def _claims(_name: str, _size: scenes.Size) -> scenes.Figures:
    """Claim questions under several limits, in this process."""
    took = await claims.measure()
    return {
        "claim unlimited": took.unlimited,
        "claim default": took.default,
        "claim every": took.every,
    }


async def _all(name: str, size: scenes.Size, parts: Iterable[Scene]) -> scenes.Figures:
    figures: scenes.Figures = {}
    for scene in parts:
        print(f"{name}: {(scene.__doc__ or '').splitlines()[0]}", flush=True)
        figures |= await scene(name, size)
    return figures


def _figures(found: Mapping[str, Mapping[str, float]]) -> list[Figure]:
    return [
        Figure(
            about,
            unit,
            aim,
            {
                name: figures[key]
                for name, figures in found.items()
                if key in figures and not (name == FLOOR and key == SHOWN_BY_VIDI_ALONE)
            },
        )
        for key, about, unit, aim in LINES
    ]


def _circumstances() -> list[str]:
    root = Path(__file__).parents[2]
    git = ("git", "describe", "--always", "--dirty")
    commit = subprocess.run(git, cwd=root, capture_output=True, text=True).stdout.strip()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"Vidi {version('vidi')} at {commit or 'no commit'}",
        f"Python {platform.python_version()}, {packages}",
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}, a synced write takes {_synced_write():.1f} ms",
    ]


def _synced_write() -> float:
    """Give the median milliseconds of a write that is safe: Vidi makes four commits a question."""
    took: list[float] = []
    with TemporaryFile() as file:
        for _write in range(40):
            began = time.perf_counter()
            os.write(file.fileno(), b"x" * 512)
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return percentile(took, 50) * 1000


if __name__ == "__main__":
    asyncio.run(main())
