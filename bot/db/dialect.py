"""The one place where SQLite and PostgreSQL are told apart in a statement."""

from functools import cache

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert


def insert_new(session: AsyncSession, table: Table, key: str) -> ReturningInsert[int]:
    """Give the insert that leaves alone a row which already has this `key`; it returns the key of
    the row that it wrote."""
    return _insert_new(session.get_bind().dialect.name, table, key)


@cache
def _insert_new(dialect: str, table: Table, key: str) -> ReturningInsert[int]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    (primary,) = table.primary_key
    return insert(table).on_conflict_do_nothing(index_elements=[key]).returning(primary)
