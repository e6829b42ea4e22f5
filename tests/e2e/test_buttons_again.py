"""Follow up, Retry, Other model and Share."""

import asyncio
import datetime as dt
import json
import re
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from cogs._sources import refresh
from playground import Interaction, Message
from tests.e2e.conftest import Town

SHARED = ["Follow up", "Retry", "Other model", "Receipt", "Delete"]
ERASED = "I no longer have this question: it was erased. Please ask with the picture again."


async def follow_up(town: Town, answer: Message, question: str) -> Message:
    """Have ada press Follow up, type, and wait for the answer."""
    opened = await town.ada.click(answer, "Follow up")
    submitted = await town.ada.submit(opened, question=question)
    return await town.shown(submitted.response)


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
async def test_a_follow_up_knows_picture_and_conversation_also_after_a_restart(
    town: Town, private: bool
) -> None:
    town.models.reply("A cat.")
    town.models.reply("It is grey.")
    town.models.reply("It sleeps.")
    async with town.bot():
        first = await town.ask(image=town.picture(), question="what is it?", private=private)
        second = await follow_up(town, first, "and its colour?")
        await town.pg.until(lambda: town.owed() == 0)
    async with town.bot():
        third = await follow_up(town, second, "what does it do?")
    seen = town.ada if private else None
    assert [m.ephemeral_to for m in (first, second, third)] == [seen] * 3
    head = "" if private else "> what does it do?\n"
    assert third.content.startswith(f"{head}It sleeps.\n-# ")
    assert third.buttons[:5] == SHARED
    last = town.models.chats[-1]
    assert len(last.images) == 1
    told = ("what is it?", "A cat.", "and its colour?", "It is grey.", "what does it do?")
    assert [last.text.index(words) for words in told] == sorted(map(last.text.index, told))


