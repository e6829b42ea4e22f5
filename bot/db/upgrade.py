"""Migrations, run inside whatever transaction the caller opened."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import migrations
from bot.errors import StorageError
from bot.i18n import _


def upgrade(connection: Connection) -> list[str]:
    """Bring the schema up to date; gives one line a step. StorageError when it is too new."""
    config = alembic_config(connection)
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    current = MigrationContext.configure(connection).get_current_heads()
    if not known.issuperset(current):
        raise StorageError(
            _(
                "The database was written by a newer Vidi (schema {revision}). "
                "Install that version again, or restore a backup made before it."
            ).format(revision=", ".join(current))
        )
    due = list(scripts.iterate_revisions("heads", current or "base"))
    if due:
        command.upgrade(config, "head")
    return [f"{script.revision} {script.doc}" for script in reversed(due)]


def alembic_config(connection: Connection) -> Config:
    """Give alembic's configuration for this connection; needs no alembic.ini."""
    config = Config()
    folder = str(Path(migrations.__file__).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
