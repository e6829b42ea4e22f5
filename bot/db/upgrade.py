"""Migrations, run inside whatever transaction the caller opened."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

import migrations
from bot.errors import StorageError
from bot.i18n import _

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(migrations.__file__).parent
_VERSION = table("alembic_version", column("version_num"))

# Alembic is imported only when there is something to do: it takes 12 MB for good, and 0.2 s.


def upgrade(connection: Connection) -> list[str]:
    """Bring the schema up to date; gives one line a step. StorageError when it is too new."""
    current = _current(connection)
    if current == {newest()}:
        return []
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config(connection)
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    if not known.issuperset(current):
        raise StorageError(
            _(
                "The database was written by a newer Vidi (schema {revision}). "
                "Install that version again, or restore a backup made before it."
            ).format(revision=", ".join(current))
        )
    due = list(scripts.iterate_revisions("heads", tuple(current) or "base"))
    command.upgrade(config, "head")
    return [f"{script.revision} {script.doc}" for script in reversed(due)]


def newest() -> str:
    """Give the newest revision, which each migration's file name begins with."""
    return max(path.name.partition("_")[0] for path in _FOLDER.glob("versions/[0-9]*.py"))


def alembic_config(connection: Connection) -> "Config":
    """Give alembic's configuration for this connection; needs no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> set[str]:
    if not inspect(connection).has_table(_VERSION.name):
        return set()
    return set(connection.scalars(select(_VERSION.c.version_num)))
