"""The database: one SQLite connection, transactions that a cancelled caller can't tear."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from bot.db import driver
from bot.db.lock import only_process
from bot.db.together import Then, Together, Work, busy
from bot.db.upgrade import upgrade
from bot.errors import StorageError
from bot.i18n import _

T = TypeVar("T")

log = logging.getLogger(__name__)

_BUSY_SECONDS = "10"
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


class Database:
    """The open database. Who opens a transaction ends it: `work` never commits."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._together = Together(
            async_sessionmaker(engine, expire_on_commit=False),
            one_at_a_time=engine.dialect.name == "sqlite",
        )
        self._running: set[asyncio.Future[Any]] = set()
        self._closed = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, data_dir: Path) -> AsyncGenerator["Database"]:
        """Lock, check and migrate the database, then keep it open; StorageError says what to do."""
        address = _address(url)
        with _prepared(address, data_dir):
            await _migrated(address)
            database = cls(create_engine(address))
            try:
                yield database
            finally:
                await database._close()

    async def transact(self, work: Work[T], *, then: Callable[[T], None] | None = None) -> T:
        """Run `work` in one transaction and give its result; StorageBusy when it can't be written.

        Works that wait at the same time share a commit, and nothing else: one that fails is undone
        alone. A cancelled caller stops waiting, the transaction goes on to its end; `then` gets
        the result right after the commit in either case."""
        return await self._shielded(work, then)

    async def read(self, work: Work[T]) -> T:
        """Run `work`, which only reads; a cancelled read would keep the database locked."""
        return await self._shielded(work, None)

    async def _shielded(self, work: Work[T], then: Then[T]) -> T:
        if self._closed:
            raise busy()
        done = self._together.add(work, then)
        self._running.add(done)
        done.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            done.add_done_callback(_log_unheard)
            raise

    async def _close(self) -> None:
        while self._running:
            await asyncio.wait(self._running)
        self._closed = True
        await self._engine.dispose()


async def migrate(url: str, data_dir: Path) -> list[str]:
    """Bring the database up to date; gives one line a step that was taken."""
    address = _address(url)
    with _prepared(address, data_dir):
        return await _migrated(address)


def create_engine(url: URL, *, foreign_keys: bool = True) -> AsyncEngine:
    """Make an engine for this URL; nothing is opened yet."""
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True)
    engine = create_async_engine(
        url.update_query_dict({"timeout": url.query.get("timeout", _BUSY_SECONDS)}),
        connect_args={
            "isolation_level": None,  # SQLAlchemy alone begins and ends
            "async_creator_fn": driver.connect,
        },
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
    )
    event.listen(engine.sync_engine, "begin", _begin)

    def set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"journal_mode={journal_mode(sqlite3.sqlite_version_info)}",
            "synchronous=FULL",
            "secure_delete=ON",  # what is erased is erased from the file, too
            f"foreign_keys={foreign_keys:d}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", set_up)
    return engine


def journal_mode(version: tuple[int, int, int]) -> str:
    """Give WAL where this SQLite has the WAL-reset fix (sqlite.org/wal.html), else TRUNCATE."""
    fixed = version >= (3, 51, 3) or any(
        line <= version < (3, line[1] + 1, 0) for line in ((3, 50, 7), (3, 44, 6))
    )
    return "WAL" if fixed else "TRUNCATE"


def _begin(connection: Connection) -> None:
    # Taking the write lock first: a transaction that reads and then writes can't lose a race. Said
    # to the driver itself it costs one turn of its thread instead of three.
    dbapi = cast("AsyncAdapt_dbapi_connection", connection.connection.dbapi_connection)
    dbapi.run_async(lambda connected: connected.execute("BEGIN IMMEDIATE"))


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        address = address.set(drivername=_DRIVERS.get(address.drivername, address.drivername))
        address.get_dialect()
    except ArgumentError as error:
        raise _wrong_url() from error
    if address.get_backend_name() == "sqlite" and address.database in {None, "", ":memory:"}:
        raise _wrong_url()
    return address


def _file(address: URL) -> Path | None:
    """Give SQLite's file by its one true name, None for a database server."""
    if address.get_backend_name() != "sqlite":
        return None
    return Path(address.database or "").resolve()


@contextmanager
def _prepared(address: URL, data_dir: Path) -> Generator[None]:
    file = _file(address)
    if file is None:
        yield
        return
    with ExitStack() as held:
        try:
            for folder in (data_dir, file.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held.enter_context(only_process(file))
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise _unusable(file, _reason(error)) from error
        yield


async def _migrated(address: URL) -> list[str]:
    # Tables are rebuilt to change them (SQLite can't ALTER much): with foreign keys in force that
    # would delete the rows that point at them, so this is an engine of its own.
    try:
        engine = create_engine(address, foreign_keys=False)
    except ModuleNotFoundError as error:
        raise StorageError(
            _("VIDI_DATABASE_URL needs the Python package {name}: install it.").format(
                name=error.name
            )
        ) from error
    try:
        async with engine.begin() as connection:
            if address.get_backend_name() == "sqlite":
                await connection.run_sync(_check)
            return await connection.run_sync(upgrade)
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise _unusable(_file(address) or address.render_as_string(), _reason(error)) from error
    finally:
        await engine.dispose()


def _check(connection: Connection) -> None:
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _wrong_url() -> StorageError:
    return StorageError(
        _("VIDI_DATABASE_URL names no database; write one like sqlite:////data/vidi.db.")
    )


def _unusable(place: Path | str, problem: str) -> StorageError:
    return StorageError(
        _(
            "The database {place} can't be used: {problem}. "
            "Nothing was changed; repair it or restore a backup."
        ).format(place=place, problem=problem)
    )


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", error)).split())


def _log_unheard(done: asyncio.Future[Any]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.error("a transaction failed after its caller had gone", exc_info=error)
