"""The one place where SQLite and PostgreSQL are told apart in a statement."""

from functools import cache

from sqlalchemy import ColumnElement, String, Table, func, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.functions import FunctionElement


def insert_new(session: AsyncSession, table: Table, key: str) -> ReturningInsert[int]:
    """Give the insert that leaves alone a row which already has this `key`; it returns the key of
    the row that it wrote."""
    return _insert_new(session.get_bind().dialect.name, table, key)


@cache
def _insert_new(dialect: str, table: Table, key: str) -> ReturningInsert[int]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    (primary,) = table.primary_key
    return insert(table).on_conflict_do_nothing(index_elements=[key]).returning(primary)


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
