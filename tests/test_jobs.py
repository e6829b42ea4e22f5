import asyncio
import datetime as dt
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db import deliveries, ledger, turns
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.jobs import Jobs
from bot.types import Delivery, Entry, Exchange, Task, Undelivered
from tests.storage import ALICE, CHANNEL, NOON, a_question, claimed_id, open_database, receipt

MINUTE = dt.timedelta(minutes=1)
DELIVERY = Delivery(channel_id=CHANNEL, token="token", application_id=7)


class World:
    """A process that began at noon: its clock, what it answers, and what it was told to finish."""

    def __init__(self, db: Database, box: SecretBox) -> None:
        self.db, self.box = db, box
        self.now = NOON
        self.flying: frozenset[int] = frozenset()
        self.finished: list[Undelivered] = []
        self.broken = 0
        self.jobs = Jobs(
            db, box, self.finish, in_flight=lambda: self.flying, clock=lambda: self.now
        )

    async def finish(self, orphan: Undelivered) -> None:
        self.finished.append(orphan)
        if self.broken:
            self.broken -= 1
            raise ConnectionError("Discord is away")

    async def ask(self, source_id: int, *, at: dt.datetime = NOON) -> int:
        return await claimed_id(self.db, self.box, a_question(source_id, delivery=DELIVERY), now=at)

    async def settle(self, question_id: int, text: str | None, *, at: dt.datetime) -> None:
        await self.db.transact(
            lambda session: ledger.settle(
                session,
                self.box,
                question_id,
                state="answered",
                duration_ms=1,
                text=text,
                now=at,
            )
        )

    async def state(self, question_id: int) -> str:
        return (await receipt(self.db, question_id)).state

    async def owed(self) -> list[int]:
        found = await self.db.read(
            lambda session: deliveries.undelivered(session, self.box, older_than=None, now=self.now)
        )
        return [undelivered.question_id for undelivered in found]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_database(tmp_path) as db:
        yield World(db, SecretBox.load((), tmp_path))


async def test_reaping_ends_what_an_earlier_process_left(world: World) -> None:
    half = await world.ask(1, at=NOON - MINUTE)
    whole = await world.ask(2, at=NOON - MINUTE)
    await world.settle(whole, "A receipt.", at=NOON - MINUTE)
    await world.jobs.reap()
    assert world.finished == [
        Undelivered(half, DELIVERY, None, "failed:interrupted"),
        Undelivered(whole, DELIVERY, "A receipt.", "answered"),
    ]
    assert await world.state(half) == "failed:interrupted"
    assert await world.owed() == []
    await world.jobs.reap()
    assert len(world.finished) == 2


async def test_reaping_leaves_alone_what_this_process_is_at(world: World) -> None:
    world.now = NOON + MINUTE
    asked = await world.ask(1, at=NOON)
    delivering = await world.ask(2, at=NOON)
    await world.settle(delivering, "A receipt.", at=NOON)
    resumed = await world.ask(3, at=NOON - MINUTE)
    world.flying = frozenset({resumed})
    await world.jobs.reap()
    assert world.finished == []
    assert [await world.state(n) for n in (asked, resumed)] == ["open", "open"]


async def test_a_sweep_ends_what_nobody_is_at_for_a_minute(world: World) -> None:
    lost = await world.ask(1)
    flying = await world.ask(2)
    world.flying = frozenset({flying})
    world.now = NOON + MINUTE
    await world.jobs.sweep()
    assert world.finished == []
    world.now += dt.timedelta(seconds=1)
    await world.jobs.sweep()
    assert [orphan.question_id for orphan in world.finished] == [lost]
    assert [await world.state(n) for n in (lost, flying)] == ["failed:interrupted", "open"]


async def test_a_sweep_gives_a_settled_answer_a_minute_to_arrive(world: World) -> None:
    question_id = await world.ask(1)
    await world.settle(question_id, "A receipt.", at=NOON + 5 * MINUTE)
    world.now = NOON + 6 * MINUTE
    await world.jobs.sweep()
    assert world.finished == []
    world.now += dt.timedelta(seconds=1)
    await world.jobs.sweep()
    assert [orphan.text for orphan in world.finished] == ["A receipt."]


async def test_a_delivery_that_fails_is_tried_three_times_and_given_up(world: World) -> None:
    bad = await world.ask(1, at=NOON - MINUTE)
    world.broken = 99
    await world.jobs.reap()
    assert await world.owed() == [bad]
    for _ in range(4):
        world.now += 2 * MINUTE
        await world.jobs.sweep()
    assert len(world.finished) == 3
    assert await world.owed() == []
    assert await world.state(bad) == "failed:interrupted"


