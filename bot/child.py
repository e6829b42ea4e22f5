"""A child process that answers requests: what strangers sent is opened there, not here.

asyncio's own subprocesses instead of `multiprocessing`, which would import the parent's main
module, inherit its environment with the keys, and unpickle what the child says."""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.childside import FRAME

_ROOT = Path(__file__).resolve().parent.parent
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR")
_LONGEST_REPLY = 64 * 1024 * 1024  # bytes


class ChildDied(Exception):
    """The child was killed, broke a limit, or took too long."""


class Child:
    """One process running `module`, started when first asked, ended after `idle` seconds.

    One request at a time; a request that is cancelled or takes `timeout` seconds ends the
    process, and the next one starts another. `environ` is added to its bare environment."""

    def __init__(
        self,
        module: str,
        *,
        timeout: float,
        idle: float,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._module = module
        self._timeout = timeout
        self._idle = idle
        self._environ = environ or {}
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._killed = False  # the news of its end takes a moment to arrive
        self._signalled: Process | None = None
        self._closed = False
        self._rest: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closed = True
        self._kill()  # whoever waits for a reply hears that there is none
        async with self._turn:
            self._wake()
            await self._end()

    @property
    def pid(self) -> int | None:
        """The process's id, None while none runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def ask(self, head: Mapping[str, object], data: bytes) -> tuple[bytes, bytes]:
        """Give the child's reply: JSON, and bytes. Raises ChildDied."""
        async with self._turn:
            self._wake()
            answered = False
            try:
                async with asyncio.timeout(self._timeout):
                    reply = await _exchange(await self._running(), head, data)
                answered = True
            except (OSError, EOFError, ValueError) as error:
                raise ChildDied(f"{self._module}: {error!r}") from error
            finally:
                if not answered:
                    await self._end()
            self._rest = asyncio.get_running_loop().call_later(self._idle, self._kill)
            return reply

    async def _running(self) -> Process:
        process = self._process
        if (
            process
            and not self._killed
            and process.returncode is None
            and process.stdout
            and not process.stdout.at_eof()
        ):
            return process
        await self._end()
        self._killed = False
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            self._module,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={**_environment(), **self._environ},
            start_new_session=True,  # a Ctrl-C in the terminal is the parent's to handle
        )
        if self._closed:
            raise EOFError("closed meanwhile")
        return self._process

    async def _end(self) -> None:
        self._kill()
        process, self._process = self._process, None
        if process is not None:
            await process.communicate()  # until its pipes are closed, too

    def _kill(self) -> None:
        self._killed = True
        process = self._process
        # Once is enough: to send another signal asyncio looks for the process's end, and takes the
        # news of it from its own watcher, which then warns of an unknown child.
        if process is None or process is self._signalled or process.returncode is not None:
            return
        self._signalled = process
        with contextlib.suppress(ProcessLookupError):  # it has just died by itself
            process.kill()

    def _wake(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None


async def _exchange(
    process: Process, head: Mapping[str, object], data: bytes
) -> tuple[bytes, bytes]:
    requests, replies = process.stdin, process.stdout
    if requests is None or replies is None:
        raise EOFError
    encoded = json.dumps(head).encode()
    requests.write(FRAME.pack(len(encoded), len(data)) + encoded)
    requests.write(data)
    await requests.drain()
    sizes: tuple[int, int] = FRAME.unpack(await replies.readexactly(FRAME.size))
    if sum(sizes) > _LONGEST_REPLY:
        raise ValueError("the reply is too long")
    return (
        await replies.readexactly(sizes[0]),
        await replies.readexactly(sizes[1]),
    )


def _environment() -> dict[str, str]:
    """Give the little that a child needs to know; no keys."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    # One arena: glibc would reserve address space, which is limited, for every thread.
    return kept | {"PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "1"}
