"""One process a database: SQLite allows several, losing commits at worst (its WAL-reset bug)."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StorageError
from bot.i18n import _


class DatabaseInUse(StorageError):
    """Another process has the database open."""


@contextmanager
def only_process(database: Path) -> Generator[None]:
    """Hold the lock beside `database`; DatabaseInUse when another process has it.

    The file stays: to remove it would let two processes lock two files of the same name."""
    handle = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise DatabaseInUse(
            _("Another Vidi already uses {database}. Stop it first.").format(database=database)
        ) from error
    try:
        yield
    finally:
        os.close(handle)
