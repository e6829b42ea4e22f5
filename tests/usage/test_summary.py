import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db import ledger, proofs
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.proofs import Look, ProofCosts
from bot.types import CostSource, Usage
from bot.usage import UsageRow, UsageSummary, summary
from tests.storage import ALICE, BOB, GUILD, NOON, a_question, claim, claimed_id, open_database

DAY = dt.timedelta(days=1)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as database:
        yield database


async def fill(db: Database, folder: Path) -> None:
    box = SecretBox.load((), folder)
    rows = [
        (ALICE, GUILD, "test/dear", "answered", Usage(1000, 100, 5_000_000), NOON),
        (ALICE, GUILD, "test/dear", "answered", Usage(1000, 100, None), NOON),
        (BOB, GUILD, "test/cheap", "answered", Usage(None, None, 0), NOON),
        (BOB, GUILD, "test/dear", "failed:timeout", Usage(10, 0, 70), NOON),
        (BOB, GUILD, "test/cheap", "answered", Usage(1, 1, 1), NOON - DAY),
        (BOB, None, "test/cheap", "answered", Usage(2, 2, 2), NOON),
        (BOB, GUILD + 1, "test/cheap", "cancelled:stopped", Usage(4, 4, 4), NOON),
        (BOB, GUILD + 2, "test/dear", "refused:model", Usage(8, 8, 8), NOON),
    ]
    for source, (user_id, guild_id, model_id, state, usage, now) in enumerate(rows):
        question = a_question(source, user_id=user_id, guild_id=guild_id)
        claimed = await claim(db, box, question, model_id=model_id, now=now)
        assert claimed is not None
        await settle(db, box, claimed.question_id, state, usage, now)
    await claim(db, box, a_question(100, user_id=BOB), refused="refused:no_picture", model_id=None)
    await claim(db, box, a_question(101, user_id=BOB), model_id="test/cheap")


async def settle(
    db: Database, box: SecretBox, question_id: int, state: str, usage: Usage, now: dt.datetime
) -> None:
    await db.transact(
        lambda session: ledger.settle(
            session, box, question_id, state=state, usage=usage, duration_ms=1, now=now
        )
    )


async def test_a_guilds_usage_is_summed_by_model_and_by_member(
    db: Database, tmp_path: Path
) -> None:
    await fill(db, tmp_path)
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


async def test_ones_own_usage_is_summed_over_all_places(db: Database, tmp_path: Path) -> None:
    await fill(db, tmp_path)
    found = await summary(db, guild_id=None, user_id=BOB, since=NOON - 2 * DAY)
    assert (found.questions, found.answered, found.cost_nano_usd) == (7, 3, 85)
    assert [row.key for row in found.by_member] == [str(BOB)]


async def test_everything_is_summed_where_nothing_is_asked_for(
    db: Database, tmp_path: Path
) -> None:
    await fill(db, tmp_path)
    assert (await summary(db, guild_id=None, user_id=None, since=NOON - 2 * DAY)).questions == 9


async def test_what_a_model_declined_to_answer_was_paid_all_the_same(
    db: Database, tmp_path: Path
) -> None:
    await fill(db, tmp_path)
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
async def test_what_a_guard_stopped_was_paid_all_the_same(
    db: Database, tmp_path: Path, state: str
) -> None:
    box = SecretBox.load((), tmp_path)
    asked = await claimed_id(db, box, a_question(1))
    await settle(db, box, asked, state, Usage(500, 5, 9, CostSource.ESTIMATE), NOON)
    found = await summary(db, guild_id=GUILD, user_id=None, since=NOON - DAY)
    assert (found.questions, found.answered, found.cost_nano_usd) == (1, 0, 9)
