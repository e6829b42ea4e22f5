"""/usage as moderators and members meet it, over a real ledger."""

import datetime as dt
import functools
import itertools
from collections.abc import AsyncIterator

import pytest

from bot import usage
from bot.catalog.catalog import Catalog
from bot.db import ledger
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.types import Asker, Entry, Place, Question, Usage
from cogs.usage import UsageCog, start_of
from tests.interactions import (
    CHANNEL_ID,
    DIRECT,
    ELSEWHERE,
    GUILD_ID,
    MEMBER,
    MODERATOR,
    Client,
    connected,
)

GPT = "openai/gpt-4o"
MINI = "openai/gpt-4o-mini"
PRICED = Usage(1000, 200, 4_500_000)
UNPRICED = Usage(10, 20, None)


@pytest.fixture
async def client(db: Database, catalog: Catalog) -> AsyncIterator[Client]:
    async with connected([UsageCog(functools.partial(usage.summary, db), catalog)]) as connection:
        yield connection


class Books:
    """Writes settled questions down."""

    def __init__(self, db: Database, box: SecretBox) -> None:
        self._db = db
        self._box = box
        self._ids = itertools.count(1)

    async def write(
        self,
        used: Usage,
        *,
        model_id: str = GPT,
        user_id: int = MEMBER.id,
        guild_id: int | None = GUILD_ID,
        state: str = "answered",
        days_ago: int = 0,
    ) -> None:
        now = dt.datetime.now(dt.UTC) - dt.timedelta(days=days_ago)
        question = Question(
            next(self._ids), Entry.ASK, Asker(user_id), Place(guild_id, CHANNEL_ID), "", ()
        )

        async def work(session: ledger.AsyncSession) -> None:
            claim = await ledger.claim(
                session,
                self._box,
                question,
                model_id=model_id,
                reserve_nano=50_000_000,
                refused=None,
                dm_daily=None,
                now=now,
            )
            assert claim is not None
            await ledger.settle(
                session,
                self._box,
                claim.question_id,
                state=state,
                usage=used,
                duration_ms=5,
                now=now,
            )

        await self._db.transact(work)


@pytest.fixture
def books(db: Database, box: SecretBox) -> Books:
    return Books(db, box)


async def test_a_summary_counts_questions_tokens_and_cost_by_model_and_member(
    client: Client, books: Books
) -> None:
    await books.write(PRICED)
    await books.write(PRICED, user_id=MODERATOR.id)
    await books.write(PRICED, model_id=MINI, state="failed:timeout")
    reply = await client.slash("usage summary", by=MODERATOR)
    assert reply.is_private
    assert reply.content.splitlines() == [
        "**Usage in this server, the last 7 days**",
        "3 questions, 2 answered.",
        "3,000 tokens in, 600 tokens out.",
        "Cost: $0.0135.",
        "By model",
        "- GPT-4o at OpenAI: 2 questions, 2,400 tokens, $0.0090",
        "- GPT-4o mini at OpenAI: 1 question, 1,200 tokens, $0.0045",
        "By member",
        f"- <@{MEMBER.id}>: 2 questions, 2,400 tokens, $0.0090",
        f"- <@{MODERATOR.id}>: 1 question, 1,200 tokens, $0.0045",
    ]
    assert reply.data["allowed_mentions"] == {"parse": []}


async def test_a_cost_that_nobody_knows_is_said_to_be_unknown(client: Client, books: Books) -> None:
    await books.write(UNPRICED, model_id=MINI)
    reply = await client.slash("usage summary", by=MODERATOR)
    assert "Cost: 1 question of unknown cost." in reply.content
    await books.write(PRICED)
    await books.write(UNPRICED)
    reply = await client.slash("usage summary", by=MODERATOR)
    assert "Cost: $0.0045 and 2 questions of unknown cost." in reply.content
    assert "GPT-4o at OpenAI: 2 questions, 1,230 tokens, $0.0045 and 1 question" in reply.content


async def test_nothing_asked_is_said_in_words(client: Client) -> None:
    reply = await client.slash("usage summary", by=MODERATOR, days="today")
    assert reply.content == "**Usage in this server, today**\nNothing was asked."


@pytest.mark.parametrize(("days", "count"), [("today", 1), ("7", 2), ("30", 3)])
async def test_a_period_ends_today_and_counts_whole_days(
    client: Client, books: Books, days: str, count: int
) -> None:
    for ago in (0, 6, 29, 30):
        await books.write(PRICED, days_ago=ago)
    reply = await client.slash("usage summary", by=MODERATOR, days=days)
    assert reply.content.splitlines()[1].startswith(f"{count} question")


def test_a_period_begins_at_midnight_of_its_first_day() -> None:
    noon = dt.datetime(2026, 3, 10, 12, 30, tzinfo=dt.UTC)
    assert start_of("today", noon) == dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
    assert start_of("7", noon) == dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    assert start_of("30", noon) == dt.datetime(2026, 2, 9, tzinfo=dt.UTC)


async def test_the_summary_is_for_moderators(client: Client, books: Books) -> None:
    await books.write(PRICED)
    reply = await client.slash("usage summary", by=MEMBER)
    assert reply.is_private
    assert "moderators" in reply.content
    assert "0.0045" not in reply.content


async def test_the_summary_needs_a_server_that_has_the_bot(client: Client) -> None:
    for where in (DIRECT, ELSEWHERE):
        reply = await client.slash("usage summary", by=MODERATOR, at=where)
        assert "a server that has me" in reply.content


async def test_another_servers_questions_are_not_in_the_summary(
    client: Client, books: Books
) -> None:
    await books.write(PRICED, guild_id=GUILD_ID + 1)
    reply = await client.slash("usage summary", by=MODERATOR)
    assert "Nothing was asked." in reply.content


async def test_mine_counts_what_i_asked_anywhere_and_nobody_else(
    client: Client, books: Books
) -> None:
    await books.write(PRICED)
    await books.write(PRICED, guild_id=None)
    await books.write(PRICED, user_id=MODERATOR.id)
    for where in (DIRECT, ELSEWHERE):
        reply = await client.slash("usage mine", by=MEMBER, at=where, days="30")
        assert reply.is_private
        assert "2 questions, 2 answered." in reply.content
        assert "By member" not in reply.content


async def test_a_long_list_is_cut_and_says_how_much_is_left_out(
    client: Client, books: Books
) -> None:
    for number in range(22):
        await books.write(PRICED, user_id=500000000000000000 + number)
        await books.write(UNPRICED, model_id=f"custom/{'model' * 30}-{number}")
    reply = await client.slash("usage summary", by=MODERATOR)
    assert len(reply.content) <= 2000
    assert reply.content.endswith("… and 13 more")
    assert reply.content.count("… and") == 2


async def test_a_model_that_left_the_catalog_is_still_counted_by_its_id(
    client: Client, books: Books
) -> None:
    await books.write(PRICED, model_id="gone/long-ago")
    reply = await client.slash("usage summary", by=MODERATOR)
    assert "- gone/long-ago: 1 question" in reply.content
