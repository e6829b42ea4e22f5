"""A guild's own keys: sealed, bound to guild, provider and origin, never shown."""

import io
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalog.types import OWN
from bot.choices import GuildSettings, OwnEndpoint
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.errors import Refused
from bot.guilds.keyring import Keyring
from bot.guilds.membership import Guilds
from bot.settings import SettingsBook
from tests.storage import ALICE, GUILD, only_sqlite, open_database

CANARY = "sk-canary-0123456789-wxyz"
OPENAI = "https://api.openai.com:443"
ENDPOINT = OwnEndpoint("https://models.example.org/v1", ("vision",))


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as database:
        yield database


@pytest.fixture
def box(tmp_path: Path) -> SecretBox:
    return SecretBox.load((), tmp_path)


@pytest.fixture
def keyring(db: Database, box: SecretBox) -> Keyring:
    return Keyring(db, box)


async def sql(db: Database, statement: str) -> list[tuple[object, ...]]:
    async def work(session: AsyncSession) -> list[tuple[object, ...]]:
        result = cast("CursorResult[Any]", await session.execute(text(statement)))
        return [tuple(row) for row in result] if result.returns_rows else []

    return await db.transact(work)


async def reloaded(db: Database, box: SecretBox) -> Keyring:
    keyring = Keyring(db, box)
    await keyring.load()
    return keyring


async def test_a_key_is_there_at_once_and_after_a_restart(
    db: Database, box: SecretBox, keyring: Keyring
) -> None:
    put = await keyring.put(GUILD, ALICE, "openai", OPENAI, CANARY)
    assert keyring.of(GUILD) == {"openai": put}
    assert (put.key, put.last_four, put.origin) == (CANARY, "wxyz", OPENAI)
    assert (await reloaded(db, box)).of(GUILD) == {"openai": put}
    assert keyring.of(GUILD + 1) == keyring.of(None) == {}


@only_sqlite
async def test_a_key_is_in_no_file_no_log_and_no_repr(tmp_path: Path) -> None:
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    logging.getLogger().addHandler(handler)
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        async with open_database(tmp_path) as db:
            box = SecretBox.load((), tmp_path)
            put = await Keyring(db, box).put(GUILD, ALICE, "openai", OPENAI, CANARY)
            assert CANARY not in repr(put)
            await sql(db, "UPDATE guild_keys SET origin = 'https://elsewhere.example:443'")
            assert (await reloaded(db, box)).of(GUILD) == {}
            files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(level)
    assert b"guild_keys" in files
    assert CANARY.encode() not in files
    assert "can't be read" in told.getvalue()
    assert CANARY not in told.getvalue()


@pytest.mark.parametrize(
    "moved",
    [
        f"UPDATE guild_keys SET guild_id = {GUILD + 1}",
        "UPDATE guild_keys SET provider = 'groq'",
        "UPDATE guild_keys SET origin = 'https://evil.example:443'",
    ],
)
async def test_a_sealed_key_opens_in_no_other_row(
    db: Database, box: SecretBox, keyring: Keyring, moved: str
) -> None:
    await keyring.put(GUILD, ALICE, "openai", OPENAI, CANARY)
    await sql(db, moved)
    later = await reloaded(db, box)
    assert later.of(GUILD) == later.of(GUILD + 1) == {}


async def test_one_guilds_sealed_key_is_worth_nothing_in_anothers_row(
    db: Database, box: SecretBox, keyring: Keyring
) -> None:
    await keyring.put(GUILD, ALICE, "openai", OPENAI, CANARY)
    await keyring.put(GUILD + 1, ALICE, "openai", OPENAI, "sk-another-0123456789")
    await sql(
        db,
        "UPDATE guild_keys SET key = (SELECT key FROM guild_keys"
        f" WHERE guild_id = {GUILD}) WHERE guild_id = {GUILD + 1}",
    )
    later = await reloaded(db, box)
    assert later.of(GUILD)["openai"].key == CANARY
    assert later.of(GUILD + 1) == {}


async def test_another_master_key_opens_nothing_and_the_bot_starts_all_the_same(
    db: Database, keyring: Keyring, tmp_path: Path
) -> None:
    await keyring.put(GUILD, ALICE, "openai", OPENAI, CANARY)
    other = SecretBox.load((), tmp_path / "other")
    assert (await reloaded(db, other)).of(GUILD) == {}


