"""What the operator decides: in force at once, kept, undone only while it still holds."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.choices import Budget, GuildSettings, OwnEndpoint
from bot.client import Application, probe
from bot.config import Config
from bot.db.engine import Database
from bot.db.guild_tables import GuildKeyRow, GuildRow, SettingsChangeRow
from bot.db.tables import QuestionRow
from bot.owner.book import OwnerBook
from bot.owner.decisions import Allowance, Announcement, Block, Decision, Keys
from bot.settings import SettingsBook
from bot.usage.guilds import GuildStanding, GuildSums, guild_standings, guild_sums
from playground import Playground
from tests.storage import open_database

NOON = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
OWNER, ALICE = 900000000000000001, 100000000000000001
GUILD, OTHER_GUILD = 200000000000000001, 200000000000000002


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as database:
        yield database


@pytest.fixture
async def book(db: Database) -> OwnerBook:
    book = OwnerBook(db, now=lambda: NOON)
    await book.load()
    return book


DECISIONS = {
    "guild": (Block("guild", GUILD), Block("guild", GUILD, blocked=False)),
    "user": (Block("user", ALICE, reason="spam"), Block("user", ALICE, blocked=False)),
    "keys": (Keys(GUILD, allowed=False), Keys(GUILD, allowed=True)),
    "new": (Keys(None, allowed=False), Keys(None, allowed=True)),
    "allowance": (Allowance(day=5, month=None), Allowance()),
    "announcement": (Announcement("Back at noon.", NOON), Announcement()),
}
each_decision = pytest.mark.parametrize(
    ("decision", "before"), DECISIONS.values(), ids=DECISIONS.keys()
)


@each_decision
async def test_a_decision_says_what_was_survives_a_restart_and_can_be_undone(
    db: Database, book: OwnerBook, decision: Decision, before: Decision
) -> None:
    untouched = book.rules
    decided = await book.decide(decision, OWNER)
    assert (decided.before, decided.after) == (before, decision)
    assert book.rules != untouched
    restarted = OwnerBook(db)
    await restarted.load()
    assert restarted.rules == book.rules

    assert decided.id is not None
    undone = await restarted.undo(decided.id, OWNER)
    assert undone is not None
    assert (undone.before, undone.after) == (decision, before)
    assert restarted.rules == untouched


@each_decision
async def test_a_decision_that_changes_nothing_leaves_nothing_to_undo(
    db: Database, book: OwnerBook, decision: Decision, before: Decision
) -> None:
    assert (await book.decide(before, OWNER)).id is None
    await book.decide(decision, OWNER)
    assert (await book.decide(decision, OWNER)).id is None

    async def changes(session: AsyncSession) -> list[int]:
        return list(await session.scalars(select(SettingsChangeRow.user_id)))

    assert await db.read(changes) == [OWNER]


async def test_a_decision_that_was_taken_anew_is_not_undone(book: OwnerBook) -> None:
    first = await book.decide(Block("user", ALICE, reason="spam"), OWNER)
    await book.decide(Block("user", ALICE, reason="worse"), OWNER)
    assert first.id is not None
    assert await book.undo(first.id, OWNER) is None
    assert book.rules.blocked_users == {ALICE}
    (block,) = await book.blocks()
    assert block.reason == "worse"


async def test_lifting_a_block_is_undone_with_its_reason(book: OwnerBook) -> None:
    await book.decide(Block("guild", GUILD, reason="floods"), OWNER)
    lifted = await book.decide(Block("guild", GUILD, blocked=False), OWNER)
    assert book.rules.blocked_guilds == frozenset()
    assert lifted.id is not None
    await book.undo(lifted.id, OWNER)
    assert await book.blocks() == (Block("guild", GUILD, reason="floods"),)


async def test_a_moderators_change_is_no_decision_of_the_operators(
    db: Database, book: OwnerBook
) -> None:
    settings = SettingsBook(db)
    changed = await settings.change(GUILD, ALICE, GuildSettings(ask_private=True))
    assert await book.undo(changed.id, OWNER) is None
    assert settings.of(GUILD).ask_private
    decided = await book.decide(Keys(None, allowed=False), OWNER)
    assert decided.id is not None
    assert await settings.undo(decided.id, GUILD, ALICE) is None
    assert not book.rules.new_guilds


async def test_who_pays_is_a_matter_of_one_guild_and_leaves_its_other_facts(
    db: Database, book: OwnerBook
) -> None:
    async def joined(session: AsyncSession) -> None:
        session.add(GuildRow(guild_id=GUILD, joined_at=NOON))

    await db.transact(joined)
    await book.decide(Keys(GUILD, allowed=False), OWNER)
    assert [book.pays_for(guild) for guild in (GUILD, OTHER_GUILD, None)] == [False, True, True]
    assert await guild_standings(db) == (GuildStanding(GUILD, joined_at=NOON),)


async def test_a_budget_for_guilds_is_part_of_the_rules(book: OwnerBook) -> None:
    await book.decide(Allowance(day=2_000_000_000, month=30_000_000_000), OWNER)
    assert book.rules.budget == Budget(day=2_000_000_000, month=30_000_000_000)


async def test_an_announcement_ends_by_itself(db: Database) -> None:
    moments = [NOON, NOON + dt.timedelta(hours=1)]
    book = OwnerBook(db, now=lambda: moments[0])
    await book.decide(Announcement("Back soon.", NOON + dt.timedelta(hours=1)), OWNER)
    assert book.announcement() == "Back soon."
    moments.pop(0)
    assert book.announcement() is None


def asked(number: int, guild_id: int | None, **facts: object) -> QuestionRow:
    row = {
        "source_id": number,
        "entry": "ask",
        "guild_id": guild_id,
        "channel_id": 1,
        "user_id": ALICE,
        "state": "answered",
        "reserved_nano_usd": 9,
        "created_at": NOON,
        "finished_at": NOON,
    }
    return QuestionRow(**(row | facts))


async def test_a_guild_is_summed_up_by_who_paid(db: Database) -> None:
    async def questions(session: AsyncSession) -> None:
        session.add_all(
            (
                asked(1, GUILD, cost_nano_usd=700),
                asked(2, GUILD, cost_nano_usd=30, own_key=True),
                asked(3, GUILD),
                asked(4, OTHER_GUILD, cost_nano_usd=5, own_key=True),
                asked(5, None, cost_nano_usd=1000),
                asked(6, GUILD, state="refused:policy", cost_nano_usd=0),
                asked(7, GUILD, cost_nano_usd=8, created_at=NOON - dt.timedelta(days=1)),
            )
        )

    await db.transact(questions)
    assert await guild_sums(db, since=NOON) == (
        GuildSums(None, 1, operator_nano_usd=1000),
        GuildSums(GUILD, 3, operator_nano_usd=700, own_nano_usd=30, unpriced=1),
        GuildSums(OTHER_GUILD, 1, own_nano_usd=5),
    )


async def test_a_guild_with_a_key_or_an_endpoint_of_its_own_is_known_for_it(db: Database) -> None:
    async def key(session: AsyncSession) -> None:
        facts = {"origin": "https://a.example", "key": b"x", "last_four": "1234"}
        session.add(
            GuildKeyRow(guild_id=GUILD, provider="openai", set_by=ALICE, set_at=NOON, **facts)
        )
        session.add(GuildRow(guild_id=GUILD, left_at=NOON))
        session.add(GuildRow(guild_id=5))

    await db.transact(key)
    settings = SettingsBook(db)
    own = OwnEndpoint("https://b.example/v1", ("m",))
    await settings.change(OTHER_GUILD, ALICE, GuildSettings(endpoint=own))
    await settings.change(6, ALICE, GuildSettings())
    assert set(await guild_standings(db)) == {
        GuildStanding(GUILD, left_at=NOON, own=True),
        GuildStanding(5),
        GuildStanding(OTHER_GUILD, own=True),
    }


async def application(pg: Playground) -> Application:
    return await probe(Config.load({"DISCORD_TOKEN": pg.token, "VIDI_DISCORD_API_URL": pg.api_url}))


async def test_the_owner_of_the_application_runs_it() -> None:
    async with Playground() as pg:
        assert (await application(pg)).owner_ids == {pg.owner.id}


async def test_of_a_team_those_run_it_who_accepted_and_may_do_more_than_read() -> None:
    async with Playground() as pg:
        admin, developer, reader, invited = (pg.user(name) for name in ("a", "d", "r", "i"))
        pg.team(admin, "admin")
        pg.team(developer, "developer")
        pg.team(reader, "read_only")
        pg.team(invited, "admin", accepted=False)
        assert (await application(pg)).owner_ids == {pg.owner.id, admin.id, developer.id}
