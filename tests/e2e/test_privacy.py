"""One's own data and one's own pictures, from Discord to the file and back."""

import json
import sqlite3
import struct
from contextlib import closing

import pytest

from bot.choices import Access, GuildSettings
from playground import Message, Person
from tests.e2e.conftest import Town

UNKNOWN = "I know nothing about this answer any more. Please ask again."
NOT_WANTED = "Whoever posted this picture doesn't want it sent to a model, so I can't look at it."
OWN_WISH = "You chose that your pictures are sent to no model. /privacy optin lets me look at them."
STORY = "One thing after another. " * 200


def count(town: Town, table: str) -> int:
    with closing(sqlite3.connect(town.folder / "vidi.db")) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def on_disk(town: Town, person: Person) -> bool:
    data = b"".join(path.read_bytes() for path in town.folder.glob("vidi.db*"))
    return struct.pack(">q", person.id) in data or str(person.id).encode() in data


async def uses(town: Town, who: Person, what: str) -> Message:
    """Have somebody use a subcommand of /privacy; gives what only they see."""
    told = await town.told(await who.slash(town.channel, f"privacy {what}"))
    assert told.ephemeral_to is who
    return told


async def deletes(town: Town, who: Person) -> str:
    """Have somebody delete their data; gives what the bot says when it is done."""
    asked = await uses(town, who, "delete")
    await who.click(asked, "Delete")
    await town.pg.until(lambda: asked.buttons == [])
    return asked.content


async def test_the_export_is_a_private_file_with_what_was_asked_in_every_server(
    town: Town,
) -> None:
    town.models.reply("A red door.")
    async with town.bot():
        await town.answer_to(await town.asks("what colour is the door?"))
        told = await uses(town, town.ada, "export")
        (file,) = told.attachments
        nothing = await uses(town, town.ben, "export")
    document = json.loads(file.data)
    (asked,) = document["questions"]
    assert document["user_id"] == str(town.ada.id)
    assert asked["guild_id"] == str(town.guild.id)
    assert asked["text"]["question"] == "what colour is the door?"
    assert asked["text"]["answer"] == "A red door."
    assert asked["hosts"] in town.models.base_url
    assert json.loads(nothing.attachments[0].data)["questions"] == []


async def test_a_deletion_leaves_figures_and_the_buttons_know_nothing_any_more(
    town: Town,
) -> None:
    async with town.bot():
        answer = await town.answer_to(await town.asks())
        await town.ask(town.ben, image=town.picture())
        assert on_disk(town, town.ada)
        said = await deletes(town, town.ada)
        for button in ("Retry", "Receipt", "Delete", "Follow up"):
            told = await town.told(await town.ada.click(answer, button))
            assert told.content == UNKNOWN
        again = await town.answer_to(await town.asks())
    assert said == "Done: nothing of what I keep leads to you any more."
    assert "Delete" in again.buttons, "who deleted their data may ask again"
    erased, bens, _new = town.ledger()
    assert (erased["user_id"] < 0, erased["source_id"]) == (True, -erased["id"])
    assert (erased["channel_id"], erased["answer_message_id"], erased["trace"]) == (0, None, None)
    assert erased["state"] == "answered"
    assert bens["user_id"] == town.ben.id
    assert count(town, "turns") == 2


async def test_nothing_leads_to_the_person_after_the_last_one_is_deleted(town: Town) -> None:
    async with town.bot():
        await town.ask(image=town.picture(), question="a secret question")
        await town.answer_to(await town.asks())
        await deletes(town, town.ada)
    assert not on_disk(town, town.ada)


async def test_a_question_in_flight_is_stopped_and_leaves_nothing(town: Town) -> None:
    town.models.reply(STORY, delay=0.05)
    async with town.bot():
        answer = await town.reply_saying(await town.asks(), "One thing")
        await deletes(town, town.ada)
        await town.pg.until(lambda: "-# Stopped." in answer.content)
        told = await town.told(await town.ada.click(answer, "Retry"))
    assert told.content == UNKNOWN
    (row,) = town.ledger()
    assert (row["state"], row["user_id"] < 0) == ("cancelled:stopped", True)
    assert [count(town, table) for table in ("turns", "deliveries", "answer_pages")] == [0, 0, 0]
    assert not on_disk(town, town.ada)


async def test_cancel_deletes_nothing_and_an_old_delete_works_after_a_restart(
    town: Town,
) -> None:
    async with town.bot():
        await town.answer_to(await town.asks())
        first = await uses(town, town.ada, "delete")
        await town.ada.click(first, "Cancel")
        assert first.content == "Nothing was erased."
        second = await uses(town, town.ada, "delete")
    async with town.bot():
        await town.ada.click(second, "Delete")
        await town.pg.until(lambda: second.content.startswith("Done"))
    assert town.ledger()[0]["user_id"] < 0


async def menu(town: Town, who: Person, message: Message) -> str:
    asked = await who.menu("Describe image", message)
    await town.pg.until(lambda: asked.response and not asked.response.thinking)
    assert asked.response is not None
    return asked.response.content


