"""Alembic's way in: on the connection the bot gives, or on its own for developers' commands."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, make_url

from bot.config import Config
from bot.db import guild_tables, tables
from bot.db.base import Base
from bot.db.engine import create_engine

# What these modules define is in the metadata.
TABLES = (tables, guild_tables)


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        # Alembic thinks that SQLite can't; after an explicit BEGIN it can.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_migrate() -> None:
    engine = create_engine(make_url(Config.load(os.environ).database_url), foreign_keys=False)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


if (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    asyncio.run(connect_and_migrate())
