"""Summary, charts, tables, export and receipts are one ledger: they agree to the nano-dollar."""

import csv
import datetime as dt
import io
import itertools
from collections.abc import Iterable
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.db import ledger
from bot.db.engine import Database
from bot.usage import summary
from bot.usage.book import UsageBook
from bot.usage.buckets import By, buckets
from cogs._usage.plotting import Plot, Span, plot
from tests.usage.books import NOON, a_row, write

DAYS = 31
SINCE = NOON - dt.timedelta(days=DAYS)
BYS: tuple[By, ...] = ("days", "members", "hours")
NANO = Decimal(1_000_000_000)

guilds = itertools.count(10**17)
states = st.sampled_from(
    ["answered", "failed:timeout", "cancelled:stopped", "refused:model", "refused:unsafe", "open"]
)
money = st.one_of(st.none(), st.just(0), st.integers(1, 10**6), st.integers(10**9, 10**12))
a_question = st.fixed_dictionaries(
    {
        "cost": money,
        "reserved": st.integers(0, 10**12),
        "user_id": st.sampled_from([*range(-2, 16)]),
        "model_id": st.sampled_from([None, "=cmd|x", 'a "quoted", name', *"abcdefghij"]),
        "state": states,
        "tokens": st.tuples(*[st.one_of(st.none(), st.integers(0, 10**6))] * 2),
        "now": st.timedeltas(dt.timedelta(), dt.timedelta(days=DAYS)).map(SINCE.__add__),
    }
)
refused = st.fixed_dictionaries(
    {"cost": st.just(0), "reserved": st.just(0), "state": st.just("refused:quota")}
)


def in_nano(amounts: Iterable[str]) -> int:
    """Add up dollars as a reader of the file would."""
    return int(sum((Decimal(amount) for amount in amounts if amount), Decimal()) * NANO)


def drawn_questions(found: Plot) -> float:
    return sum(sum(line) for line in found.chart.panels[1].values)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(a_question, refused), max_size=40))
async def test_all_figures_agree_to_the_nano_dollar(db: Database, values: list[dict]) -> None:
    guild = next(guilds)
    await write(db, [a_row(**value, guild_id=guild) for value in values])
    found = await summary(db, guild_id=guild, user_id=None, since=SINCE)
    until = NOON + dt.timedelta(seconds=1)
    file = await UsageBook(db).export(guild_id=guild, since=SINCE, until=until)
    rows = list(csv.DictReader(io.StringIO(file.data.decode(), newline="")))

    expected = sum(value["cost"] or 0 for value in values if value["state"] != "open")
    receipts = [
        await db.read(lambda session, row=row: ledger.receipt(session, int(row["number"])))
        for row in rows
    ]
    assert len(rows) == file.rows == len(values)
    assert found.cost_nano_usd == expected
    assert in_nano(row["cost_usd"] for row in rows) == expected
    assert sum((receipt.cost_nano_usd or 0) for receipt in receipts if receipt) == expected
    reserved = sum(value["reserved"] for value in values)
    assert in_nano(row["reserved_usd"] for row in rows) == reserved
    for by in BYS:
        sums = await buckets(db, by, guild_id=guild, since=SINCE)
        assert sum(bucket.cost_nano_usd for bucket in sums) == expected
        assert sum(bucket.questions for bucket in sums) == found.questions
        assert sum(bucket.unpriced for bucket in sums) == found.unpriced
        if sums:
            shown = plot(by, sums, Span(SINCE.date(), NOON.date()), str)
            assert in_nano(row[3] for row in shown.table[1:]) == expected
            assert sum(int(row[2]) for row in shown.table[1:]) == found.questions
            assert drawn_questions(shown) == found.questions
