import csv
import datetime as dt
import io
import zipfile
from random import Random

import pytest

from bot.db.engine import Database
from bot.usage.export import Export, as_csv, exact_usd, export
from tests.usage.books import ALICE, CHANNEL, GUILD, NOON, a_row, write

LATER = NOON + dt.timedelta(days=1)


async def exported(db: Database, **limits: int) -> Export:
    since = NOON - dt.timedelta(days=30)
    return await export(db, guild_id=GUILD, since=since, until=LATER, **limits)


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


async def test_a_question_is_a_line_with_everything_that_is_known_of_it(db: Database) -> None:
    await write(db, [a_row(1_234_567_891, first_token_ms=7, own_key=True)])
    file = await exported(db)
    assert (file.filename, file.rows, file.ends) == ("usage.csv", 1, None)
    assert file.data.decode().endswith("\r\n")
    (row,) = read(file.data)
    assert row.pop("number").isdigit()
    assert row == {
        "time_utc": "2026-11-10T12:00:00+00:00",
        "member_id": str(ALICE),
        "channel_id": str(CHANNEL),
        "way_in": "ask",
        "model": "test/model",
        "state": "answered",
        "pictures": "1",
        "bytes": "100",
        "host": "api.example",
        "input_tokens": "10",
        "output_tokens": "2",
        "reserved_usd": "0.000005000",
        "cost_usd": "1.234567891",
        "cost_source": "provider",
        "own_key": "yes",
        "milliseconds": "5",
    }


async def test_what_nobody_knows_is_empty_and_no_zero(db: Database) -> None:
    await write(db, [a_row(None, tokens=(None, None), host=None), a_row(0)])
    unknown, free = read((await exported(db)).data)
    assert [unknown[name] for name in ("cost_usd", "input_tokens", "host")] == ["", "", ""]
    assert free["cost_usd"] == "0.000000000"


async def test_whoever_had_their_data_deleted_has_no_number(db: Database) -> None:
    await write(db, [a_row(user_id=0), a_row(user_id=-7)])
    assert {row["member_id"] for row in read((await exported(db)).data)} == {"deleted"}


async def test_only_this_server_and_this_span_of_time_are_in_it(db: Database) -> None:
    outside = [NOON - dt.timedelta(days=31), LATER]
    await write(db, [a_row(guild_id=GUILD + 1), a_row(guild_id=None), a_row(1)])
    await write(db, [a_row(now=now) for now in outside])
    assert [row["cost_usd"] for row in read((await exported(db)).data)] == ["0.000000001"]


async def test_a_server_without_questions_gets_the_head_alone(db: Database) -> None:
    file = await exported(db)
    assert (file.rows, read(file.data)) == (0, [])
    assert file.data.startswith(b"number,time_utc,member_id,")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_is_a_formula(start: str) -> None:
    hostile = f'{start}HYPERLINK("http://x","y")'
    ((cell, number),) = csv.reader(io.StringIO(as_csv([(hostile, -5)]).decode(), newline=""))
    assert cell == f"'{hostile}"
    assert number == "-5"


@pytest.mark.parametrize("name", ['a"b', "a,b", "a\r\nb", "żółw 🐢", "a;b"])
async def test_odd_names_come_back_as_they_were(db: Database, name: str) -> None:
    await write(db, [a_row(model_id=name)])
    assert [row["model"] for row in read((await exported(db)).data)] == [name]


async def test_questions_of_the_same_moment_are_neither_lost_nor_doubled(db: Database) -> None:
    await write(db, [a_row(cost) for cost in range(4500)])
    file = await exported(db)
    numbers = [int(row["number"]) for row in read(file.data)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == file.rows == 4500


async def rows_of_noise(db: Database, count: int) -> None:
    random = Random(1)
    moment = dt.timedelta(seconds=1)
    rows = [
        a_row(random.randrange(10**9), host=random.randbytes(60).hex(), now=NOON + moment * at)
        for at in range(count)
    ]
    await write(db, rows)


async def test_a_file_beyond_the_limit_is_zipped(db: Database) -> None:
    await rows_of_noise(db, 5000)
    file = await exported(db, largest=1_100_000)
    assert (file.filename, file.ends) == ("usage.csv.zip", None)
    assert len(file.data) <= 1_100_000
    with zipfile.ZipFile(io.BytesIO(file.data)) as packed:
        (name,) = packed.namelist()
        assert name == "usage.csv"
        assert len(read(packed.read(name))) == file.rows == 5000


async def test_a_zip_beyond_the_limit_is_cut_and_says_where(db: Database) -> None:
    await rows_of_noise(db, 9000)
    file = await exported(db, largest=1_100_000)
    assert len(file.data) <= 1_100_000
    with zipfile.ZipFile(io.BytesIO(file.data)) as packed:
        rows = read(packed.read("usage.csv"))
    assert 0 < len(rows) == file.rows < 9000
    assert file.ends == dt.datetime.fromisoformat(rows[-1]["time_utc"])


@pytest.mark.parametrize(
    ("nano", "dollars"),
    [
        (0, "0.000000000"),
        (1, "0.000000001"),
        (10**9, "1.000000000"),
        (10**12 + 7, "1000.000000007"),
    ],
)
def test_an_amount_has_nine_decimals(nano: int, dollars: str) -> None:
    assert exact_usd(nano) == dollars
