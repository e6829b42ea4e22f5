"""The one place where SQLite and PostgreSQL are told apart in a statement."""

from functools import cache
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, String, Table, bindparam, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.functions import FunctionElement

from bot.db.base import Base


async def alone(session: AsyncSession, about: int) -> None:
    """Wait for other transactions about this guild or person to end, and keep new ones waiting.

    What is read from now on holds until this one ends. SQLite has one at a time in any case."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_ALONE, {"about": about})


_ALONE = select(func.pg_advisory_xact_lock(bindparam("about", type_=BigInteger)))


def insert_new(session: AsyncSession, table: Table, *key: str) -> ReturningInsert[int]:
    """Give the insert that leaves alone a row which already has this `key`; it returns the first
    column of the primary key of the row that it wrote."""
    return _insert_new(session.get_bind().dialect.name, table, key)


async def write_new(
    session: AsyncSession, row: type[Base], key: dict[str, Any], **facts: object
) -> bool:
    """Write a row unless one with this `key` is there; tells whether it was written."""
    insert = insert_new(session, cast("Table", row.__table__), *key)
    return await session.scalar(insert, key | facts) is not None


@cache
def _insert_new(dialect: str, table: Table, key: tuple[str, ...]) -> ReturningInsert[int]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    first, *_further = table.primary_key
    return insert(table).on_conflict_do_nothing(index_elements=key).returning(first)


def utc_day(moment: object) -> ColumnElement[str]:
    """Give the day of a column's moment in UTC, like 2026-11-22."""
    return func.substr(_Written(moment), _inline(1), _inline(10))


def utc_hour(moment: object) -> ColumnElement[str]:
    """Give the hour of a column's moment in UTC, like 2026-11-22 09."""
    return func.substr(_Written(moment), _inline(1), _inline(13))


def _inline(number: int) -> ColumnElement[int]:
    # As a parameter it would make the same expression another one where rows are grouped by it.
    return literal(number, literal_execute=True)


class _Written(FunctionElement[str]):
    type = String()
    inherit_cache = True


@compiles(_Written)
def _written(element: _Written, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(element.clauses, **options)  # SQLite has moments as text


@compiles(_Written, "postgresql")
def _written_out(element: _Written, compiler: SQLCompiler, **options: object) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"
