"""Whoever runs the bot, in direct messages with it; everybody else, and the list in a guild."""

import re
from collections.abc import AsyncGenerator

import pytest

from playground import Interaction, Message
from playground.commands import authorization
from tests.e2e.conftest import Town

REFUSED = "Only whoever runs this bot can do that."


@pytest.fixture
async def running(town: Town) -> AsyncGenerator[Town]:
    async with town.bot():
        yield town


async def owner(town: Town, command: str, **options: object) -> Message:
    """Have the application's owner use a command in direct messages."""
    who = town.pg.owner
    return said(await who.slash(who.dm, f"owner {command}", **options))


def said(used: Interaction) -> Message:
    assert used.response is not None
    assert len(used.response.content) <= 2000
    return used.response


async def pressed(town: Town, message: Message, button: str) -> Message:
    return said(await town.pg.owner.click(message, button))


async def test_no_guild_lists_the_command_and_a_private_channel_neither(running: Town) -> None:
    (command,) = (c for c in running.pg.world.commands.listed(None) if c["name"] == "owner")
    assert command["contexts"] == [1]
    assert command["integration_types"] == [0]
    for person in (running.pg.owner, running.mod, running.ada):
        assert authorization(command, person, running.channel) == {}
        with pytest.raises(AssertionError, match="can't see /owner"):
            await person.slash(running.channel, "owner guilds")


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("guilds", {}),
        ("block", {"kind": "user", "id": "100000000000000001"}),
        ("unblock", {}),
        ("budget", {"day": "5"}),
        ("keys", {"new": "refuse"}),
        ("usage", {}),
        ("announce", {"text": "All is mine."}),
    ],
)
async def test_another_person_gets_one_sentence_and_changes_nothing(
    town: Town, command: str, options: dict[str, str]
) -> None:
    async with town.bot() as vidi:
        before = vidi.core.owner.rules
        told = said(await town.ada.slash(town.ada.dm, f"owner {command}", **options))
        assert vidi.core.owner.rules == before
    assert told.content == REFUSED
    assert told.buttons == []


async def test_whom_the_environment_names_may_too(town: Town) -> None:
    async with town.bot(VIDI_OWNER_IDS=f"1,{town.ben.id}"):
        assert "Servers: 1" in said(await town.ben.slash(town.ben.dm, "owner guilds")).content
        assert "Servers: 1" in (await owner(town, "guilds")).content


async def test_a_buttons_owner_is_asked_for_again_after_a_restart(town: Town) -> None:
    """ben loses the right while his message with Undo stays."""
    async with town.bot(VIDI_OWNER_IDS=str(town.ben.id)) as vidi:
        blocked = said(
            await town.ben.slash(town.ben.dm, "owner block", kind="guild", id=str(town.guild.id))
        )
        assert vidi.core.owner.rules.blocked_guilds == {town.guild.id}
    async with town.bot() as vidi:
        assert said(await town.ben.click(blocked, "Undo")).content == REFUSED
        assert vidi.core.owner.rules.blocked_guilds == {town.guild.id}


async def test_a_guild_is_blocked_at_once_stays_and_is_let_back_in(town: Town) -> None:
    town.models.reply("A cat.")
    async with town.bot() as vidi:
        told = await owner(town, "block", kind="guild", id=str(town.guild.id), reason="it floods")
        assert told.content == (
            f"Changed.\n**Server Corner Bakery (`{town.guild.id}`):** "
            "blocked (it floods) (it was: not blocked)"
        )
        assert vidi.core.owner.rules.blocked_guilds == {town.guild.id}
    assert town.guild.has_bot
    async with town.bot() as vidi:  # the button outlives the restart
        assert vidi.core.owner.rules.blocked_guilds == {town.guild.id}
        undone = await pressed(town, told, "Undo")
        assert undone.content.startswith("Undone.\n**Server Corner Bakery")
        assert undone.content.endswith("not blocked (it was: blocked (it floods))")
        assert vidi.core.owner.rules.blocked_guilds == frozenset()
        again = await pressed(town, told, "Undo")
        assert again.content.startswith("That is undone already")
        await pressed(town, undone, "Undo")
        assert vidi.core.owner.rules.blocked_guilds == {town.guild.id}


