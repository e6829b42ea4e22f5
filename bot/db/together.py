"""Works that wait while a commit is under way share the next: each is a wait for the disk."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.errors import StorageBusy
from bot.i18n import _

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]
Then = Callable[[T], None] | None

LARGEST_GROUP = 32

_STORAGE_FAILURES = (OperationalError, sqlite3.OperationalError, PoolTimeout)
# Those of PostgreSQL's classes of states that are about the server: connections, read-only,
# deadlocks, resources, locks, shutdown, its files.
_SERVER_STATES = frozenset({"08", "25", "40", "53", "55", "57", "58"})


@dataclass(slots=True, eq=False)
class _Waiting(Generic[T]):
    """A work and who waits for it; `done` is the caller's."""

    work: Work[T]
    then: Then[T]
    done: asyncio.Future[T]
    context: Context = field(default_factory=copy_context)
    result: T = field(init=False)
    error: Exception | None = None

    def task(self, run: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start what runs the work in its caller's context, which holds the locale."""
        return asyncio.create_task(run, context=self.context)

    async def alone(self, session: AsyncSession) -> None:
        """Run the work; its failure is the transaction's."""
        self.result = await self.work(session)

    async def beside_others(self, session: AsyncSession) -> None:
        """Run the work and undo it when it fails; raises only when that can't be done."""
        savepoint = await session.begin_nested()
        try:
            self.result = await self.work(session)
        except Exception as error:
            self.error = error
            # After some failures SQLite has rolled back everything already: then this fails, too.
            await savepoint.rollback()
        else:
            await savepoint.commit()

    def committed(self) -> None:
        """Tell the caller how the work ended, now that the transaction has."""
        if self.error is not None:
            self.done.set_exception(_told(self.error))
            return
        try:
            if self.then is not None:
                self.then(self.result)
        except Exception as error:
            self.done.set_exception(error)
        else:
            self.done.set_result(self.result)

    def lost(self, error: Exception) -> None:
        """Tell the caller that the transaction which the work shared has failed."""
        if self.error is not None:
            self.done.set_exception(_told(self.error))
        else:
            is_storage = isinstance(error, _STORAGE_FAILURES)
            self.done.set_exception(busy(error) if is_storage else error)


class Together:
    """Runs works in transactions: each at once, or `one_at_a_time` in the order they came."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], *, one_at_a_time: bool) -> None:
        self._sessions = sessions
        self._one_at_a_time = one_at_a_time
        self._waiting: deque[_Waiting[Any]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    def add(self, work: Work[T], then: Then[T]) -> asyncio.Future[T]:
        """Give the future result of `work`, there once it is committed and `then` has got it."""
        waiting = _Waiting(work, then, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if not (self._one_at_a_time and self._running):
            self._start()
        return waiting.done

    def _start(self) -> None:
        size = min(len(self._waiting), LARGEST_GROUP)
        group = [self._waiting.popleft() for _one in range(size)]
        if size == 1:
            task = group[0].task(self._alone(group[0]))
        else:
            task = asyncio.create_task(self._group(group))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if task.cancelled():  # the loop is being closed
            while self._waiting:
                self._waiting.popleft().done.cancel()
        elif self._waiting:
            self._start()

    async def _alone(self, one: _Waiting[Any]) -> None:
        try:
            async with self._sessions.begin() as session:
                await one.alone(session)
        except Exception as error:
            one.done.set_exception(_told(error))
        else:
            one.committed()
        finally:
            one.done.cancel()  # changes nothing unless this task was cancelled

    async def _group(self, group: list[_Waiting[Any]]) -> None:
        try:
            async with self._sessions.begin() as session:
                for each in group:
                    await each.task(each.beside_others(session))
        except Exception as error:
            for each in group:
                each.context.run(each.lost, error)
        else:
            for each in group:
                each.context.run(each.committed)
        finally:
            for each in group:
                each.done.cancel()  # changes nothing unless this task was cancelled


def busy(cause: Exception | None = None) -> StorageBusy:
    """Give the sentence for what can't be saved or read now."""
    error = StorageBusy(_("Nothing can be saved at the moment. Try again in a minute."))
    error.__cause__ = cause
    return error


def _told(error: Exception) -> Exception:
    """Give what a caller is told about a failure: StorageBusy when it is the storage's."""
    return busy(error) if _is_storages(error) else error


def _is_storages(error: Exception) -> bool:
    """Tell whether the file, the server or the way there failed, and not the work."""
    cause = getattr(error, "orig", error)
    if isinstance(error, (OperationalError, sqlite3.OperationalError)):
        # SQLITE_ERROR is wrong SQL or a missing table; every other code is about the file:
        # locked, full, read-only, gone.
        code = getattr(cause, "sqlite_errorcode", None)
        return code is None or code & 0xFF != sqlite3.SQLITE_ERROR
    if isinstance(error, DBAPIError):
        state = getattr(cause, "sqlstate", None) or ""
        return error.connection_invalidated or state[:2] in _SERVER_STATES
    return isinstance(error, (PoolTimeout, OSError))
