"""Guilds that come and go: what is erased when, and what a return finds again."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.choices import GuildSettings
from bot.db.base import Base
from bot.db.engine import Database
from bot.db.guild_tables import BlindNoticeRow, BlockRow, BudgetNoticeRow, GuildKeyRow, NoticeRow
from bot.db.keys import SecretBox
from bot.db.tables import ProofRow
from bot.guilds.membership import Guilds
from bot.settings import SettingsBook
from tests.storage import ALICE, BOB, GUILD, NOON, a_question, claimed_id, open_database, rows_of

OTHER = 200000000000000002
DAY = dt.timedelta(days=1)


@dataclass
class World:
    """A database with two guilds in which everything was used."""

    db: Database
    folder: Path
    now: dt.datetime = NOON

    def __post_init__(self) -> None:
        self.guilds = Guilds(self.db, lambda: self.now)

    async def put(self, table: type[Base], **values: Any) -> None:
        async def work(session: Any) -> None:
            await session.execute(insert(table).values(**values))

        await self.db.transact(work)

    async def use(self, guild_id: int, source_id: int) -> None:
        """Write something into every table that has a guild_id."""
        box = SecretBox.load((), self.folder)
        await claimed_id(self.db, box, a_question(source_id, guild_id=guild_id), now=self.now)
        await SettingsBook(self.db).change(guild_id, BOB, GuildSettings(prompt="Be brief."))
        key = {"provider": "openai", "origin": "https://a", "key": b"x", "last_four": "abcd"}
        await self.put(GuildKeyRow, guild_id=guild_id, set_by=BOB, set_at=NOON, **key)
        at = {"guild_id": guild_id, "told_at": NOON}
        await self.put(NoticeRow, model_id="m", shutdown=NOON.date(), **at)
        await self.put(BudgetNoticeRow, period="2026-08", level="share", **at)
        await self.put(BlindNoticeRow, guild_id=guild_id, model_id="m", since=NOON)
        proof = {"model_id": "m", "origin": "a", "fingerprint": "f", "transport": "url"}
        proof |= {"outcome": "sees", "latency_ms": 1, "tried_at": NOON}
        await self.put(ProofRow, guild_id=guild_id, **proof)

    def naming(self, guild_id: int) -> set[str]:
        """Give the tables in which a guild stands."""
        found: set[str] = set()
        for name, table in Base.metadata.tables.items():
            if "guild_id" in table.columns:
                query = f"SELECT 1 FROM {name} WHERE guild_id = :id"
                found |= {name for _row in rows_of(self.folder, query, id=guild_id)}
        return found

    def row(self, guild_id: int) -> dict[str, Any]:
        (row,) = rows_of(self.folder, "SELECT * FROM guilds WHERE guild_id = :id", id=guild_id)
        return row


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_database(tmp_path) as db:
        yield World(db, tmp_path)


EVERYWHERE = {name for name, table in Base.metadata.tables.items() if "guild_id" in table.columns}


async def both_used(world: World) -> None:
    for number, guild_id in enumerate((GUILD, OTHER)):
        await world.guilds.joined(guild_id, operator_keys=True)
        await world.use(guild_id, number)
        assert world.naming(guild_id) == EVERYWHERE, "a table isn't tested"


async def test_keys_go_at_once_and_everything_else_after_thirty_days(world: World) -> None:
    await both_used(world)
    await world.guilds.left(GUILD)
    assert world.naming(GUILD) == EVERYWHERE - {"guild_keys"}
    world.now = NOON + 30 * DAY - dt.timedelta(seconds=1)
    assert not await world.guilds.erase_left()
    assert world.naming(GUILD) == EVERYWHERE - {"guild_keys"}
    world.now = NOON + 30 * DAY
    assert await world.guilds.erase_left()
    assert world.naming(GUILD) == set()
    assert world.naming(OTHER) == EVERYWHERE
    assert not await world.guilds.erase_left()


async def test_a_guild_that_returns_in_time_finds_its_settings_again(world: World) -> None:
    await both_used(world)
    await world.guilds.left(GUILD)
    world.now = NOON + 29 * DAY
    await world.guilds.joined(GUILD, operator_keys=True)
    world.now = NOON + 60 * DAY
    assert not await world.guilds.erase_left()
    assert "guild_settings" in world.naming(GUILD)
    assert world.row(GUILD)["left_at"] is None


async def test_many_questions_are_erased_in_more_than_one_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.guilds.membership.ERASED_AT_ONCE", 2)
    await both_used(world)
    box = SecretBox.load((), world.folder)
    for source_id in range(10, 15):
        await claimed_id(world.db, box, a_question(source_id))
    await world.guilds.left(GUILD)
    world.now = NOON + 30 * DAY
    assert await world.guilds.erase_left()
    assert (world.naming(GUILD), world.naming(OTHER)) == (set(), EVERYWHERE)


async def test_what_happened_while_the_bot_was_away_is_noticed(world: World) -> None:
    await both_used(world)
    await world.use(unknown := 200000000000000003, 5)
    gone = await world.guilds.compare([OTHER, new := 44], operator_keys=False)
    assert gone == {GUILD, unknown}
    assert "guild_keys" not in world.naming(GUILD) | world.naming(unknown)
    assert "guild_keys" in world.naming(OTHER)
    assert [bool(world.row(g)["left_at"]) for g in (GUILD, unknown, OTHER, new)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [world.row(g)["operator_keys"] for g in (OTHER, new)] == [1, 0]
    assert not await world.guilds.compare([OTHER, new], operator_keys=False)
    assert not await world.guilds.compare([OTHER, new, GUILD], operator_keys=False)
    assert world.row(GUILD)["left_at"] is None


async def test_coming_back_does_not_change_who_pays(world: World) -> None:
    await world.guilds.joined(GUILD, operator_keys=False)
    await world.guilds.left(GUILD)
    await world.guilds.joined(GUILD, operator_keys=True)
    assert world.row(GUILD)["operator_keys"] == 0


async def test_a_block_outlives_the_guild(world: World) -> None:
    await both_used(world)
    await world.put(BlockRow, kind="guild", id=GUILD, blocked_by=ALICE, blocked_at=NOON)
    await world.guilds.left(GUILD)
    world.now = NOON + 30 * DAY
    await world.guilds.erase_left()
    assert rows_of(world.folder, "SELECT id FROM blocks") == [{"id": GUILD}]


async def test_an_introduction_is_claimed_once_and_again_when_it_could_not_be_made(
    world: World,
) -> None:
    assert not world.guilds.is_introduced(GUILD)
    assert await world.guilds.claim_introduction(GUILD)
    assert not await world.guilds.claim_introduction(GUILD)
    after_restart = Guilds(world.db)
    await after_restart.load()
    assert after_restart.is_introduced(GUILD)
    await world.guilds.release_introduction(GUILD)
    assert not world.guilds.is_introduced(GUILD)
    assert await world.guilds.claim_introduction(GUILD)