async def test_whoever_is_blocked_gets_no_answer_from_the_next_question_on(running: Town) -> None:
    question = {"question": "what is it?", "image": running.picture()}
    guild = await owner(running, "block", kind="guild", id=str(running.guild.id), reason="secret")
    refused = await running.told(await running.ada.slash(running.channel, "ask", **question))
    assert refused.content.startswith("Whoever runs this bot has blocked this server.")
    await pressed(running, guild, "Undo")
    await owner(running, "block", kind="user", id=running.ada.mention, reason="secret")
    refused = await running.told(await running.ada.slash(running.channel, "ask", **question))
    assert refused.ephemeral_to is running.ada
    assert "blocked" in refused.content
    assert "secret" not in refused.content
    assert running.models.chats == []
    assert "Hello" in (await running.ask(running.ben, **question)).content


async def test_a_user_is_blocked_by_mention_listed_and_unblocked(running: Town) -> None:
    ada = running.ada
    told = await owner(running, "block", kind="user", id=ada.mention, reason="@everyone <@1> spam")
    assert f"**User {ada.mention} (`{ada.id}`):** blocked" in told.content
    assert "@everyone" not in told.content
    listed = await owner(running, "unblock")
    assert ada.mention in listed.content
    assert "Corner Bakery" not in listed.content
    unblocked = await owner(running, "unblock", kind="user", id=str(ada.id))
    assert ":** not blocked (it was: blocked (" in unblocked.content
    assert (await owner(running, "unblock")).content == "Nobody is blocked."
    same = await owner(running, "unblock", kind="user", id=str(ada.id))
    assert same.content.startswith("Nothing changed.\n")
    assert same.buttons == []


async def test_owners_the_bot_and_wrong_ids_are_not_blocked(town: Town) -> None:
    async with town.bot() as vidi:
        for who in (town.pg.owner, town.pg.bot):
            told = await owner(town, "block", kind="user", id=who.mention)
            assert told.content.startswith("Whoever runs this bot can't be blocked")
        for kind, text, sentence in (
            ("user", "ada", "That is no user's id"),
            ("user", "9" * 19, "That is no user's id"),
            ("user", f"<@{town.ada.id}", "That is no user's id"),
            ("guild", town.ada.mention, "That is no server's id"),
            ("guild", "12345", "That is no server's id"),
            ("user", str(town.guild.id), "That is the id of a server."),
        ):
            told = await owner(town, "block", kind=kind, id=text)
            assert told.content.startswith(sentence), (kind, text)
        assert not vidi.core.owner.rules.blocked_users | vidi.core.owner.rules.blocked_guilds


async def test_a_budget_for_every_guild_is_set_shown_and_lifted(town: Town) -> None:
    async with town.bot() as vidi:
        told = await owner(town, "budget", day="0.50", month="$5")
        assert told.content == (
            "Changed.\n"
            "**Each server, a day on your keys:** at most $0.50 (it was: no limit)\n"
            "**Each server, a month on your keys:** at most $5 (it was: no limit)"
        )
        budget = vidi.core.owner.rules.budget
        assert (budget.day, budget.month) == (500_000_000, 5_000_000_000)
        shown = await owner(town, "budget")
        assert "at most $0.50" in shown.content
        wrong = await owner(town, "budget", day="lots")
        assert wrong.content.startswith("That is no amount I understand.")
        await owner(town, "budget", day="none")
        budget = vidi.core.owner.rules.budget
        assert (budget.day, budget.month) == (None, 5_000_000_000)


async def test_keys_are_refused_to_one_guild_and_to_those_to_come(town: Town) -> None:
    async with town.bot() as vidi:
        one = await owner(town, "keys", guild=str(town.guild.id), use="refuse")
        assert one.content.endswith(":** may not use your keys (it was: may use your keys)")
        assert not vidi.core.owner.pays_for(town.guild.id)
        new = await owner(town, "keys", new="refuse")
        assert "**Servers that join from now on:** may not" in new.content
        assert not vidi.core.owner.rules.new_guilds
        await pressed(town, one, "Undo")
        assert vidi.core.owner.pays_for(town.guild.id)
        assert not vidi.core.owner.rules.new_guilds
        assert "may not use your keys" in (await owner(town, "keys")).content
        for options in ({"guild": "1" * 18}, {"use": "allow"}, {"new": "allow", "guild": "x"}):
            told = await owner(town, "keys", **options)
            assert told.content == "Choose new alone, or guild together with use."
        unknown = await owner(town, "keys", guild="1" * 18, use="allow")
        assert unknown.content.startswith("I am in no server with that id.")


