"""Stop, Receipt and Delete, and whose they are."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from playground import Message, Person
from tests.e2e.conftest import Town

NOT_YOURS = "Only the person who asked or a moderator can do that."
ERASED = "I no longer have this question: it was erased. Please ask with the picture again."
STORY = "One thing after another. " * 200


def kept_texts(town: Town) -> int:
    """Count the exchanges that lie in the database."""
    with closing(sqlite3.connect(town.folder / "vidi.db")) as db:
        return db.execute("SELECT count(*) FROM turns").fetchone()[0]


async def refused(town: Town, who: Person, message: Message, button: str, says: str) -> None:
    """See that a press is answered with one sentence that nobody else sees."""
    told = await town.told(await who.click(message, button))
    assert told.content == says
    assert told.ephemeral_to is who


@pytest.mark.parametrize("who", ["ada", "mod"])
async def test_the_asker_and_moderators_stop_an_answer(town: Town, who: str) -> None:
    town.models.reply(STORY, delay=0.05)
    async with town.bot():
        asked = await town.asks()
        answer = await town.reply_saying(asked, "One thing")
        assert answer.buttons == ["Stop"]
        await refused(town, town.ben, answer, "Stop", NOT_YOURS)
        stop = await getattr(town, who).click(answer, "Stop")
        stopped = await town.answer_to(asked)
    assert stopped.content.startswith("One thing")
    assert stopped.content.endswith("\n-# Stopped.")
    assert (stop.response, stop.followups) == (stopped, [])
    assert town.models.abandoned == 1
    assert town.ledger()[0]["state"] == "cancelled:stopped"


async def test_a_private_answer_can_be_stopped_and_asked_again(town: Town) -> None:
    town.models.reply(STORY, delay=0.05)
    async with town.bot():
        asked = await town.ada.slash(town.channel, "ask", image=town.picture(), private=True)
        await town.pg.until(lambda: asked.response and "One thing" in asked.response.content)
        assert asked.response is not None
        await town.ada.click(asked.response, "Stop")
        stopped = await town.shown(asked.response)
        again = await town.ada.click(stopped, "Retry")
        answer = await town.shown(again.response)
    assert answer.ephemeral_to is town.ada
    assert "I received 1 image" in answer.content


async def test_an_answer_that_has_not_begun_can_be_stopped(town: Town) -> None:
    town.models.hang()
    async with town.bot():
        asked = await town.asks()
        await town.ada.click(await town.reply_saying(asked, "Looking at it"), "Stop")
        answer = await town.answer_to(asked)
    assert answer.content == "-# Stopped."


async def test_the_receipt_says_what_went_where_and_what_it_cost(town: Town) -> None:
    town.models.reply("A cat.", usage={"prompt_tokens": 1200, "completion_tokens": 34})
    async with town.bot():
        answer = await town.ask(image=town.picture())
        receipt = await town.told(await town.ben.click(answer, "Receipt"))
    assert receipt.ephemeral_to is town.ben
    asked, answered, *rest = receipt.content.splitlines()
    assert asked.startswith("**Receipt of question 1**, asked <t:")
    assert answered.startswith("vision at Custom server answered within ")
    host = town.models.base_url.split("/")[2]
    assert rest == [
        f"The picture went to a server that the operator chose, at {host}, as a link.",
        "Sent besides: the question, our and this server's instructions, and the conversation "
        "that it follows up. No name and no id of anybody.",
        "Asked anew: no answer comes from a cache.",
        "Tokens: 1,200 for question and pictures, 34 for the answer",
        "Cost: unknown, the provider did not say",
    ]


async def test_the_receipt_tells_the_providers_figure_and_what_was_sent_as_data(
    town: Town,
) -> None:
    town.models.inline_only = True
    town.models.reply(usage={"prompt_tokens": 9, "completion_tokens": 1, "cost": 0.0123}, text="A")  # type: ignore[dict-item]
    async with town.bot():
        answer = await town.ask(image=town.picture(), image2=town.picture("b.jpg"))
        receipt = await town.told(await town.ada.click(answer, "Receipt"))
    assert "2 pictures went to a server that the operator chose, at 127.0.0.1" in receipt.content
    assert "kB of data." in receipt.content
    assert "\nCost: $0.0123, the provider's own figure\n" in receipt.content


async def test_what_gave_no_answer_has_a_receipt_too(town: Town) -> None:
    town.models.reply(STORY, delay=0.05)
    town.models.fail(402)
    async with town.bot():
        asked = await town.asks()
        await town.ada.click(await town.reply_saying(asked, "One thing"), "Stop")
        stopped = await town.answer_to(asked)
        receipt = await town.told(await town.ada.click(stopped, "Receipt"))
        assert "vision at Custom server was stopped after " in receipt.content
        failed = await town.ask(image=town.picture())
        assert failed.buttons == ["Retry", "Other model", "Receipt", "Delete"]
        receipt = await town.told(await town.ada.click(failed, "Receipt"))
    assert "gave no whole answer. The account at the model's provider has no" in receipt.content
    assert "Tokens" not in receipt.content
    assert "\nCost: nothing\n" in receipt.content


async def test_the_readers_receipt_says_that_nothing_was_sent(town: Town) -> None:
    async with town.bot(VIDI_DEFAULT_MODEL="local/reader"):
        answer = await town.ask(image=town.picture())
        receipt = await town.told(await town.ada.click(answer, "Receipt"))
    assert "Built-in reader answered within " in receipt.content
    assert "No picture was sent anywhere: the bot's own machine looked at it." in receipt.content
    assert "\nCost: free\n" in receipt.content


async def test_delete_takes_the_answer_and_what_is_kept_of_it(town: Town) -> None:
    async with town.bot():
        asked = await town.asks()
        answer = await town.answer_to(asked)
        await town.pg.until(lambda: kept_texts(town) == 1)
        await refused(town, town.ben, answer, "Delete", NOT_YOURS)
        await town.ada.click(answer, "Delete")
        await town.pg.until(lambda: answer.deleted)
        assert kept_texts(town) == 0
    assert town.ledger()[0]["state"] == "answered"  # the figures stay


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
async def test_delete_takes_every_page_also_after_a_restart(town: Town, private: bool) -> None:
    town.models.reply("All work and no play makes a dull answer. " * 120, chunk=500)
    async with town.bot():
        asked = await town.ada.slash(town.channel, "ask", image=town.picture(), private=private)
        await town.pg.until(lambda: any("Delete" in m.buttons for m in town.channel.messages))
        pages = [asked.response, *asked.followups]
        assert len(pages) == 3
        await town.pg.until(lambda: town.owed() == 0)
    async with town.bot():
        last = asked.followups[-1]
        await town.ada.click(last, "Delete")
        await town.pg.until(lambda: last.deleted)
        await asyncio.sleep(0.05)
    assert kept_texts(town) == 0
    # What only ada sees a bot may delete only by the button on it.
    assert [page.deleted for page in pages if page] == [not private, not private, True]


async def test_moderators_delete_what_others_asked_also_after_a_restart(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
    async with town.bot():
        await refused(town, town.ben, answer, "Delete", NOT_YOURS)
        await town.mod.click(answer, "Delete")
        await town.pg.until(lambda: answer.deleted)
    assert kept_texts(town) == 0


async def test_where_no_text_is_kept_the_buttons_say_so_before_anybody_types(
    town: Town,
) -> None:
    async with town.bot():
        await town.mod.slash(town.channel, "settings privacy", keep_hours=0)
        await town.mod.slash(town.channel, "settings model", also="custom/other")
        answer = await town.ask(image=town.picture())
        assert kept_texts(town) == 0
        for button in ("Follow up", "Retry", "Other model"):
            await refused(town, town.ada, answer, button, ERASED)
        receipt = await town.told(await town.ada.click(answer, "Receipt"))
        assert "vision at Custom server answered" in receipt.content
        await town.ada.click(answer, "Delete")
        await town.pg.until(lambda: answer.deleted)
    assert len(town.models.chats) == 1
