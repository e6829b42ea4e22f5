"""The inventory against the tables; what an export holds, and what a deletion leaves."""

import datetime as dt
import json
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from sqlalchemy import insert, update

from bot.db import deliveries, ledger, turns
from bot.db.base import Base
from bot.db.engine import Database
from bot.db.guild_tables import BlockRow, GuildKeyRow, GuildSettingsRow, OptOutRow
from bot.db.guild_tables import SettingsChangeRow as ChangeRow
from bot.db.keys import SecretBox
from bot.db.people import mark_of
from bot.db.tables import QuestionRow
from bot.privacy.export import Export
from bot.privacy.inventory import INVENTORY, Kind
from bot.privacy.people import People
from bot.types import Delivery, Entry, Exchange, ImageRef, Task, Turn, Usage
from docs.make_privacy import TARGET, page
from tests.storage import (
    ALICE,
    BOB,
    CHANNEL,
    GUILD,
    NOON,
    a_question,
    bytes_on_disk,
    claimed_id,
    only_sqlite,
    open_database,
    receipt,
    rows_of,
)

SECRET_WORDS = "the cellar door"
DELIVERY = Delivery(channel_id=CHANNEL, token="token", application_id=7)
TABLES = {name: columns for group in INVENTORY for name, columns in group.tables.items()}


@dataclass
class World:
    """People and a database at noon of the first of August, unless the clock is moved."""

    db: Database
    box: SecretBox
    folder: Path
    now: dt.datetime = NOON

    @property
    def people(self) -> People:
        return People(self.db, self.box, lambda: self.now)

    async def asks(self, source_id: int, *, user_id: int = ALICE, settled: bool = True) -> int:
        question = a_question(source_id, user_id=user_id, delivery=DELIVERY)
        question_id = await claimed_id(self.db, self.box, question, now=self.now)
        if settled:
            await self.settle(question_id, user_id)
        return question_id

    async def settle(
        self, question_id: int, user_id: int = ALICE, *, answer: str = "A door."
    ) -> None:
        exchange = Exchange(
            question_id=question_id,
            asker_id=user_id,
            guild_id=GUILD,
            channel_id=CHANNEL,
            entry=Entry.ASK,
            task=Task.ASK,
            text=SECRET_WORDS,
            answer=answer,
            images=(ImageRef("https://cdn.example/a.png", "a.png", alt="door"),),
            history=(Turn("earlier?", "yes"),),
            model_id="test/model",
        )
        await self.db.transact(
            lambda session: ledger.settle(
                session,
                self.box,
                question_id,
                state="answered",
                duration_ms=5,
                host="a.example",
                images=1,
                usage=Usage(10, 20, 123_456_789),
                text="A door.",
                exchange=exchange,
                erase_at=self.now + dt.timedelta(days=1),
                now=self.now,
            )
        )

    async def shown(self, question_id: int, *messages: int) -> None:
        await self.db.transact(lambda session: deliveries.delivered(session, question_id, messages))

    async def traced(self, question_id: int) -> None:
        row = update(QuestionRow).where(QuestionRow.id == question_id)

        async def work(session: Any) -> None:
            await session.execute(row.values(trace="[]"))

        await self.db.transact(work)

    async def put(self, table: type[Base], **values: Any) -> None:
        async def work(session: Any) -> None:
            await session.execute(insert(table).values(**values))

        await self.db.transact(work)

    def rows(self, table: str) -> list[dict[str, Any]]:
        return rows_of(self.folder, f"SELECT * FROM {table}")

    async def exported(self, user_id: int = ALICE) -> Export:
        return msgspec.json.decode((await self.people.export(user_id)).data, type=Export)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_database(tmp_path) as db:
        yield World(db, SecretBox.load((), tmp_path), tmp_path)


def test_every_column_of_every_table_is_in_the_inventory_and_nothing_else() -> None:
    tables = {name: set(table.columns.keys()) for name, table in Base.metadata.tables.items()}
    assert {name: set(columns) for name, columns in TABLES.items()} == tables


def test_what_is_sealed_and_nothing_else_is_stored_as_bytes() -> None:
    sealed = {
        (name, column.name)
        for name, table in Base.metadata.tables.items()
        for column in table.columns
        if column.type.python_type is bytes
    }
    listed = {
        (name, column)
        for name, columns in TABLES.items()
        for column, kind in columns.items()
        if kind in (Kind.TEXT, Kind.KEY)
    }
    assert listed == sealed


def test_the_page_says_what_the_inventory_says() -> None:
    assert TARGET.read_text("utf-8") == page()


