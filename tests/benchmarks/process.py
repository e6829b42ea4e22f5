"""A bot in a process of its own, and what it costs: start, CPU, memory."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import DEVNULL
from asyncio.subprocess import Process as Subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from playground import Playground

FLOOR, VIDI = "floor", "Vidi"
COMMANDS = {FLOOR: (str(Path(__file__).with_name("floor.py")),), VIDI: ("-m", "bot", "run")}
_INHERITED = ("PYTHONPATH", "PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
_SAMPLES = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Process:
    """A running bot. `start` is the seconds from its launch until it was ready."""

    name: str
    start: float
    root: psutil.Process

    def cpu(self) -> float:
        """Give the seconds of CPU that it and its living children have used."""
        return sum(_cpu(one.pid) for one in self._family())

    def memory(self) -> int:
        """Give its resident bytes and its children's; shared pages count for each of them."""
        return sum(one.memory_info().rss for one in self._family())

    async def settled(self) -> int:
        """Give its memory once the start or the load is over."""
        await asyncio.sleep(1)
        return self.memory()

    def _family(self) -> tuple[psutil.Process, ...]:
        return (self.root, *self.root.children(recursive=True))


@asynccontextmanager
async def running(
    name: str, pg: Playground, folder: Path, environ: Mapping[str, str]
) -> AsyncGenerator[Process]:
    """Run a bot with its data in a folder until the block ends; it is ready when that begins."""
    kept = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    launched = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *COMMANDS[name],
        env={**kept, **environ, "VIDI_DATA_DIR": str(folder)},
        cwd=folder,
        stdout=DEVNULL,
    )
    try:
        await _ready(name, pg, process)
        yield Process(name, time.monotonic() - launched, psutil.Process(process.pid))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(name: str, pg: Playground, process: Subprocess) -> None:
    ready = asyncio.create_task(pg.ready(timeout=60, commands=name == VIDI))
    ended = asyncio.create_task(process.wait())
    await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        ready.cancel()
        raise RuntimeError(f"{name} ended with status {ended.result()} before it was ready")
    ended.cancel()
    await ready


class Peak:
    """Watches a process's memory while the block runs; `bytes` is the most that was seen."""

    def __init__(self, process: Process) -> None:
        self.bytes = process.memory()
        self._process = process

    async def __aenter__(self) -> "Peak":
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, self._process.memory())
            await asyncio.sleep(_SAMPLES)


def _cpu(pid: int) -> float:
    # The clock of another process, exact where /proc counts ticks of 10 ms: clock_getcpuclockid(3).
    return time.clock_gettime(~pid << 3 | 2)
