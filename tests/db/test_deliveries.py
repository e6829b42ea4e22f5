import datetime as dt
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import text

from bot.db import deliveries, ledger, tables, turns
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.types import Delivery, Undelivered
from tests.storage import (
    CHANNEL,
    NOON,
    a_question,
    bytes_on_disk,
    claimed_id,
    only_sqlite,
    receipt,
)

SECOND = dt.timedelta(seconds=1)
TOKEN = Delivery(channel_id=CHANNEL, token="canary-token", application_id=7)


async def owed(
    db: Database,
    box: SecretBox,
    *,
    older_than: dt.datetime | None = None,
    now: dt.datetime = NOON + SECOND,
) -> list[Undelivered]:
    return await db.read(
        lambda session: deliveries.undelivered(session, box, older_than=older_than, now=now)
    )


async def settle(
    db: Database, box: SecretBox, question_id: int, answer: str | None, now: dt.datetime
) -> None:
    await db.transact(
        lambda session: ledger.settle(
            session, box, question_id, state="answered", duration_ms=1, text=answer, now=now
        )
    )


async def test_what_is_owed_comes_back_whole(db: Database, box: SecretBox) -> None:
    first = await claimed_id(db, box, a_question(1, delivery=TOKEN))
    second = await claimed_id(db, box, a_question(2, delivery=Delivery(CHANNEL)))
    await claimed_id(db, box, a_question(3))
    await db.transact(lambda session: deliveries.placed(session, second, 55))
    await settle(db, box, second, "A receipt.", NOON)
    assert await owed(db, box) == [
        Undelivered(first, TOKEN, None, "open"),
        Undelivered(second, Delivery(CHANNEL, message_id=55), "A receipt.", "answered"),
    ]


async def test_age_counts_from_the_end_of_a_long_question(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1, delivery=TOKEN))
    end = NOON + dt.timedelta(minutes=5)
    assert len(await owed(db, box, older_than=end)) == 1
    await settle(db, box, question_id, "A receipt.", end)
    assert await owed(db, box, older_than=end) == []
    assert len(await owed(db, box, older_than=end + SECOND)) == 1


async def test_a_token_that_has_run_out_is_left_away(db: Database, box: SecretBox) -> None:
    await claimed_id(db, box, a_question(1, delivery=TOKEN))
    [fresh] = await owed(db, box, now=NOON + dt.timedelta(minutes=14))
    [stale] = await owed(db, box, now=NOON + dt.timedelta(minutes=15))
    assert (fresh.delivery.token, stale.delivery.token) == ("canary-token", None)


async def test_delivered_pages_lead_to_their_question(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1, delivery=TOKEN))
    for _ in range(2):  # saying it twice changes nothing
        await db.transact(lambda session: deliveries.delivered(session, question_id, [71, 72, 73]))
    assert await owed(db, box) == []
    assert (await receipt(db, question_id)).answer_message_id == 71

    async def found(message_id: int) -> int | None:
        return await db.read(lambda session: turns.question_of_message(session, message_id))

    assert [await found(n) for n in (71, 72, 73, 74)] == [question_id] * 3 + [None]


async def test_a_growing_answer_is_known_by_its_message(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1, delivery=Delivery(CHANNEL)))
    await db.transact(lambda session: deliveries.placed(session, question_id, 71))
    found = await db.read(lambda session: turns.question_of_message(session, 71))
    assert found == question_id


async def test_neither_token_nor_text_can_be_read_from_the_file(
    db: Database, box: SecretBox, tmp_path: Path
) -> None:
    question_id = await claimed_id(db, box, a_question(1, delivery=TOKEN))
    await settle(db, box, question_id, "canary-answer", NOON)
    content = bytes_on_disk(tmp_path)
    assert b"canary" not in content


@only_sqlite
async def test_what_was_delivered_is_gone_from_the_file(
    db: Database, box: SecretBox, tmp_path: Path
) -> None:
    question_id = await claimed_id(db, box, a_question(1, delivery=TOKEN))

    async def sealed(session) -> bytes:
        return await session.scalar(text("SELECT token FROM deliveries"))

    blob = await db.read(sealed)
    assert blob in bytes_on_disk(tmp_path)
    await db.transact(lambda session: deliveries.delivered(session, question_id, [71]))
    assert blob not in bytes_on_disk(tmp_path)


async def test_a_token_copied_to_another_row_does_not_open(db: Database, box: SecretBox) -> None:
    await claimed_id(db, box, a_question(1, delivery=TOKEN))
    await claimed_id(db, box, a_question(2, delivery=Delivery(CHANNEL)))

    async def copy(session) -> None:
        await session.execute(
            text(
                "UPDATE deliveries SET token ="
                " (SELECT token FROM deliveries WHERE token IS NOT NULL)"
            )
        )

    await db.transact(copy)
    assert [u.delivery.token for u in await owed(db, box)] == ["canary-token", None]


async def test_with_other_keys_a_delivery_is_known_but_unreadable(
    db: Database, box: SecretBox, tmp_path: Path
) -> None:
    question_id = await claimed_id(db, box, a_question(1, delivery=TOKEN))
    await settle(db, box, question_id, "A receipt.", NOON)
    other = SecretBox.load((Fernet.generate_key().decode(),), tmp_path)
    [undelivered] = await owed(db, other)
    assert (undelivered.text, undelivered.delivery.token) == (None, None)


async def test_deleting_a_question_deletes_what_hangs_on_it(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1, delivery=TOKEN))

    async def delete(session) -> None:
        await session.execute(tables.questions.delete().where(tables.questions.c.id == question_id))

    await db.transact(delete)
    assert await owed(db, box) == []
