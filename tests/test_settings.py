import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from sqlalchemy import text

from bot.choices import PROMPT_MAX, Access, Budget, GuildSettings, OwnEndpoint, Rate, merged
from bot.db.engine import Database
from bot.errors import Refused, StorageBusy
from bot.settings import KeyShown, SettingsBook
from tests.any_settings import any_settings
from tests.serving import until
from tests.storage import ALICE, BOB, GUILD, only_sqlite, open_database

CHOSEN = GuildSettings(
    model_id="test/model",
    also=("test/other", "test/third"),
    prompt="Answer like a pirate.",
    ask_private=True,
    menus_private=False,
    retention_hours=0,
)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as database:
        yield database


@pytest.fixture
def book(db: Database) -> SettingsBook:
    return SettingsBook(db)


async def run_sql(db: Database, statement: str) -> None:
    async def work(session) -> None:
        await session.execute(text(statement))

    await db.transact(work)


async def test_nothing_chosen_means_the_defaults(book: SettingsBook) -> None:
    await book.load()
    assert book.of(GUILD) == book.of(None) == GuildSettings()


async def test_a_change_is_in_force_at_once_and_after_a_restart(
    db: Database, book: SettingsBook
) -> None:
    change = await book.change(GUILD, ALICE, CHOSEN)
    assert (change.guild_id, change.before, change.after) == (GUILD, GuildSettings(), CHOSEN)
    assert book.of(GUILD) == CHOSEN
    assert book.of(GUILD + 1) == GuildSettings()
    later = SettingsBook(db)
    await later.load()
    assert later.of(GUILD) == CHOSEN


@settings(max_examples=10)
@given(any_settings, any_settings)
def test_any_settings_survive_a_restart_and_an_undo(
    first: GuildSettings, then: GuildSettings
) -> None:
    async def story(folder: Path) -> None:
        async with open_database(folder) as db:
            book = SettingsBook(db)
            await book.change(GUILD, ALICE, first)
            change = await book.change(GUILD, ALICE, then)
            later = SettingsBook(db)
            await later.load()
            assert later.of(GUILD) == then
            undone = await later.undo(change.id, GUILD, BOB)
            assert undone is not None
            assert later.of(GUILD) == first
            (newest, *_older) = await later.history(GUILD)
            assert (newest.before, newest.after) == (then, first)

    with TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))


async def test_changes_of_different_settings_at_the_same_moment_all_stay(
    book: SettingsBook,
) -> None:
    seen = book.of(GUILD)
    wanted = [
        GuildSettings(prompt="Be brief."),
        GuildSettings(budget=Budget(day=5)),
        GuildSettings(budget=Budget(month=50), access=Access(denied_roles=(7,))),
        GuildSettings(rate=Rate(day=3)),
    ]
    await asyncio.gather(*(book.change(GUILD, ALICE, after, seen) for after in wanted))
    assert book.of(GUILD) == GuildSettings(
        prompt="Be brief.",
        budget=Budget(day=5, month=50),
        access=Access(denied_roles=(7,)),
        rate=Rate(day=3),
    )


async def test_a_change_tells_and_undoes_only_what_it_changed(book: SettingsBook) -> None:
    await book.change(GUILD, ALICE, GuildSettings(prompt="Be brief."), GuildSettings())
    late = await book.change(GUILD, BOB, GuildSettings(ask_private=True), GuildSettings())
    assert late.before == GuildSettings(prompt="Be brief.")
    assert late.after == GuildSettings(prompt="Be brief.", ask_private=True)
    await book.undo(late.id, GUILD, BOB)
    assert book.of(GUILD) == late.before


def test_an_endpoint_changes_whole_its_address_and_its_models() -> None:
    here = GuildSettings(endpoint=OwnEndpoint("https://a.example/v1", ("a",)))
    more = GuildSettings(endpoint=OwnEndpoint("https://a.example/v1", ("a", "b")))
    moved = GuildSettings(endpoint=OwnEndpoint("https://b.example/v1", ("c",)))
    assert merged(moved, here, more) == more
    assert merged(moved, here, GuildSettings()) == GuildSettings()


@settings(max_examples=50)
@given(any_settings, any_settings, any_settings)
def test_merging_takes_every_field_from_who_changed_it(
    current: GuildSettings, before: GuildSettings, after: GuildSettings
) -> None:
    assert merged(before, before, after) == after
    assert merged(current, before, before) == current
    assert merged(after, before, after) == after


@only_sqlite
async def test_every_change_leaves_a_trace(db: Database, book: SettingsBook) -> None:
    await book.change(GUILD, ALICE, CHOSEN)
    await book.change(GUILD, BOB, GuildSettings())

    async def trace(session) -> list[tuple[int, int, str]]:
        columns = "user_id, guild_id, json_extract(after, '$.prompt')"
        return [
            tuple(r) for r in await session.execute(text(f"SELECT {columns} FROM settings_changes"))
        ]

    assert await db.read(trace) == [(ALICE, GUILD, CHOSEN.prompt), (BOB, GUILD, None)]


