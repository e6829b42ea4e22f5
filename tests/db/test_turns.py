import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.db import turns
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.types import Entry, Exchange, ImageRef, Origin, Task, Turn
from tests.storage import (
    ALICE,
    CHANNEL,
    GUILD,
    NOON,
    a_question,
    bytes_on_disk,
    claimed_id,
    open_database,
)

HOUR = dt.timedelta(hours=1)
PICTURE = ImageRef(
    url="https://cdn.discordapp.com/attachments/1/2/receipt.png?ex=1&is=2&hm=canary-signature",
    filename="receipt.png",
    content_type="image/png",
    size=1234,
    width=640,
    height=480,
    alt="a receipt",
    spoiler=True,
    origin=Origin(1, 2, 3),
    expires_at=NOON + HOUR,
)


def an_exchange(question_id: int, *images: ImageRef, answer: str = "canary-answer") -> Exchange:
    return Exchange(
        question_id=question_id,
        asker_id=ALICE,
        guild_id=GUILD,
        channel_id=CHANNEL,
        entry=Entry.MENTION,
        task=Task.TRANSLATE,
        text="canary-question",
        answer=answer,
        images=images,
        history=(Turn("canary-before", "yes"),),
        model_id="test/model",
        private=True,
    )


async def keep(db: Database, box: SecretBox, exchange: Exchange) -> None:
    await db.transact(lambda session: turns.keep(session, box, exchange, erase_at=NOON + HOUR))


async def load(db: Database, box: SecretBox, question_id: int) -> Exchange | None:
    return await db.read(lambda session: turns.load(session, box, question_id))


@pytest.mark.parametrize("answer", ["plain", "with a \0 and 🧾", "lone \udcff surrogate", ""])
async def test_an_exchange_comes_back_whole(db: Database, box: SecretBox, answer: str) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    exchange = an_exchange(question_id, PICTURE, answer=answer)
    await keep(db, box, exchange)
    assert await load(db, box, question_id) == exchange


async def test_it_can_be_followed_up_after_a_restart(tmp_path: Path) -> None:
    async with open_database(tmp_path) as db:
        box = SecretBox.load((), tmp_path)
        question_id = await claimed_id(db, box, a_question(1))
        await keep(db, box, an_exchange(question_id))
    async with open_database(tmp_path) as db:
        found = await load(db, SecretBox.load((), tmp_path), question_id)
    assert found == an_exchange(question_id)


async def test_pictures_that_hang_elsewhere_now_are_remembered(
    db: Database, box: SecretBox
) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    await keep(db, box, an_exchange(question_id))

    async def reattach(number: int) -> None:
        await db.transact(lambda session: turns.reattach(session, box, number, (PICTURE,)))

    await reattach(question_id)
    assert await load(db, box, question_id) == an_exchange(question_id, PICTURE)
    await reattach(question_id + 1)
    assert await load(db, box, question_id + 1) is None


async def test_the_bytes_of_a_picture_are_not_written_down(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    given = ImageRef(url="", filename="x.png", data=b"bytes")
    await keep(db, box, an_exchange(question_id, given))
    found = await load(db, box, question_id)
    assert found is not None
    assert found.images == (ImageRef(url="", filename="x.png"),)


async def test_nothing_of_it_can_be_read_from_the_file(
    db: Database, box: SecretBox, tmp_path: Path
) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    await keep(db, box, an_exchange(question_id, PICTURE))
    content = bytes_on_disk(tmp_path)
    assert b"canary" not in content


async def test_due_exchanges_are_erased_and_others_stay(db: Database, box: SecretBox) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    await keep(db, box, an_exchange(question_id))

    async def erase_due(now: dt.datetime) -> int:
        return await db.transact(lambda session: turns.erase_due(session, now))

    assert await erase_due(NOON + HOUR - dt.timedelta(seconds=1)) == 0
    assert await load(db, box, question_id) is not None
    assert await erase_due(NOON + HOUR) == 1
    assert await load(db, box, question_id) is None


async def test_an_exchange_of_another_shape_is_as_good_as_erased(
    db: Database, box: SecretBox
) -> None:
    question_id = await claimed_id(db, box, a_question(1))
    await keep(db, box, an_exchange(question_id))
    blob = box.seal('{"question_id": "new"}', bound_to=f"turns.exchange:{question_id}")

    async def overwrite(session) -> None:
        await session.execute(text("UPDATE turns SET exchange = :blob"), {"blob": blob})

    await db.transact(overwrite)
    assert await load(db, box, question_id) is None
