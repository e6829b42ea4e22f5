"""aiosqlite, with one turn of its thread a statement: as SQLAlchemy uses it, it takes four."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial
from typing import Any, Self

import aiosqlite

Values = Sequence[Any]
Turn = Callable[[Callable[[sqlite3.Connection], None]], Awaitable[None]]


class Connection(aiosqlite.Connection):
    """The connection that SQLAlchemy gets; nothing else uses its cursors."""

    def cursor(self) -> "Cursor":  # type: ignore[override] - the cursor that SQLAlchemy needs
        """Give a cursor, which waits for nothing yet."""
        return Cursor(self._turn)

    async def rollback(self) -> None:
        """Roll back; costs nothing when there is nothing to roll back."""
        if self.in_transaction:
            await super().rollback()

    async def _turn(self, work: Callable[[sqlite3.Connection], None]) -> None:
        done: Awaitable[None] = self._execute(work, self._conn)  # type: ignore[reportUnknownMemberType] - aiosqlite doesn't say
        await done


class Cursor:
    """Executes, fetches and closes in one turn; the rows are kept until they are asked for."""

    def __init__(self, turn: Turn) -> None:
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._turn = turn
        self._rows: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Values = ()) -> None:
        """Execute one statement."""
        await self._turn(partial(self._run, sqlite3.Cursor.execute, sql, parameters))

    async def executemany(self, sql: str, rows: Sequence[Values]) -> None:
        """Execute one statement for each of these rows."""
        await self._turn(partial(self._run, sqlite3.Cursor.executemany, sql, rows))

    async def fetchall(self) -> list[Any]:
        """Give the rows that the statement returned."""
        return self._rows

    async def close(self) -> None:
        """Let go of the rows."""
        self._rows = []

    def _run(
        self,
        execute: Callable[[sqlite3.Cursor, str, Any], object],
        sql: str,
        parameters: Values | Sequence[Values],
        connection: sqlite3.Connection,
    ) -> None:
        with closing(connection.cursor()) as cursor:
            execute(cursor, sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            # Known only once the last row was fetched.
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid


def connect(
    database: str, *, timeout: float, isolation_level: None, check_same_thread: bool
) -> Connection:
    """Give a connection that is still to be opened; the options are sqlite3's own."""
    opened = partial(
        sqlite3.connect,
        database,
        timeout=timeout,
        isolation_level=isolation_level,
        check_same_thread=check_same_thread,
    )
    return Connection(opened, iter_chunk_size=64)
