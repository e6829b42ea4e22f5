"""/owner: who may, what is registered, and lists that fit into a message however long."""

import datetime as dt
import functools
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot import usage
from bot.catalog.catalog import Catalog
from bot.db.engine import Database
from bot.db.guild_tables import GuildRow
from bot.db.tables import QuestionRow
from bot.owner.book import OwnerBook
from bot.owner.decisions import Announcement, Block
from bot.usage.guilds import guild_standings, guild_sums
from cogs._owner.listing import Figures
from cogs.owner import OwnerCog
from playground.commands_rules import check_commands, size
from tests.interactions import DIRECT, HERE, MODERATOR, Client, Person, Reply, connected

OWNER = Person(600000000000000009)
FIRST_GUILD = 800000000000000100


@pytest.fixture
def cog(db: Database, owner: OwnerBook, catalog: Catalog) -> OwnerCog:
    figures = Figures(
        functools.partial(usage.summary, db),
        functools.partial(guild_sums, db),
        functools.partial(guild_standings, db),
    )
    return OwnerCog(owner, figures, catalog, frozenset({OWNER.id}))


@pytest.fixture
async def client(cog: OwnerCog) -> AsyncIterator[Client]:
    async with connected([cog]) as connection:
        yield connection


async def use(client: Client, command: str, **options: Any) -> Reply:
    reply = await client.slash(f"owner {command}", by=OWNER, at=DIRECT, **options)
    assert reply.is_private
    assert 0 < len(reply.content) <= 2000
    return reply


async def test_discord_takes_the_commands_for_direct_messages_alone(client: Client) -> None:
    command = client.bot.tree.get_command("owner")
    assert command is not None
    payload = command.to_dict(client.bot.tree)
    check_commands([payload])
    assert size(payload) < 4000
    assert payload["contexts"] == [1]
    assert payload["integration_types"] == [0]


@pytest.mark.parametrize("where", [DIRECT, HERE], ids=["direct", "guild"])
async def test_a_moderator_is_nobody_here_wherever_it_is_tried(
    client: Client, owner: OwnerBook, where: object
) -> None:
    place = DIRECT if where is DIRECT else HERE
    reply = await client.slash("owner announce", by=MODERATOR, at=place, text="Mine.")
    assert reply.content == "Only whoever runs this bot can do that."
    assert owner.announcement() is None


@pytest.mark.parametrize("button", ["Undo", "Next"])
async def test_a_button_is_for_owners_alone(
    client: Client, db: Database, owner: OwnerBook, button: str
) -> None:
    await db.transact(many_guilds)
    command = ("announce", {"text": "Back soon."}) if button == "Undo" else ("guilds", {})
    shown = await use(client, command[0], **command[1])
    reply = await client.press(button, shown, by=MODERATOR, at=DIRECT)
    assert reply.content == "Only whoever runs this bot can do that."
    assert reply.is_private
    assert (owner.announcement() is not None) == (button == "Undo")


async def many_guilds(session: AsyncSession) -> None:
    left = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    session.add_all(GuildRow(guild_id=FIRST_GUILD + n, left_at=left) for n in range(30))
    session.add_all(question(n) for n in range(30))


def question(number: int) -> QuestionRow:
    now = dt.datetime.now(dt.UTC)
    return QuestionRow(
        source_id=number,
        entry="ask",
        guild_id=FIRST_GUILD + number,
        channel_id=1,
        user_id=1,
        model_id=f"some-provider/{'long-name-' * 12}{number}",
        state="answered",
        own_key=number % 5 == 1,
        reserved_nano_usd=1,
        cost_nano_usd=number * 1_000_000_000 if number % 3 else None,
        created_at=now,
        finished_at=now,
    )


async def test_a_guild_that_was_left_stays_in_the_list_with_its_figures(
    client: Client, db: Database
) -> None:
    await db.transact(many_guilds)
    shown = await use(client, "guilds")
    first = shown.content.splitlines()[1]
    assert first.startswith(f"`{FIRST_GUILD + 29}` · left on <t:1767312000:d> · your keys · ")
    assert first.endswith("1 question · $29.00 yours")
    seen = re.findall(r"`(\d+)`", shown.content)
    while len(seen) < 30:
        shown = await client.press("Next", shown, by=OWNER, at=DIRECT)
        assert len(shown.content) <= 2000
        seen += re.findall(r"`(\d+)`", shown.content)
    assert sorted(map(int, seen)) == [FIRST_GUILD + n for n in range(30)]


async def test_usage_of_many_guilds_and_models_fits_and_says_how_many_more(
    client: Client, db: Database
) -> None:
    await db.transact(many_guilds)
    reply = await use(client, "usage", days=366)
    assert "30 questions, of which 30 answered." in reply.content
    assert "Paid with your keys: $246.00; with servers' own: $54.00." in reply.content
    assert "Nobody knows the cost of 10 questions." in reply.content
    assert reply.content.count("… and ") == 2


async def test_all_blocks_are_listed_as_far_as_they_fit(client: Client, owner: OwnerBook) -> None:
    for number in range(12):
        kind = "user" if number % 2 else "guild"
        await owner.decide(Block(kind, FIRST_GUILD + number, reason="r" * 300), OWNER.id)
    reply = await use(client, "unblock")
    assert "more" in reply.content.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Back  at\nnoon.", "Back at noon."),
        ("**Bold** @everyone", "**Bold** @\u200beveryone"),
        ("see discord.gg/abc", "see ‹invite removed›"),
        ("x" * 290 + " https://a.example", "x" * 290 + " <https:/…"),
    ],
)
async def test_an_announcement_is_kept_as_one_harmless_line(
    client: Client, owner: OwnerBook, text: str, told: str
) -> None:
    await use(client, "announce", text=text[:300])
    assert owner.announcement() == told


async def test_an_announcement_of_nothing_visible_is_refused(
    client: Client, owner: OwnerBook
) -> None:
    await owner.decide(Announcement("Before."), OWNER.id)
    reply = await use(client, "announce", text="\u200b \u202e")
    assert reply.content == "Nothing of that text can be shown. Write it in plain words."
    assert owner.announcement() == "Before."
