import asyncio
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url

from bot.db.engine import create_engine, migrate
from bot.db.upgrade import alembic_config, newest
from bot.errors import StorageError
from tests.storage import SERVER, only_sqlite, open_database, rows_of, url_of


async def on_connection(folder: Path, work) -> None:
    engine = create_engine(make_url(url_of(folder)), foreign_keys=False)
    async with engine.begin() as connection:
        await connection.run_sync(work)
    await engine.dispose()


def schema(folder: Path) -> set[str]:
    query = "SELECT name FROM sqlite_master"
    if SERVER:
        query = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    return {row["name"] for row in rows_of(folder, query)}


async def test_migrating_says_what_was_done_and_then_that_nothing_is_due(tmp_path: Path) -> None:
    assert await migrate(url_of(tmp_path), tmp_path) == [
        "0001 questions and guild settings",
        "0002 discovered models and notices of their end",
        "0003 proofs of sight, screens, and models used unproven",
        "0004 what moderators and the operator decide from Discord: limits, keys, access, consent",
    ]
    assert await migrate(url_of(tmp_path), tmp_path) == []


async def test_a_file_name_tells_the_newest_revision(tmp_path: Path) -> None:
    heads: list[str] = []

    def look(connection: Connection) -> None:
        heads.extend(ScriptDirectory.from_config(alembic_config(connection)).get_heads())

    await on_connection(tmp_path, look)
    assert heads == [newest()]


async def test_a_start_with_nothing_to_migrate_does_without_alembic(tmp_path: Path) -> None:
    await migrate(url_of(tmp_path), tmp_path)
    script = (
        "import asyncio, pathlib, sys\n"
        "from bot.db.engine import migrate\n"
        "print(asyncio.run(migrate(sys.argv[1], pathlib.Path(sys.argv[2]))))\n"
        "print('alembic' in sys.modules)\n"
    )
    command = [sys.executable, "-c", script, url_of(tmp_path), str(tmp_path)]
    run = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert run.stdout.split() == ["[]", "False"], run.stderr


@only_sqlite
async def test_migrating_is_refused_while_the_bot_runs(tmp_path: Path) -> None:
    async with open_database(tmp_path):
        with pytest.raises(StorageError, match="already uses"):
            await migrate(url_of(tmp_path), tmp_path)


async def test_the_migrations_make_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    await migrate(url_of(tmp_path), tmp_path)

    def check(connection: Connection) -> None:
        command.check(alembic_config(connection))  # raises when a migration was forgotten

    await on_connection(tmp_path, check)


async def test_every_migration_can_be_taken_back(tmp_path: Path) -> None:
    await migrate(url_of(tmp_path), tmp_path)

    def down(connection: Connection) -> None:
        command.downgrade(alembic_config(connection), "base")

    await on_connection(tmp_path, down)
    assert schema(tmp_path) <= {"alembic_version", "sqlite_sequence"} | {
        name for name in schema(tmp_path) if name.startswith("sqlite_autoindex_alembic")
    }
    assert await migrate(url_of(tmp_path), tmp_path)


@only_sqlite
async def test_an_older_program_refuses_a_newer_database(tmp_path: Path) -> None:
    await migrate(url_of(tmp_path), tmp_path)
    with closing(sqlite3.connect(tmp_path / "vidi.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = (tmp_path / "vidi.db").read_bytes()
    with pytest.raises(StorageError, match="newer Vidi") as caught:
        async with open_database(tmp_path):
            pass
    assert "9999" in caught.value.sentence
    assert (tmp_path / "vidi.db").read_bytes() == before


# Forks once per statement and dies right before it; prints how many children were killed.
KILLED_AT_EVERY_STATEMENT = """
import asyncio, os, signal, sys
from itertools import count
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from bot.db.engine import migrate

def child(folder, fatal):
    statements = count(1)
    def die(*_):
        if next(statements) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(Engine, "before_cursor_execute", die)
    event.listen(Engine, "commit", die)
    asyncio.run(migrate(f"sqlite:///{folder}/vidi.db", folder))

for fatal in count(1):
    folder = Path(sys.argv[1], str(fatal))
    pid = os.fork()
    if pid == 0:
        child(folder, fatal)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
        break
print(fatal - 1)
"""


@only_sqlite
@pytest.mark.timeout(240)  # a process for every statement
async def test_a_kill_at_any_statement_leaves_the_old_schema_or_the_new(tmp_path: Path) -> None:
    run = [sys.executable, "-c", KILLED_AT_EVERY_STATEMENT, tmp_path]
    ended = await asyncio.to_thread(subprocess.run, run, capture_output=True, check=True)
    killed = int(ended.stdout)
    assert killed > 10, "the statements of a migration were not seen"
    whole = schema(tmp_path / str(killed + 1))
    for fatal in range(1, killed + 1):
        folder = tmp_path / str(fatal)
        assert schema(folder) in (set(), whole), f"killed at statement {fatal}"
        if fatal % 6 == 1:
            await migrate(url_of(folder), folder)
            assert schema(folder) == whole


def test_the_revisions_are_numbered_in_order_and_named_by_their_file() -> None:
    import migrations

    files = sorted(Path(migrations.__file__).parent.glob("versions/[0-9]*.py"))
    assert files
    for number, file in enumerate(files, 1):
        assert file.name.startswith(f"{number:04}_")
        assert re.search(rf'^revision = "{number:04}"$', file.read_text(), re.MULTILINE)