async def test_an_opted_out_members_pictures_are_sent_by_nobodys_question(town: Town) -> None:
    posted = await town.ada.send(town.channel, "look", files=[town.picture()])
    async with town.bot():
        await uses(town, town.ada, "optout")
        assert await menu(town, town.ben, posted) == NOT_WANTED
        reply = await town.ben.send(town.channel, town.pg.bot.mention, reply_to=posted)
        await town.reply_saying(reply, NOT_WANTED)
        avatar = await town.ben.slash(town.channel, "ask", member=town.ada)
        assert (await town.told(avatar)).content == NOT_WANTED
        own = await town.ada.slash(town.channel, "ask", image=town.picture())
        assert (await town.told(own)).content == OWN_WISH
        assert not town.models.chats
        await uses(town, town.ada, "optin")
        assert "I received 1 image" in await menu(town, town.ben, posted)


async def test_a_forward_of_a_forward_is_still_its_authors(town: Town) -> None:
    elsewhere = town.guild.channel("elsewhere")
    posted = await town.ada.send(elsewhere, "look", files=[town.picture()])
    once = await town.ben.forward(posted, town.channel)
    once.attachments.extend(posted.attachments)  # so that they are in the snapshot of a snapshot
    twice = await town.ben.forward(once, town.channel)
    async with town.bot():
        assert "I received 1 image" in await menu(town, town.ben, once)
        await uses(town, town.ada, "optout")
        assert await menu(town, town.ben, once) == NOT_WANTED
        assert await menu(town, town.ben, twice) == NOT_WANTED


async def test_a_forward_whose_original_is_gone_is_nobodys(town: Town) -> None:
    posted = await town.ada.send(town.channel, "look", files=[town.picture()])
    forwarded = await town.ben.forward(posted, town.channel)
    async with town.bot():
        await uses(town, town.mod, "optout")
        await town.ada.delete(posted)
        assert "I received 1 image" in await menu(town, town.ben, forwarded)


async def test_nobody_is_looked_up_while_nobody_has_opted_out(town: Town) -> None:
    posted = await town.ada.send(town.channel, "look", files=[town.picture()])
    forwarded = await town.ben.forward(posted, town.channel)
    async with town.bot():
        await menu(town, town.ben, forwarded)
    assert not [r for r in town.pg.requests if r.route == "GET /channels/{}/messages/{}"]


async def test_a_picture_shown_again_is_still_whose_it_was(town: Town) -> None:
    async with town.bot():
        shown = await town.ask(image=town.picture(), question="what?")
        await town.pg.until(lambda: bool(shown.attachments))
        await uses(town, town.ada, "optout")
        assert await menu(town, town.ben, shown) == NOT_WANTED
        follow_up = await town.ben.send(town.channel, "and now?", reply_to=shown)
        await town.reply_saying(follow_up, NOT_WANTED)
        forwarded = await town.ben.forward(shown, town.channel)
        assert await menu(town, town.ben, forwarded) == NOT_WANTED
    assert len(town.models.chats) == 1


@pytest.mark.parametrize("entry", ["menu", "mention"])
async def test_what_was_asked_before_the_opt_out_is_not_asked_again(town: Town, entry: str) -> None:
    posted = await town.ada.send(town.channel, "look", files=[town.picture()])
    async with town.bot():
        if entry == "menu":
            pressed = await town.ben.menu("Describe image", posted)
            answer = await town.shown(pressed.response)
        else:
            asked = await town.ben.send(town.channel, town.pg.bot.mention, reply_to=posted)
            answer = await town.answer_to(asked)
        await uses(town, town.ada, "optout")
        retried = await town.told(await town.ben.click(answer, "Retry"))
        form = await town.ben.click(answer, "Follow up")
        followed = await town.told(await town.ben.submit(form, question="and the colour?"))
    assert (retried.content, followed.content) == (NOT_WANTED, NOT_WANTED)
    assert len(town.models.chats) == 1


async def test_a_withheld_picture_is_not_shown_again_beside_the_others(town: Town) -> None:
    async with town.bot():
        await uses(town, town.ada, "optout")
        answer = await town.ask(town.ben, image=town.picture("bens.jpg"), member=town.ada)
        await town.pg.until(lambda: bool(answer.attachments))
    assert [each.filename for each in answer.attachments] == ["bens.jpg"]
    assert len(town.models.chats[0].images) == 1


async def test_a_thread_lies_in_its_channel_for_messages_and_commands(town: Town) -> None:
    thread = town.channel.thread("orders")
    async with town.bot() as vidi:
        closed = GuildSettings(access=Access(denied_channels=(town.channel.id,)))
        await vidi.core.settings.change(town.guild.id, town.mod.id, closed)
        told = await town.told(await town.ada.slash(thread, "ask", image=town.picture()))
        asked = await town.asks(channel=thread)
        await town.pg.until(lambda: town.reply_to(asked) is not None)
    assert not town.models.chats
    assert told.ephemeral_to is town.ada
    assert {row["state"] for row in town.ledger()} == {"refused:policy"}


async def test_the_history_of_settings_survives_without_who_changed_them(town: Town) -> None:
    async with town.bot():
        await town.told(await town.mod.slash(town.channel, "settings answers", ask="private"))
        before = await town.told(await town.mod.slash(town.channel, "settings history"))
        await deletes(town, town.mod)
        after = await town.told(await town.mod.slash(town.channel, "settings history"))
    assert f"by <@{town.mod.id}>" in before.content
    assert "by somebody who deleted their data" in after.content
    assert str(town.mod.id) not in after.content
    assert after.content.splitlines()[1:] == before.content.splitlines()[1:]