async def test_anybody_may_follow_up_a_public_answer(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
        opened = await town.ben.click(answer, "Follow up")
        assert opened.modal is not None
        assert (opened.modal.title, opened.modal.inputs[0].label) == ("Follow up", "Question")
        answered = await town.shown((await town.ben.submit(opened, question="why?")).response)
    assert answered.content.startswith("> why?\n")
    assert [row["user_id"] for row in town.ledger()] == [town.ada.id, town.ben.id]


async def test_retry_asks_the_same_once_more(town: Town) -> None:
    town.models.reply("A dog.")
    town.models.reply("A cat.")
    async with town.bot():
        asked = await town.asks("what is it?")
        first = await town.answer_to(asked)
    async with town.bot():
        again = await town.ada.click(first, "Retry")
        second = await town.shown(again.response)
    assert first.content.startswith("A dog.")
    assert second.content.startswith("> what is it?\nA cat.")
    assert town.models.chats[0].text == town.models.chats[1].text


async def test_nobody_else_spends_on_retry_or_another_model(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
        for button in ("Retry", "Other model"):
            told = await town.told(await town.ben.click(answer, button))
            assert told.content == "Only the person who asked or a moderator can do that."
            assert told.ephemeral_to is town.ben
        moderated = await town.mod.click(answer, "Retry")
        await town.shown(moderated.response)
    assert len(town.models.chats) == 2


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
@pytest.mark.parametrize("button", ["Retry", "Follow up"])
async def test_when_the_picture_is_gone_the_asker_alone_is_told(
    town: Town, monkeypatch: pytest.MonkeyPatch, private: bool, button: str
) -> None:
    # The playground's clock runs ahead of the bot's, so the bot must look well ahead too.
    monkeypatch.setattr(refresh, "STILL_GOOD", dt.timedelta(days=2))
    async with town.bot():
        posted = await town.ben.send(town.channel, files=[town.picture()])
        if private:
            answer = await town.shown((await town.ada.menu("Describe image", posted)).response)
        else:
            mention = f"{town.pg.bot.mention} what is it?"
            asked = await town.ada.send(town.channel, mention, reply_to=posted)
            answer = await town.answer_to(asked)
        await town.ben.delete(posted)
        pressed = await town.ada.click(answer, button)
        if button == "Follow up":
            pressed = await town.ada.submit(pressed, question="why?")
        told = await town.told(pressed)
    assert told.content == "The picture is no longer there. Please send it again."
    assert told.ephemeral_to is town.ada
    assert [m for m in town.channel.messages if m.thinking] == []
    assert len(town.models.chats) == 1


async def test_when_a_private_upload_has_expired_retry_says_so(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "STILL_GOOD", dt.timedelta(days=2))
    async with town.bot():
        answer = await town.ask(image=town.picture(), private=True)
        told = await town.told(await town.ada.click(answer, "Retry"))
    assert told.content == "The picture is no longer there. Please send it again."
    assert told.ephemeral_to is town.ada


async def test_another_model_is_chosen_from_those_that_are_offered(town: Town) -> None:
    async with town.bot():
        await town.mod.slash(town.channel, "settings model", also="custom/other")
        answer = await town.ask(image=town.picture(), question="what is it?")
    async with town.bot():
        opened = await town.ada.click(answer, "Other model")
        listed = await town.told(opened)
        assert (listed.content, listed.ephemeral_to) == ("Who shall answer?", town.ada)
        chosen = await town.ada.select(listed, "Choose a model", ["other"])
        other = await town.shown(chosen.response)
    assert other.ephemeral_to is None
    assert "\n-# other · " in other.content
    assert [chat.body["model"] for chat in town.models.chats] == ["vision", "other"]


async def test_where_one_model_is_offered_other_model_says_so(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
        told = await town.told(await town.ada.click(answer, "Other model"))
        assert told.content.startswith("Only one model is offered here. A moderator can offer")
        alone = await town.ask(channel=town.ada.dm, image=town.picture())
        told = await town.told(await town.ada.click(alone, "Other model"))
        assert told.content.startswith("Only one model answers here: the one that whoever runs")


async def test_a_model_that_is_offered_no_longer_is_not_asked(town: Town) -> None:
    async with town.bot():
        await town.mod.slash(town.channel, "settings model", also="custom/other")
        answer = await town.ask(image=town.picture(), model="custom/other")
        listed = await town.told(await town.ada.click(answer, "Other model"))
        await town.mod.slash(town.channel, "settings model", also="none")
        chosen = await town.ada.select(listed, "Choose a model", ["other"])
        told = await town.told(chosen)
        assert "“custom/other” isn't offered here. You can choose: custom/vision" in told.content
        again = await town.ada.click(answer, "Retry")  # falls back to the model in force
        assert "-# vision · " in (await town.shown(again.response)).content


async def shared_of(town: Town, share: Interaction) -> Message:
    """Wait for what everybody sees."""
    await town.pg.until(lambda: len(share.followups) == 1)
    return share.followups[0]


@pytest.mark.parametrize("restarted", [False, True], ids=["at once", "after a restart"])
async def test_a_private_answer_is_shared_with_its_question_and_picture(
    town: Town, restarted: bool
) -> None:
    town.models.reply("A cat.")
    async with AsyncExitStack() as running:
        await running.enter_async_context(town.bot())
        private = await town.ask(image=town.picture(), question="what is it?", private=True)
        assert private.buttons == [*SHARED, "Share"]
        if restarted:
            await running.aclose()
            await running.enter_async_context(town.bot())
        shared = await shared_of(town, await town.ada.click(private, "Share"))
    assert shared.ephemeral_to is None
    assert shared.content.startswith("> what is it?\nA cat.\n-# vision")
    assert shared.content.endswith("\n-# Shared by Ada")
    assert [a.filename for a in shared.attachments] == ["cat.jpg"]
    assert shared.buttons == private.buttons == SHARED
    assert len(town.models.chats) == 1


async def test_what_was_asked_about_a_message_is_shared_with_a_link_to_it(town: Town) -> None:
    async with town.bot():
        posted = await town.ben.send(town.channel, files=[town.picture()])
        private = await town.shown((await town.ada.menu("Read text", posted)).response)
        shared = await shared_of(town, await town.ada.click(private, "Share"))
    assert shared.content.endswith(f"\n-# Shared by Ada, about {posted.url}")
    assert shared.attachments == []


async def test_a_picture_whose_owner_has_opted_out_meanwhile_is_not_shared(town: Town) -> None:
    async with town.bot() as vidi:
        private = await town.ask(member=town.ben, private=True)
        await vidi.core.opt_outs.add(town.ben.id)
        shared = await shared_of(town, await town.ada.click(private, "Share"))
    assert shared.attachments == []


async def test_what_follows_a_shared_answer_is_seen_where_it_was_asked(town: Town) -> None:
    async with town.bot():
        private = await town.ask(image=town.picture(), private=True)
        shared = await shared_of(town, await town.ada.click(private, "Share"))
        public = await follow_up(town, shared, "and this?")
        hidden = await follow_up(town, private, "and that?")
    assert (public.ephemeral_to, hidden.ephemeral_to) == (None, town.ada)


async def test_a_private_answer_is_followed_up_by_nobody_else(town: Town) -> None:
    async with town.bot():
        private = await town.ask(image=town.picture(), private=True)
        public = await town.ask(town.ben, image=town.picture())
        number = re.search(r"vidi:receipt:(\d+)", json.dumps(private.components))
        opened = await town.ben.click(public, "Follow up")
        assert opened.modal is not None
        assert number is not None
        forged = f"vidi:followup:{number[1]}:1"
        opened.modal = replace(opened.modal, custom_id=forged)
        told = await town.told(await town.ben.submit(opened, question="what did ada see?"))
    assert told.content == "This answer was for somebody else alone."
    assert len(town.models.chats) == 2


async def test_two_presses_of_share_share_once_and_the_second_says_so(town: Town) -> None:
    async with town.bot():
        private = await town.ask(image=town.picture(), private=True)
        first, second = await asyncio.gather(
            town.ada.click(private, "Share"), town.ada.click(private, "Share")
        )
        await shared_of(town, first)
        told = await town.told(second)
        assert told.content == "This answer is already shared."
    assert len([m for m in town.channel.messages if m.ephemeral_to is None]) == 1


async def test_buttons_work_in_direct_messages_and_where_the_bot_is_no_member(town: Town) -> None:
    elsewhere = town.pg.guild("Elsewhere", bot=False)
    elsewhere.join(town.ada)
    town.pg.installs(town.ada)
    async with town.bot():
        for channel in (town.ada.dm, elsewhere.channel("chat")):
            answer = await town.ask(channel=channel, image=town.picture(), private=True)
            assert (await follow_up(town, answer, "why?")).ephemeral_to is town.ada
            again = await town.ada.click(answer, "Retry")
            await town.shown(again.response)
            receipt = await town.told(await town.ada.click(answer, "Receipt"))
            assert "vision at Custom server answered" in receipt.content
            shared = await shared_of(town, await town.ada.click(answer, "Share"))
            assert shared.ephemeral_to is None
            await town.ada.click(shared, "Delete")
            await town.pg.until(lambda message=shared: message.deleted)
            told = await town.told(await town.ada.click(answer, "Follow up"))
            assert told.content == ERASED