async def test_of_a_short_key_nothing_is_shown(keyring: Keyring) -> None:
    assert (await keyring.put(GUILD, ALICE, "openai", OPENAI, "abc12345")).last_four == ""


@only_sqlite
async def test_every_change_of_a_key_is_in_the_history_without_the_key(
    db: Database, keyring: Keyring
) -> None:
    await keyring.put(GUILD, ALICE, "openai", OPENAI, CANARY)
    await keyring.put(GUILD, ALICE, "openai", OPENAI, "sk-second-0123456789-2222")
    assert await keyring.remove(GUILD, ALICE, "openai")
    assert not await keyring.remove(GUILD, ALICE, "openai")
    assert keyring.of(GUILD) == {}
    rows = await sql(db, "SELECT kind, before, after FROM settings_changes ORDER BY id")
    first, second = (
        '{"provider": "openai", "last_four": "wxyz"}',
        '{"provider": "openai", "last_four": "2222"}',
    )
    assert rows == [("key", "{}", first), ("key", first, second), ("key", second, "{}")]


async def test_a_change_of_a_key_cannot_be_undone(db: Database, keyring: Keyring) -> None:
    book = SettingsBook(db, keyring.drop)
    await keyring.put(GUILD, ALICE, "openai", OPENAI, CANARY)
    await keyring.remove(GUILD, ALICE, "openai")
    assert await book.undo(1, GUILD, ALICE) is None
    assert await book.undo(2, GUILD, ALICE) is None
    assert keyring.of(GUILD) == {}


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example.org/v1",
        "http://models.example.org/v1",
        "https://models.example.org:8443/v1",
        None,
    ],
)
async def test_an_endpoints_key_goes_when_scheme_host_or_port_change(
    db: Database, box: SecretBox, keyring: Keyring, elsewhere: str | None
) -> None:
    book = SettingsBook(db, keyring.drop)
    await book.change(GUILD, ALICE, GuildSettings(endpoint=ENDPOINT))
    await keyring.put(GUILD, ALICE, OWN, "https://models.example.org:443", CANARY)
    await keyring.put(GUILD, ALICE, "openai", OPENAI, CANARY)
    after = OwnEndpoint(elsewhere, ("vision",)) if elsewhere else None
    change = await book.change(GUILD, ALICE, GuildSettings(endpoint=after))
    assert change.dropped_key
    assert set(keyring.of(GUILD)) == {"openai"}
    assert set((await reloaded(db, box)).of(GUILD)) == {"openai"}
    assert await book.undo(change.id, GUILD, ALICE)
    assert book.of(GUILD).endpoint == ENDPOINT
    assert set(keyring.of(GUILD)) == {"openai"}


async def test_an_endpoints_key_stays_when_only_path_or_models_change(
    db: Database, keyring: Keyring
) -> None:
    book = SettingsBook(db, keyring.drop)
    await book.change(GUILD, ALICE, GuildSettings(endpoint=ENDPOINT))
    await keyring.put(GUILD, ALICE, OWN, "https://models.example.org:443", CANARY)
    moved = OwnEndpoint("https://models.example.org/v2", ("vision", "other"))
    change = await book.change(GUILD, ALICE, GuildSettings(endpoint=moved))
    assert not change.dropped_key
    assert keyring.of(GUILD)[OWN].key == CANARY


async def test_a_guilds_keys_can_be_forgotten_all_at_once(keyring: Keyring) -> None:
    await keyring.put(GUILD, ALICE, "openai", OPENAI, CANARY)
    await keyring.put(GUILD + 1, ALICE, "openai", OPENAI, CANARY)
    keyring.drop(GUILD)
    keyring.drop(GUILD)
    assert keyring.of(GUILD) == {}
    assert "openai" in keyring.of(GUILD + 1)


async def test_a_key_that_was_still_being_tried_when_the_bot_was_removed_is_not_kept(
    db: Database, box: SecretBox, keyring: Keyring
) -> None:
    await Guilds(db).left(GUILD)
    with pytest.raises(Refused, match="removed from this server"):
        await keyring.put(GUILD, ALICE, "openai", OPENAI, CANARY)
    assert not (await reloaded(db, box)).of(GUILD)
