import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import proofs
from bot.db.engine import Database
from bot.db.proofs import Look, ProofCosts
from bot.usage import DELETED, UsageRow, UsageSummary, _sums, summary
from tests.storage import only_sqlite
from tests.usage.books import ALICE, BOB, GUILD, NOON, a_row, write

DAY = dt.timedelta(days=1)


async def fill(db: Database) -> None:
    dear, cheap = "test/dear", "test/cheap"
    rows = [
        a_row(5_000_000, model_id=dear, tokens=(1000, 100)),
        a_row(None, model_id=dear, tokens=(1000, 100)),
        a_row(0, user_id=BOB, model_id=cheap, tokens=(None, None)),
        a_row(70, user_id=BOB, model_id=dear, tokens=(10, 0), state="failed:timeout"),
        a_row(1, user_id=BOB, model_id=cheap, tokens=(1, 1), now=NOON - DAY),
        a_row(2, user_id=BOB, model_id=cheap, guild_id=None),
        a_row(4, user_id=BOB, model_id=cheap, guild_id=GUILD + 1, state="cancelled:stopped"),
        a_row(8, user_id=BOB, model_id=dear, guild_id=GUILD + 2, state="refused:model"),
        a_row(0, user_id=BOB, model_id=None, state="refused:no_picture", tokens=(None, None)),
        a_row(user_id=BOB, model_id=cheap, state="open", tokens=(None, None)),
    ]
    await write(db, rows)


async def test_a_guilds_usage_is_summed_by_model_and_by_member(
    db: Database,
) -> None:
    await fill(db)
    found = await summary(db, guild_id=GUILD, user_id=None, since=NOON - dt.timedelta(hours=1))
    assert found == UsageSummary(
        questions=5,
        answered=3,
        input_tokens=2010,
        output_tokens=200,
        cost_nano_usd=5_000_070,
        unpriced=1,
        by_model=(
            UsageRow("test/dear", 3, 2010, 200, 5_000_070, 1),
            UsageRow("test/cheap", 2, 0, 0, 0, 0),
        ),
        by_member=(
            UsageRow(str(ALICE), 2, 2000, 200, 5_000_000, 1),
            UsageRow(str(BOB), 3, 10, 0, 70, 0),
        ),
        proofs=ProofCosts(),
    )


async def test_ones_own_usage_is_summed_over_all_places(db: Database) -> None:
    await fill(db)
    found = await summary(db, guild_id=None, user_id=BOB, since=NOON - 2 * DAY)
    assert (found.questions, found.answered, found.cost_nano_usd) == (7, 3, 85)
    assert [row.key for row in found.by_member] == [str(BOB)]


async def test_everything_is_summed_where_nothing_is_asked_for(
    db: Database,
) -> None:
    await fill(db)
    assert (await summary(db, guild_id=None, user_id=None, since=NOON - 2 * DAY)).questions == 9


async def test_what_a_model_declined_to_answer_was_paid_all_the_same(
    db: Database,
) -> None:
    await fill(db)
    found = await summary(db, guild_id=GUILD + 2, user_id=None, since=NOON - DAY)
    assert (found.questions, found.answered, found.cost_nano_usd) == (1, 0, 8)


async def test_no_questions_sum_up_to_nothing(db: Database) -> None:
    found = await summary(db, guild_id=GUILD, user_id=None, since=NOON)
    assert found == UsageSummary(0, 0, 0, 0, 0, 0, (), (), ProofCosts())


async def test_proofs_of_sight_are_a_sum_of_their_own(db: Database) -> None:
    def look(guild_id: int | None, cost: int | None, moment: dt.datetime) -> Look:
        return Look("a/b", "host", "f", "inline", "sees", 900, cost, guild_id, moment)

    looks = [
        look(GUILD, 300, NOON),
        look(GUILD, None, NOON),
        look(GUILD, 7, NOON - 2 * DAY),
        look(GUILD + 1, 50, NOON),
        look(None, 1000, NOON),
    ]
    await db.transact(lambda session: proofs.add(session, looks))
    since = NOON - DAY
    theirs = await summary(db, guild_id=GUILD, user_id=None, since=since)
    everything = await summary(db, guild_id=None, user_id=None, since=since)
    ones_own = await summary(db, guild_id=None, user_id=ALICE, since=since)
    assert theirs.proofs == ProofCosts(requests=2, cost_nano_usd=300, unpriced=1)
    assert everything.proofs == ProofCosts(requests=4, cost_nano_usd=1350, unpriced=1)
    assert ones_own.proofs == ProofCosts()
    assert (theirs.questions, theirs.cost_nano_usd) == (0, 0)


@pytest.mark.parametrize("state", ["refused:unsafe", "refused:unscreened"])
async def test_what_a_guard_stopped_was_paid_all_the_same(db: Database, state: str) -> None:
    await write(db, [a_row(9, state=state)])
    found = await summary(db, guild_id=GUILD, user_id=None, since=NOON - DAY)
    assert (found.questions, found.answered, found.cost_nano_usd) == (1, 0, 9)


async def test_members_who_had_their_data_deleted_are_one_row(db: Database) -> None:
    await write(db, [a_row(3, user_id=0), a_row(4, user_id=-17), a_row(5, user_id=-18), a_row(1)])
    found = await summary(db, guild_id=GUILD, user_id=None, since=NOON - DAY)
    assert [(row.key, row.questions, row.cost_nano_usd) for row in found.by_member] == [
        (str(DELETED), 3, 12),
        (str(ALICE), 1, 1),
    ]


@only_sqlite
async def test_a_summary_reads_nothing_but_its_index(db: Database) -> None:
    await write(db, [a_row()])

    async def plan(session: AsyncSession) -> str:
        query = _sums(GUILD, None, NOON).compile(
            dialect=session.get_bind().dialect, compile_kwargs={"literal_binds": True}
        )
        found = await session.execute(text(f"EXPLAIN QUERY PLAN {query}"))
        return " ".join(str(row) for row in found)

    assert "COVERING INDEX ix_questions_usage" in await db.read(plan)