async def fill_every_column_with(world: World, user_id: int) -> None:
    """Have a person stand wherever the inventory says that one can."""
    await world.shown(await world.asks(901, user_id=user_id), 911, 912)
    undelivered = await world.asks(902, user_id=user_id)
    await world.db.transact(lambda s: deliveries.placed(s, undelivered, 913))
    now, facts = world.now, {"guild_id": GUILD, "before": {}, "after": {}}
    await world.put(ChangeRow, user_id=user_id, created_at=now, **facts)
    key = {"provider": "openai", "origin": "https://a", "key": b"x", "last_four": "abcd"}
    await world.put(GuildKeyRow, guild_id=GUILD, set_by=user_id, set_at=now, **key)
    await world.put(BlockRow, kind="user", id=BOB, blocked_by=user_id, blocked_at=now)
    await world.put(OptOutRow, user_id=user_id, since=now)


async def test_after_a_deletion_no_column_names_the_person_but_their_own_wish(
    world: World,
) -> None:
    await fill_every_column_with(world, ALICE)
    named = [
        (table, column)
        for table, columns in TABLES.items()
        for column, kind in columns.items()
        if kind is Kind.PERSON
    ]
    for table, column in named:
        assert any(row[column] == ALICE for row in world.rows(table)), f"{table} isn't tested"
    await world.people.delete(ALICE)
    left = [
        (table, column)
        for table in TABLES
        for row in world.rows(table)
        for column, value in row.items()
        if value == ALICE
    ]
    assert left == [("opt_outs", "user_id")]


async def test_the_figures_of_a_deleted_question_stay_and_lead_nowhere(world: World) -> None:
    question_id = await world.asks(1)
    await world.shown(question_id, 71, 72)
    await world.traced(question_id)
    before = world.rows("questions")[0]
    await world.people.delete(ALICE)
    (after,) = world.rows("questions")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"user_id", "source_id", "channel_id", "answer_message_id", "trace"}
    assert after["user_id"] == mark_of(world.box, ALICE, NOON) < 0
    assert after["source_id"] == -question_id
    assert (after["channel_id"], after["answer_message_id"], after["trace"]) == (0, None, None)
    assert [world.rows(t) for t in ("turns", "deliveries", "answer_pages")] == [[], [], []]


@only_sqlite
async def test_neither_the_id_nor_the_text_is_in_the_file_afterwards(world: World) -> None:
    question_id = await world.asks(1)
    sealed = world.rows("turns")[0]["exchange"]
    await world.shown(question_id, 7_000_000_000_000_071)
    await world.asks(2, user_id=BOB)

    def found() -> list[bool]:
        data = bytes_on_disk(world.folder)
        packed = struct.pack(">q", ALICE)
        return [packed in data, str(ALICE).encode() in data, sealed[:60] in data]

    assert found() == [True, False, True]
    await world.people.delete(ALICE)
    assert found() == [False, False, False]
    assert SECRET_WORDS.encode() not in bytes_on_disk(world.folder)
    assert struct.pack(">q", BOB) in bytes_on_disk(world.folder), "others stay"


async def test_others_keep_everything(world: World) -> None:
    await world.asks(1)
    bobs = await world.asks(2, user_id=BOB)
    tables = ("questions", "turns", "deliveries")
    key = {"questions": "id", "turns": "question_id", "deliveries": "question_id"}
    before = [[r for r in world.rows(t) if r[key[t]] == bobs] for t in tables]
    await world.people.delete(ALICE)
    assert [[r for r in world.rows(t) if r[key[t]] == bobs] for t in tables] == before


async def test_a_question_in_flight_leaves_nothing_when_it_ends_after_the_deletion(
    world: World,
) -> None:
    question_id = await world.asks(1, settled=False)
    await world.people.delete(ALICE)
    await world.db.transact(lambda s: deliveries.placed(s, question_id, 71))
    await world.settle(question_id)
    await world.shown(question_id, 71, 72)
    image = ImageRef("https://cdn.example/b.png", "b.png")
    await world.db.transact(lambda s: turns.reattach(s, world.box, question_id, (image,)))
    await world.traced(question_id)
    await world.people.fade()
    (row,) = world.rows("questions")
    assert (row["state"], row["cost_nano_usd"]) == ("answered", 123_456_789)
    assert row["trace"] is None
    assert (row["user_id"] < 0, row["answer_message_id"]) == (True, None)
    assert [world.rows(t) for t in ("turns", "deliveries", "answer_pages")] == [[], [], []]


async def test_a_mark_holds_for_its_month_and_then_is_nobody(world: World) -> None:
    world.now = NOON - dt.timedelta(days=2)
    await world.asks(1)
    world.now = NOON
    await world.asks(2)
    await world.people.delete(ALICE)
    marks = [row["user_id"] for row in world.rows("questions")]
    assert marks == [0, mark_of(world.box, ALICE, NOON)]
    await world.people.fade()
    assert [row["user_id"] for row in world.rows("questions")] == marks
    world.now = NOON + dt.timedelta(days=31)
    await world.people.fade()
    assert [row["user_id"] for row in world.rows("questions")] == [0, 0]


