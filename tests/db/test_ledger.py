import asyncio
import dataclasses
import datetime as dt

from bot.db import deliveries, ledger, turns
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.types import Delivery, Entry, Exchange, Task, Undelivered, Usage
from tests.storage import (
    ALICE,
    CHANNEL,
    GUILD,
    NOON,
    a_question,
    claim,
    claimed_id,
    receipt,
)

LATER = NOON + dt.timedelta(seconds=5)
DELIVERY = Delivery(channel_id=CHANNEL, token="aW50ZXJhY3Rpb24:canary", application_id=7)


def an_exchange(question_id: int) -> Exchange:
    return Exchange(
        question_id=question_id,
        asker_id=ALICE,
        guild_id=GUILD,
        channel_id=CHANNEL,
        entry=Entry.ASK,
        task=Task.ASK,
        text="What is it?",
        answer="A receipt.",
        model_id="test/model",
    )


async def settle(
    db: Database,
    box: SecretBox,
    question_id: int,
    state: str = "answered",
    *,
    usage: Usage | None = None,
    text: str | None = None,
    exchange: Exchange | None = None,
    model_id: str | None = None,
) -> bool:
    return await db.transact(
        lambda session: ledger.settle(
            session,
            box,
            question_id,
            state=state,
            images=2,
            usage=usage,
            first_token_ms=300,
            duration_ms=4000,
            text=text,
            exchange=exchange,
            model_id=model_id,
            erase_at=LATER + dt.timedelta(hours=1),
            now=LATER,
        )
    )


async def owed(db: Database, box: SecretBox) -> list[Undelivered]:
    return await db.read(
        lambda session: deliveries.undelivered(session, box, older_than=None, now=LATER)
    )


async def test_a_redelivered_event_is_claimed_once(db: Database, box: SecretBox) -> None:
    question = a_question(1, delivery=DELIVERY)
    first = await claim(db, box, question)
    assert first is not None
    assert (await receipt(db, first)).created_at == NOON
    assert await claim(db, box, question) is None
    assert len(await owed(db, box)) == 1


async def test_of_many_deliveries_at_once_one_wins(db: Database, box: SecretBox) -> None:
    claims = await asyncio.gather(*(claim(db, box, a_question(1)) for _ in range(20)))
    assert sum(claimed is not None for claimed in claims) == 1


async def test_ids_ascend_and_are_never_used_twice(db: Database, box: SecretBox) -> None:
    ids = [await claimed_id(db, box, a_question(source)) for source in (30, 20, 10)]
    assert ids == sorted(ids)

    async def delete_all(session) -> None:
        await session.execute(ledger.questions.delete())

    await db.transact(delete_all)
    assert await claimed_id(db, box, a_question(40)) > max(ids)


async def test_a_claim_is_an_open_row_with_its_reservation(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    row = await receipt(db, question_id)
    assert dataclasses.asdict(row) == {
        "own_key": False,
        "trace": None,
        "id": question_id,
        "source_id": 1,
        "entry": "ask",
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "user_id": ALICE,
        "host": None,
        "sent_bytes": 0,
        "cost_source": None,
        "answer_message_id": None,
        "model_id": "test/model",
        "state": "open",
        "images": 0,
        "input_tokens": None,
        "output_tokens": None,
        "reserved_nano_usd": 1000,
        "cost_nano_usd": None,
        "first_token_ms": None,
        "duration_ms": None,
        "created_at": NOON,
        "finished_at": None,
    }


async def test_a_refusal_is_written_at_once_and_owes_and_costs_nothing(
    db: Database, box: SecretBox
) -> None:
    question = a_question(1, delivery=DELIVERY)
    refused = await claim(db, box, question, refused="refused:no_picture", model_id=None)
    assert refused is not None
    row = await receipt(db, refused)
    assert (row.state, row.finished_at) == ("refused:no_picture", NOON)
    assert (row.reserved_nano_usd, row.cost_nano_usd) == (0, 0)
    assert await owed(db, box) == []
    assert await claim(db, box, question) is None
    assert await settle(db, box, refused) is False


async def test_settling_writes_the_receipt(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    assert await settle(db, box, question_id, usage=Usage(900, 80, 123_456), model_id="test/other")
    row = await receipt(db, question_id)
    assert (row.state, row.images, row.finished_at) == ("answered", 2, LATER)
    assert (row.input_tokens, row.output_tokens, row.cost_nano_usd) == (900, 80, 123_456)
    assert (row.first_token_ms, row.duration_ms) == (300, 4000)
    assert (row.model_id, row.reserved_nano_usd) == ("test/other", 1000)


async def test_without_usage_it_cost_nothing(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    await settle(db, box, question_id, "failed:unreachable")
    row = await receipt(db, question_id)
    assert (row.cost_nano_usd, row.model_id) == (0, "test/model")


async def test_an_unknown_cost_stays_unknown_and_keeps_its_reservation(
    db: Database, box: SecretBox
) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    await settle(db, box, question_id, usage=Usage())
    row = await receipt(db, question_id)
    assert (row.cost_nano_usd, row.reserved_nano_usd) == (None, 1000)


async def test_stop_against_finish_ends_a_question_exactly_once(
    db: Database, box: SecretBox
) -> None:
    states = ["answered", "cancelled:stopped", "failed:timeout", "cancelled:answer_deleted"]
    for source in range(10):
        question_id = await claimed_id(db, box, a_question(source))
        ended = await asyncio.gather(*(settle(db, box, question_id, state) for state in states))
        assert sum(ended) == 1
        assert (await receipt(db, question_id)).state == states[ended.index(True)]


async def test_the_loser_of_a_settlement_leaves_no_text(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1, delivery=DELIVERY))
    assert await settle(db, box, question_id, "cancelled:stopped")
    exchange = an_exchange(question_id)
    assert not await settle(db, box, question_id, text="late", exchange=exchange)
    assert [undelivered.text for undelivered in await owed(db, box)] == [None]
    assert await db.read(lambda session: turns.load(session, box, question_id)) is None


async def test_ending_open_questions_spares_the_new_and_the_kept(
    db: Database, box: SecretBox
) -> None:
    old, kept = [await claimed_id(db, box, a_question(n)) for n in (1, 2)]
    new = await claimed_id(db, box, a_question(3), now=LATER)
    done = await claimed_id(db, box, a_question(4))
    await settle(db, box, done)
    ended = await db.transact(
        lambda session: ledger.end_open(session, opened_before=LATER, keep={kept}, now=LATER)
    )
    assert ended == 1
    states = [(await receipt(db, n)).state for n in (old, kept, new, done)]
    assert states == ["failed:interrupted", "open", "open", "answered"]
    row = await receipt(db, old)
    assert (row.finished_at, row.cost_nano_usd) == (LATER, None)
    assert not await settle(db, box, old)


async def test_forgetting_erases_exchange_and_owed_text(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1, delivery=DELIVERY))
    await settle(db, box, question_id, text="A receipt.", exchange=an_exchange(question_id))
    assert len(await owed(db, box)) == 1
    await db.transact(lambda session: ledger.forget(session, question_id))
    assert await owed(db, box) == []
    assert await db.read(lambda session: turns.load(session, box, question_id)) is None
    assert (await receipt(db, question_id)).state == "answered"


async def test_an_unknown_question_has_no_receipt(db: Database) -> None:
    assert await db.read(lambda session: ledger.receipt(session, 99)) is None