async def test_undo_puts_back_what_was(book: SettingsBook) -> None:
    await book.change(GUILD, ALICE, CHOSEN)
    reset = await book.change(GUILD, ALICE, GuildSettings())
    undone = await book.undo(reset.id, GUILD, BOB)
    assert undone is not None
    assert undone.after == CHOSEN == book.of(GUILD)
    assert await book.undo(reset.id, GUILD, BOB) is None, "pressed twice"
    assert book.of(GUILD) == CHOSEN


async def test_undo_never_overwrites_a_later_change(book: SettingsBook) -> None:
    first = await book.change(GUILD, ALICE, CHOSEN)
    later = dataclasses.replace(CHOSEN, prompt=None)
    await book.change(GUILD, BOB, later)
    assert await book.undo(first.id, GUILD, ALICE) is None
    assert book.of(GUILD) == later


async def test_undo_of_another_guilds_change_does_nothing(book: SettingsBook) -> None:
    change = await book.change(GUILD, ALICE, CHOSEN)
    assert await book.undo(change.id, GUILD + 1, ALICE) is None
    assert await book.undo(change.id + 1, GUILD, ALICE) is None
    assert (book.of(GUILD), book.of(GUILD + 1)) == (CHOSEN, GuildSettings())


async def test_the_history_is_newest_first_and_read_page_by_page(book: SettingsBook) -> None:
    steps = [dataclasses.replace(CHOSEN, retention_hours=hours) for hours in range(1, 6)]
    made = [await book.change(GUILD, ALICE, step) for step in steps]
    await book.change(GUILD + 1, BOB, CHOSEN)
    first = await book.history(GUILD, limit=2)
    assert [past.id for past in first] == [made[4].id, made[3].id]
    assert (first[0].before, first[0].after) == (steps[3], steps[4])
    assert first[0].user_id == ALICE
    rest = await book.history(GUILD, before_id=first[-1].id, limit=10)
    assert [past.id for past in rest] == [made[2].id, made[1].id, made[0].id]
    assert rest[-1].before == GuildSettings()


async def test_a_keys_change_is_in_the_history_and_cannot_be_undone(
    db: Database, book: SettingsBook
) -> None:
    await run_sql(
        db,
        "INSERT INTO settings_changes (guild_id, user_id, kind, before, after, created_at) VALUES "
        f"({GUILD}, {ALICE}, 'key', '{{}}', "
        """'{"provider": "openai", "last_four": "abcd"}', '2026-08-01 12:00:00')""",
    )
    (past,) = await book.history(GUILD)
    assert (past.before, past.after) == (None, KeyShown("openai", "abcd"))
    assert await book.undo(past.id, GUILD, ALICE) is None
    assert len(await book.history(GUILD)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        GuildSettings(prompt="x" * (PROMPT_MAX + 1)),
        GuildSettings(retention_hours=721),
        GuildSettings(retention_hours=-1),
    ],
)
async def test_values_out_of_bounds_are_refused(book: SettingsBook, wrong: GuildSettings) -> None:
    with pytest.raises(Refused):
        await book.change(GUILD, ALICE, wrong)
    await book.load()
    assert book.of(GUILD) == GuildSettings()


async def test_the_bounds_themselves_are_allowed(book: SettingsBook) -> None:
    edge = GuildSettings(prompt="x" * PROMPT_MAX, retention_hours=720)
    await book.change(GUILD, ALICE, edge)
    await book.load()
    assert book.of(GUILD) == edge


async def test_a_value_of_a_newer_version_counts_as_not_chosen_and_stays(
    db: Database, book: SettingsBook
) -> None:
    await book.change(GUILD, ALICE, CHOSEN)
    await run_sql(db, "UPDATE guild_settings SET retention_hours = 9999, also = '\"all\"'")
    await book.load()
    assert book.of(GUILD) == dataclasses.replace(CHOSEN, retention_hours=24, also=())

    async def stored(session) -> int:
        return await session.scalar(text("SELECT retention_hours FROM guild_settings"))

    assert await db.read(stored) == 9999


@only_sqlite
async def test_what_could_not_be_saved_is_not_in_force(tmp_path: Path) -> None:
    async with open_database(tmp_path, busy_seconds=0.1) as db:
        book = SettingsBook(db)
        await run_sql(db, "PRAGMA query_only = ON")
        with pytest.raises(StorageBusy):
            await book.change(GUILD, ALICE, CHOSEN)
        assert book.of(GUILD) == GuildSettings()


async def test_memory_follows_the_database_even_when_the_caller_is_gone(
    db: Database, book: SettingsBook
) -> None:
    task = asyncio.create_task(book.change(GUILD, ALICE, CHOSEN))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: book.of(GUILD) == CHOSEN)