async def test_an_announcement_is_in_status_until_it_ends(running: Town) -> None:
    hostile = "Down at noon. @everyone [more](https://evil.example) discord.gg/free"
    told = await owner(running, "announce", text=hostile, hours=2)
    assert re.search(r"“Down at noon\..*”, until <t:\d+:f> \(it was: none\)$", told.content)
    assert "@everyone" not in told.content
    assert "discord.gg" not in told.content
    status = said(await running.ada.slash(running.channel, "status"))
    assert "Whoever runs me says: Down at noon." in status.content
    answer = await running.ask(question="what is it?", image=running.picture())
    assert "\n-# Down at noon." in answer.content
    assert "@everyone" not in answer.content
    extended = await owner(running, "announce", hours=3)
    assert extended.content.startswith("Write the text as well")
    ended = await owner(running, "announce")
    assert ended.content.startswith("Changed.\n**Announcement:** none (it was: “Down at noon.")
    status = said(await running.ada.slash(running.channel, "status"))
    assert "Whoever runs me" not in status.content


async def test_the_list_tells_who_pays_and_what_was_asked(town: Town) -> None:
    quiet = town.pg.guild("*Quiet* <@1> corner")
    async with town.bot():
        await town.ask(question="what is it?", image=town.picture())
        await owner(town, "block", kind="guild", id=str(quiet.id))
        await owner(town, "keys", guild=str(quiet.id), use="refuse")
        listed = await owner(town, "guilds")
    headline, *entries = listed.content.splitlines()
    assert headline == "**Servers: 2**, page 1 of 1; figures of this month (UTC)"
    bakery = next(line for line in entries if str(town.guild.id) in line)
    assert bakery.startswith(f"**Corner Bakery** `{town.guild.id}` · 5 members · since <t:")
    assert bakery.endswith(" · your keys · 1 question · 1 of unknown cost")
    other = next(line for line in entries if str(quiet.id) in line)
    assert "no keys · **blocked** · 0 questions" in other
    assert "<@1>" not in other
    assert listed.buttons == []


async def test_the_list_is_turned_page_by_page(town: Town) -> None:
    for number in range(14):
        town.pg.guild(f"Guild {number} " + "x" * 80)
    async with town.bot():
        first = await owner(town, "guilds")
        assert "page 1 of 3" in first.content
        seen = re.findall(r"`(\d+)`", first.content)
        for number in (2, 3):
            await town.pg.owner.click(first, "Next")
            assert f"page {number} of 3" in first.content
            seen += re.findall(r"`(\d+)`", first.content)
        assert sorted(map(int, seen)) == sorted(town.pg.world.guilds)
        with pytest.raises(AssertionError, match="disabled"):
            await town.pg.owner.click(first, "Next")
        await town.pg.owner.click(first, "Back")
        assert "page 2 of 3" in first.content


async def test_usage_sums_up_all_guilds_and_direct_messages(town: Town) -> None:
    async with town.bot():
        empty = await owner(town, "usage")
        assert "0 questions, of which 0 answered." in empty.content
        await town.ask(question="what is it?", image=town.picture())
        await town.ask(town.ada, town.ada.dm, question="and here?", image=town.picture())
        told = await owner(town, "usage", days=1)
    assert told.content.startswith("**All servers, today (UTC)**\n2 questions, of which 2 answered")
    assert "Nobody knows the cost of 2 questions." in told.content
    assert f"- Corner Bakery (`{town.guild.id}`): 1 question · 1 of unknown cost" in told.content
    assert "- outside servers: 1 question · 1 of unknown cost" in told.content
    assert "2 questions · 2 of unknown cost" in told.content.split("**Models**")[1]