async def test_one_failing_delivery_does_not_hold_up_the_others(world: World) -> None:
    ids = [await world.ask(n, at=NOON - MINUTE) for n in range(3)]
    world.broken = 1
    await world.jobs.reap()
    assert len(world.finished) == 3
    assert await world.owed() == ids[:1]


async def test_due_text_and_old_deliveries_are_erased_and_hung_questions_ended(
    world: World,
) -> None:
    hung = await world.ask(1)
    world.flying = frozenset({hung})
    exchange = Exchange(
        question_id=hung,
        asker_id=ALICE,
        guild_id=None,
        channel_id=CHANNEL,
        entry=Entry.ASK,
        task=Task.ASK,
        text="?",
        answer="!",
        model_id="test/model",
    )
    due = NOON + 16 * MINUTE
    await world.db.transact(lambda session: turns.keep(session, world.box, exchange, erase_at=due))

    async def kept() -> bool:
        found = await world.db.read(lambda session: turns.load(session, world.box, hung))
        return found is not None

    world.now = NOON + 15 * MINUTE
    await world.jobs.erase()
    assert (await world.owed(), await world.state(hung), await kept()) == ([hung], "open", True)
    world.now = due
    await world.jobs.erase()
    assert await world.owed() == []
    assert await world.state(hung) == "failed:interrupted"
    assert not await kept()


async def test_it_runs_until_cancelled_and_survives_a_failing_job(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    due = await world.ask(1, at=NOON - 16 * MINUTE)
    failed = asyncio.Event()

    def in_flight() -> frozenset[int]:
        failed.set()
        raise ConnectionError("not now")

    jobs = Jobs(world.db, world.box, world.finish, in_flight=in_flight, clock=lambda: NOON)
    task = asyncio.create_task(jobs.run())
    await asyncio.wait_for(failed.wait(), 5)
    for _ in range(3):  # each is queued behind what the job does
        await world.owed()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "a job failed" in caplog.text
    assert await world.state(due) == "failed:interrupted", "erasing went on"


# Claims questions, ends every third, tells each number once it is written, until it is killed.
ASKING = """
import asyncio, sys
from pathlib import Path
from bot.db import ledger
from bot.db.keys import SecretBox
from bot.types import Delivery
from tests.storage import NOON, a_question, claim, open_database

async def main(folder):
    box = SecretBox.load((), folder)
    async with open_database(folder) as db:
        for source in range(100_000):
            question = a_question(source, delivery=Delivery(1, token="token", application_id=7))
            claimed = await claim(db, box, question)
            print("claimed", claimed, flush=True)
            if source % 3 == 0:
                await db.transact(lambda session: ledger.settle(session, box, claimed,
                    state="answered", duration_ms=1, text="A receipt.", now=NOON))
                print("settled", claimed, flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_after_a_kill_every_question_is_ended_and_every_delivery_finished(
    tmp_path: Path,
) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ASKING, str(tmp_path), stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    first = [await child.stdout.readline() for _ in range(40)]
    child.send_signal(signal.SIGKILL)
    said = [line.split() for line in [*first, *(await child.stdout.read()).splitlines()]]
    await child.wait()
    claimed = {int(line[1]) for line in said if line[0] == b"claimed" and len(line) == 2}
    settled = {int(line[1]) for line in said if line[0] == b"settled" and len(line) == 2}
    async with open_database(tmp_path) as db:
        world = World(db, SecretBox.load((), tmp_path))
        world.now = NOON + MINUTE
        world.jobs = Jobs(
            db, world.box, world.finish, in_flight=frozenset, clock=lambda: NOON + MINUTE
        )
        await world.jobs.reap()
        texts = {orphan.question_id: orphan.text for orphan in world.finished}
        assert claimed <= texts.keys()
        assert all(texts[question_id] == "A receipt." for question_id in settled)
        states = {await world.state(question_id) for question_id in texts}
        assert states == {"answered", "failed:interrupted"}
        assert await world.owed() == []


async def test_other_erasers_run_beside_the_erasing_and_one_that_fails_stops_none(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    erased = asyncio.Event()

    async def fails() -> None:
        raise ConnectionError("not now")

    async def erase() -> None:
        erased.set()

    jobs = Jobs(world.db, world.box, world.finish, in_flight=frozenset, erasers=(fails, erase))
    task = asyncio.create_task(jobs.run())
    await asyncio.wait_for(erased.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "a job failed" in caplog.text
