"""/usage as moderators and members meet it, over a real ledger."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from bot.charts.painter import Painter
from bot.choices import Budget, GuildSettings
from bot.db.engine import Database
from bot.guilds.catalogs import GuildCatalogs
from bot.settings import SettingsBook
from bot.usage.book import UsageBook
from cogs._usage.periods import start_of
from cogs.usage import UsageCog
from tests.interactions import (
    DIRECT,
    ELSEWHERE,
    GUILD_ID,
    MEMBER,
    MODERATOR,
    Client,
    connected,
)
from tests.usage.books import a_row, write

GPT = "openai/gpt-4o"
MINI = "openai/gpt-4o-mini"
PRICED = (1000, 200, 4_500_000)
UNPRICED = (10, 20, None)


@pytest.fixture
async def client(
    db: Database, settings: SettingsBook, catalogs: GuildCatalogs
) -> AsyncIterator[Client]:
    async def left(interaction: discord.Interaction[Any]) -> list[str]:
        return [f"3 questions are left for {interaction.user.id}."]

    async with Painter() as painter:
        cog = UsageCog(UsageBook(db), painter, settings, catalogs, left)
        async with connected([cog]) as connection:
            yield connection


class Books:
    """Writes settled questions down."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def write(
        self,
        used: tuple[int, int, int | None],
        *,
        model_id: str = GPT,
        user_id: int = MEMBER.id,
        guild_id: int | None = GUILD_ID,
        state: str = "answered",
        days_ago: int = 0,
    ) -> None:
        read, written, cost = used
        row = a_row(
            cost,
            user_id=user_id,
            guild_id=guild_id,
            model_id=model_id,
            state=state,
            tokens=(read, written),
            now=dt.datetime.now(dt.UTC) - dt.timedelta(days=days_ago),
        )
        await write(self._db, [row])


@pytest.fixture
def books(db: Database) -> Books:
    return Books(db)


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


@pytest.mark.parametrize("command", ["summary", "chart", "export"])
async def test_a_servers_figures_are_for_moderators(
    client: Client, books: Books, command: str
) -> None:
    await books.write(PRICED)
    reply = await client.slash(f"usage {command}", by=MEMBER)
    assert reply.is_private
    assert "moderators" in reply.content
    assert "0.0045" not in reply.content


@pytest.mark.parametrize("command", ["summary", "chart", "export"])
async def test_a_servers_figures_need_a_server_that_has_the_bot(
    client: Client, command: str
) -> None:
    for where in (DIRECT, ELSEWHERE):
        reply = await client.slash(f"usage {command}", by=MODERATOR, at=where)
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
        assert f"\n3 questions are left for {MEMBER.id}.\n" in reply.content


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


async def test_the_summary_says_how_far_the_budget_is_used(
    client: Client, books: Books, settings: SettingsBook
) -> None:
    await settings.change(GUILD_ID, MODERATOR.id, GuildSettings(budget=Budget(day=5_000_000)))
    await books.write(PRICED)
    reply = await client.slash("usage summary", by=MODERATOR)
    assert reply.content.splitlines()[4].startswith("Budget of today: $0.0045 of $0.005 (90 %).")


async def test_members_who_had_their_data_deleted_are_named_so(
    client: Client, books: Books
) -> None:
    for user_id in (0, -5):
        await books.write(PRICED, user_id=user_id)
    reply = await client.slash("usage summary", by=MODERATOR)
    assert reply.content.endswith(
        "By member\n- deleted members: 2 questions, 2,400 tokens, $0.0090"
    )