def test_a_mark_is_below_zero_fits_a_bigint_and_differs_by_month_person_and_key(
    tmp_path: Path,
) -> None:
    box, other = (SecretBox.load((), tmp_path / name) for name in ("one", "two"))
    later = NOON + dt.timedelta(days=31)
    marks = [
        mark_of(box, ALICE, NOON),
        mark_of(box, BOB, NOON),
        mark_of(box, ALICE, later),
        mark_of(other, ALICE, NOON),
    ]
    assert len(set(marks)) == 4
    assert all(-(2**63) <= mark < 0 for mark in marks)
    zone = dt.timezone(dt.timedelta(hours=-10))
    assert mark_of(box, ALICE, NOON.astimezone(zone)) == marks[0]


async def test_the_export_is_one_document_of_a_known_shape(world: World) -> None:
    await fill_every_column_with(world, ALICE)
    await world.asks(3, user_id=BOB)
    file = await world.people.export(ALICE)
    assert file.name == "vidi-2026-08-01.json"
    document = json.loads(file.data)
    assert set(document) == {
        "version", "made_at", "user_id", "opted_out_since", "questions",
        "settings_changes", "keys_entered", "named_in_rules_of",
    }  # fmt: skip
    assert (document["version"], document["user_id"]) == (1, str(ALICE))
    first, second = document["questions"]
    assert set(first) == {
        "number", "asked_at", "ended_at", "way_in", "guild_id", "channel_id", "source_id",
        "answer_message_id", "model", "state", "hosts", "pictures", "bytes_sent", "input_tokens",
        "output_tokens", "cost_usd", "cost_source", "first_text_ms", "duration_ms", "server_paid",
        "decision", "text",
    }  # fmt: skip
    assert (first["guild_id"], first["source_id"]) == (str(GUILD), "901")
    assert (first["cost_usd"], first["answer_message_id"]) == ("0.123456789", "911")
    assert (first["text"]["question"], first["text"]["answer"]) == (SECRET_WORDS, "A door.")
    assert first["text"]["pictures"][0]["link"] == "https://cdn.example/a.png"
    assert second["answer_message_id"] == "913"
    assert document["keys_entered"][0]["last_four"] == "abcd"
    assert str(BOB) not in file.data.decode()


async def test_the_export_holds_nothing_of_others_whose_rules_the_person_changed(
    world: World,
) -> None:
    before = {"prompt": None, "access": {"denied_members": []}, "also": []}
    after = {"prompt": SECRET_WORDS, "access": {"denied_members": [BOB]}, "also": []}
    block = {"type": "block", "kind": "user", "id": BOB, "blocked": True, "reason": "spam"}
    for guild_id, kind, was, now in (
        (GUILD, "settings", before, after),
        (0, "operator", block | {"blocked": False, "reason": None}, block),
    ):
        await world.put(
            ChangeRow, guild_id=guild_id, user_id=ALICE, kind=kind, before=was, after=now,
            created_at=NOON,
        )  # fmt: skip
    settings, decision = (await world.exported()).settings_changes
    assert settings.fields == ("prompt", "access")
    assert decision.fields == ("blocked", "reason")
    exported = (await world.people.export(ALICE)).data.decode()
    assert str(BOB) not in exported
    assert SECRET_WORDS not in exported


async def test_the_export_names_servers_whose_rules_name_the_person(world: World) -> None:
    facts = {"also": [], "ask_private": False, "menus_private": True, "retention_hours": 1}
    for guild_id, rules in (
        (1, {"access": {"denied_members": [ALICE]}}),
        (2, {"rate": {"exempt_members": [ALICE]}}),
        (3, {"access": {"allowed_members": [BOB]}}),
    ):
        await world.put(GuildSettingsRow, guild_id=guild_id, updated_at=NOON, **facts, **rules)
    assert (await world.exported()).named_in_rules_of == ("1", "2")


async def test_who_never_asked_gets_an_empty_document(world: World) -> None:
    found = await world.exported(BOB)
    assert (found.questions, found.settings_changes, found.opted_out_since) == ((), (), None)


async def test_after_a_deletion_the_export_is_empty(world: World) -> None:
    question_id = await world.asks(1)
    await world.people.delete(ALICE)
    assert (await world.exported()).questions == ()
    assert (await receipt(world.db, question_id)).channel_id == 0


async def test_a_large_export_is_zipped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.privacy.people.FILE_MAX", 300)
    await world.asks(1)
    file = await world.people.export(ALICE)
    assert file.name == "vidi-2026-08-01.json.zip"
    with ZipFile(BytesIO(file.data)) as archive:
        (name,) = archive.namelist()
        found = msgspec.json.decode(archive.read(name), type=Export)
    assert (name, found.questions[0].source_id) == ("vidi-2026-08-01.json", "1")


async def test_a_lone_surrogate_in_an_answer_does_not_break_the_export(world: World) -> None:
    question_id = await world.asks(1, settled=False)
    await world.settle(question_id, answer="half \ud83d")
    document = json.loads((await world.people.export(ALICE)).data)
    assert document["questions"][0]["text"]["answer"] == "half \ud83d"
