"""/why from the cog's side: what fits, forged numbers, and who may know."""

from collections.abc import AsyncIterator

import pytest

from bot.choices import GuildSettings
from bot.db import ledger
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.guilds.catalogs import GuildCatalogs
from bot.policy.trace import Rule, Step, Verdict, dump
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.types import Asker, Entry, Place, Question
from cogs.why import WhyCog
from tests.interactions import (
    CHANNEL_ID,
    DIRECT,
    GUILD_ID,
    HERE,
    MEMBER,
    MODERATOR,
    Client,
    Reply,
    Where,
    connected,
)
from tests.storage import NOON

UNKNOWN = "I know of no question of yours there. Only moderators can ask about others'."
SOURCE = 1400000000000000001


@pytest.fixture
async def client(
    service: VisionService, settings: SettingsBook, catalogs: GuildCatalogs
) -> AsyncIterator[Client]:
    async with connected([WhyCog(service, settings, catalogs)]) as client:
        yield client


async def asked(db: Database, box: SecretBox, *, steps: int = 1, guild_id: int | None = GUILD_ID):
    """Write down a question of the member's that was refused after so many steps."""
    step = Step(Rule.ACCESS, Verdict.PASSED, "Rule number {number} allows it.", {"number": 7})
    question = Question(
        source_id=SOURCE,
        entry=Entry.ASK,
        asker=Asker(MEMBER.id),
        place=Place(guild_id, CHANNEL_ID),
        text="What is it?",
        images=(),
    )
    await db.transact(
        lambda session: ledger.claim(
            session,
            box,
            question,
            refused="refused:policy",
            trace=dump((step,) * steps),
            now=NOON,
        )
    )


def button(source_id: int) -> Reply:
    """Give a refusal with its button, as Discord sends it back."""
    part = {"type": 2, "style": 2, "label": "Why?", "custom_id": f"vidi:why:{source_id}"}
    return Reply(4, {"content": "No.", "components": [{"type": 1, "components": [part]}]})


async def test_the_longest_trace_and_instructions_fit_into_one_message(
    client: Client, db: Database, box: SecretBox, settings: SettingsBook
) -> None:
    await asked(db, box, steps=200)
    await settings.change(GUILD_ID, 1, GuildSettings(prompt="*" * 2000))
    reply = await client.slash("why", by=MODERATOR, message=str(SOURCE))
    lines = reply.content.splitlines()
    assert len(reply.content) <= 2000
    assert lines[1] == "It was refused before any model was asked."
    assert lines[2] == "- Access, passed: Rule number 7 allows it."
    assert lines[-1].startswith("… and ")


@pytest.mark.parametrize("number", [1, 2**63 - 1, 2**63, 10**20 - 1])
async def test_a_number_that_is_no_messages_is_one_sentence(client: Client, number: int) -> None:
    reply = await client.press("Why?", button(number))
    assert (reply.content, reply.is_private) == (UNKNOWN, True)
    reply = await client.slash("why", message=f"{number:018}")
    assert (reply.content, reply.is_private) == (UNKNOWN, True)


@pytest.mark.parametrize(
    ("by", "at", "asked_in", "knows"),
    [
        (MEMBER, HERE, GUILD_ID, True),
        (MEMBER, DIRECT, GUILD_ID, True),
        (MODERATOR, HERE, GUILD_ID, True),
        (MODERATOR, DIRECT, GUILD_ID, False),
        (MODERATOR, Where(800000000000000009), GUILD_ID, False),
        (MODERATOR, Where(bot_is_member=False), GUILD_ID, False),
        (MODERATOR, HERE, None, False),
    ],
)
async def test_ones_own_is_explained_anywhere_and_others_to_the_servers_moderators(
    client: Client,
    db: Database,
    box: SecretBox,
    by,
    at: Where,
    asked_in: int | None,
    knows: bool,
) -> None:
    await asked(db, box, guild_id=asked_in)
    reply = await client.press("Why?", button(SOURCE), by=by, at=at)
    assert reply.is_private
    assert reply.content.startswith("**Question 1**" if knows else UNKNOWN)


async def test_only_moderators_of_the_server_read_its_instructions(
    client: Client, db: Database, box: SecretBox, settings: SettingsBook
) -> None:
    await asked(db, box)
    await settings.change(GUILD_ID, 1, GuildSettings(prompt="Be **brief** for <@5>."))
    mine = await client.slash("why", message=str(SOURCE))
    theirs = await client.slash("why", message=str(SOURCE), by=MODERATOR)
    assert "brief" not in mine.content
    said = r"The server's instructions now: Be \*\*brief\*\* for <@5>."
    assert theirs.content == f"{mine.content}\n{said}"
    assert theirs.data["allowed_mentions"] == {"parse": []}
