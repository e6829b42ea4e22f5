"""/usage in Discord: charts, exports, and what a member sees."""

import csv
import datetime as dt
import io
import re
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest
from PIL import Image

from playground import Message
from tests.e2e.conftest import Town

HEAD = "**Usage in this server, the last 30 days**"


async def asked_twice(town: Town) -> None:
    """Have ada ask two questions; what they cost is written into the ledger by hand, afterwards."""
    async with town.bot():
        for _time in range(2):
            await town.ask(image=town.picture())
    with closing(sqlite3.connect(town.folder / "vidi.db")) as db:
        db.execute("UPDATE questions SET cost_nano_usd = 1234567 + id, cost_source = 'provider'")
        db.commit()


async def used(town: Town, command: str, **options: object) -> Message:
    """Have the moderator use a subcommand of /usage; gives what only they see."""
    asked = await town.mod.slash(town.channel, f"usage {command}", **options)
    assert asked.kind == "deferred"
    # The first chart starts a process and matplotlib in it.
    await town.pg.until(lambda: asked.response and not asked.response.thinking, timeout=40)
    assert asked.response is not None
    assert asked.response.ephemeral_to is town.mod
    return asked.response


def paid(town: Town) -> Decimal:
    return sum(Decimal(row["cost_nano_usd"]) for row in town.ledger()) / Decimal(10**9)


@pytest.mark.parametrize(
    ("what", "kind", "label"),
    [("days", "stacked", "Day"), ("members", "ranked", "Member"), ("hours", "heatmap", "Weekday")],
)
async def test_a_chart_comes_with_alt_text_and_the_same_figures(
    town: Town, what: str, kind: str, label: str
) -> None:
    await asked_twice(town)
    async with town.bot():
        shown = await used(town, "chart", what=what)
        total = paid(town)
    (picture,) = shown.attachments
    assert picture.filename == f"usage-{kind}.png"
    with Image.open(io.BytesIO(picture.data)) as opened:
        assert opened.format == "PNG"
    assert picture.description is not None
    assert "in all 2 questions, $0.0025" in picture.description
    assert "The dearest" in picture.description
    lines = shown.content.splitlines()
    assert lines[0] == HEAD
    table = lines[lines.index("```") + 1 : -1]
    assert table[0].startswith(label)
    assert sum(Decimal(amount) for amount in re.findall(r"\d+\.\d{9}", shown.content)) == total
    if what == "members":
        assert f"Member 1: {town.ada.mention}" in lines


async def test_figures_too_long_for_a_message_come_as_a_file(town: Town) -> None:
    await asked_twice(town)
    copy_over_days(town, 60)
    async with town.bot():
        shown = await used(town, "chart")
        total = paid(town)
    picture, table = shown.attachments
    assert (picture.filename, table.filename) == ("usage-stacked.png", "usage-stacked.csv")
    rows = list(csv.DictReader(io.StringIO(table.data.decode(), newline="")))
    assert sum(Decimal(row["Cost (USD)"]) for row in rows) == total
    assert len({row["Model"] for row in rows}) == 61
    assert shown.content.splitlines() == [HEAD, "All figures are in the file."]


def copy_over_days(town: Town, count: int) -> None:
    """Write the first question down again, for other models on the days before."""
    with closing(sqlite3.connect(town.folder / "vidi.db")) as db:
        names = [row[1] for row in db.execute("PRAGMA table_info(questions)")]
        kept = [n for n in names if n not in ("id", "source_id", "model_id", "created_at")]
        (first, *values) = db.execute(
            f"SELECT min(id), {', '.join(kept)} FROM questions"
        ).fetchone()
        for at in range(count):
            asked_at = dt.datetime.now(dt.UTC) - dt.timedelta(days=at % 29)
            row = [first * 1000 + at, f"gone/model {at}", f"{asked_at:%Y-%m-%d %H:%M:%S.%f}"]
            marks = ", ".join("?" * (len(row) + len(values)))
            columns = ", ".join(["source_id", "model_id", "created_at", *kept])
            db.execute(f"INSERT INTO questions ({columns}) VALUES ({marks})", [*row, *values])
        db.commit()


async def test_a_chart_of_nothing_says_so(town: Town) -> None:
    async with town.bot():
        shown = await used(town, "chart", days="today")
    assert shown.content == "**Usage in this server, today**\nNothing was asked."
    assert not shown.attachments


async def test_an_export_has_every_question_and_the_receipts_figures(town: Town) -> None:
    await asked_twice(town)
    async with town.bot():
        shown = await used(town, "export")
        total = paid(town)
    counted = "2 questions, oldest first, refused ones among them."
    assert shown.content.splitlines() == [HEAD, counted]
    (file,) = shown.attachments
    assert file.filename == "usage.csv"
    rows = list(csv.DictReader(io.StringIO(file.data.decode(), newline="")))
    assert sum(Decimal(row["cost_usd"]) for row in rows) == total
    assert [(row["model"], row["state"], row["member_id"]) for row in rows] == [
        ("custom/vision", "answered", str(town.ada.id))
    ] * 2


async def test_members_see_their_own_and_nothing_of_the_servers(town: Town) -> None:
    await asked_twice(town)
    async with town.bot():
        mine = await town.told(await town.ada.slash(town.ada.dm, "usage mine"))
        refused = await town.told(await town.ada.slash(town.channel, "usage export"))
    assert "2 questions, 2 answered." in mine.content
    assert "Only moderators" in refused.content
    assert not refused.attachments
