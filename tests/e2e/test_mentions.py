"""Messages that address the bot in a guild: pictures attached, replied to, followed up."""

from pathlib import Path

import pytest

from playground import File, Message
from tests.e2e.conftest import Town, new_town

SIGNED = "-# vision · a server that the operator chose got the picture · cost unknown"
HOW_TO = "I see no picture to look at."


def same(link: str, message: Message, index: int = 0) -> bool:
    """Tell whether a link leads to an attachment of a message, however it is signed."""
    return link.partition("?")[0] == message.attachments[index].url.partition("?")[0]


def turns(town: Town) -> list[str]:
    """Give the roles of the last request's messages."""
    return [each["role"] for each in town.models.chats[-1].body["messages"]]


async def quiet(town: Town) -> None:
    """Wait until the bot has seen everything so far: it answers what comes last."""
    seen = len(town.models.chats)
    await town.answer_to(await town.asks("still there?"))
    assert len(town.models.chats) == seen + 1


async def test_a_mention_with_pictures_is_answered_beneath_it(town: Town) -> None:
    town.models.reply("Cats.")
    async with town.bot():
        asked = await town.ada.send(
            town.channel,
            f"{town.pg.bot.mention} which cat is older?",
            files=[town.picture("one.jpg"), town.picture("two.jpg", description="Tom, 7")],
        )
        answer = await town.answer_to(asked)
    assert answer.content == f"Cats.\n{SIGNED.replace('the picture', '2 pictures')}"
    assert answer.buttons == ["Follow up", "Retry", "Other model", "Receipt", "Delete"]
    assert answer.attachments == []
    assert town.channel.messages == [asked, answer]
    (request,) = town.models.chats
    assert same(request.images[0], asked, 0)
    assert same(request.images[1], asked, 1)
    assert request.text.endswith(
        "\nwhich cat is older?\n\nPicture 2, in its uploader's words: Tom, 7"
    )


async def test_a_bare_mention_with_a_picture_asks_for_a_description(town: Town) -> None:
    async with town.bot():
        await town.answer_to(await town.asks(""))
    assert town.models.chats[0].text.endswith("\nDescribe this picture.")


async def test_a_mention_in_reply_to_somebodys_picture_asks_about_that(town: Town) -> None:
    hung = await town.ben.send(town.channel, "my dog", files=[town.picture("dog.jpg")])
    async with town.bot():
        asked = await town.ada.send(
            town.channel, f"which breed, {town.pg.bot.mention}?", reply_to=hung
        )
        answer = await town.answer_to(asked)
    assert answer.content.endswith(SIGNED)
    (request,) = town.models.chats
    assert len(request.images) == 1
    assert same(request.images[0], hung)


async def test_own_pictures_come_before_those_replied_to(town: Town) -> None:
    hung = await town.ben.send(town.channel, files=[town.picture("dog.jpg")])
    async with town.bot():
        asked = await town.ada.send(
            town.channel,
            f"{town.pg.bot.mention} the same?",
            files=[town.picture("mine.jpg")],
            reply_to=hung,
        )
        await town.answer_to(asked)
    (request,) = town.models.chats
    assert same(request.images[0], asked)
    assert same(request.images[1], hung)


async def test_the_eleventh_picture_is_left_out_by_name(town: Town) -> None:
    hung = await town.ben.send(town.channel, files=[town.picture("dog.jpg")])
    async with town.bot():
        asked = await town.ada.send(
            town.channel,
            f"{town.pg.bot.mention} all?",
            files=[town.picture(f"p{number}.jpg") for number in range(10)],
            reply_to=hung,
        )
        answer = await town.answer_to(asked)
    assert "-# Left out dog.jpg: one question takes 10 pictures\n" in answer.content
    assert answer.content.endswith("got 10 pictures · cost unknown")
    assert len(town.models.chats[0].images) == 10


async def test_pictures_beyond_what_the_model_takes_are_left_out_and_the_rest_sent_inline(
    town: Town,
) -> None:
    bot = town.bot(VIDI_DEFAULT_MODEL="ollama/gemma4", OLLAMA_BASE_URL=town.models.base_url)
    notes = File("notes.txt", b"milk", content_type="text/plain")
    async with bot:
        asked = await town.ada.send(
            town.channel,
            f"{town.pg.bot.mention} all?",
            files=[*(town.picture(f"p{number}.jpg") for number in range(5)), notes],
        )
        answer = await town.answer_to(asked)
    assert answer.content.split("\n")[-3:] == [
        "-# Left out notes.txt: not a picture",
        "-# Left out p3.jpg, p4.jpg: This model looks at 3 pictures at once. Ask about the others "
        "again.",
        "-# Gemma 4 (Ollama) · the operator's own Ollama server got 3 pictures · free",
    ]
    (request,) = town.models.chats
    assert all(link.startswith("data:image/jpeg;base64,") for link in request.images)
    assert len(request.images) == 3


@pytest.mark.parametrize("text", ["hello?", ""])
async def test_a_mention_without_a_picture_is_told_how_to_point_at_one(
    town: Town, text: str
) -> None:
    async with town.bot():
        asked = await town.ada.send(town.channel, f"{town.pg.bot.mention} {text}")
        said = await town.reply_saying(asked, HOW_TO)
    assert said.buttons == []
    assert town.models.chats == []


async def test_a_reply_to_an_answer_follows_it_up_with_picture_and_history(
    tmp_path: Path,
) -> None:
    async with new_town(tmp_path, rate_limits=False) as town, town.bot():
        for words in ("A cat.", "Grey.", "About seven."):
            town.models.reply(words)
        asked = await town.asks("what is it?")
        first = await town.answer_to(asked)
        second = await town.answer_to(await town.ada.send(town.channel, "colour?", reply_to=first))
        # Another member, without a ping, one step further down.
        further = await town.ben.send(town.channel, "and its age?", reply_to=second, ping=False)
        third = await town.answer_to(further)
        assert third.content == f"About seven.\n{SIGNED}"
        request = town.models.chats[-1]
        assert turns(town) == ["system", "user", "assistant", "user", "assistant", "user"]
        said = [part["content"] for part in request.body["messages"][1:5]]
        assert said == ["what is it?", "A cat.", "colour?", "Grey."]
        assert request.text.endswith("and its age?")
        assert [same(link, asked) for link in request.images] == [True]


async def test_an_answer_can_be_followed_up_after_a_restart(town: Town) -> None:
    town.models.reply("A cat.")
    async with town.bot():
        asked = await town.asks("what is it?")
        answer = await town.answer_to(asked)
    async with town.bot():
        await town.answer_to(await town.ben.send(town.channel, "colour?", reply_to=answer))
    assert turns(town) == ["system", "user", "assistant", "user"]
    assert [same(link, asked) for link in town.models.chats[-1].images] == [True]


async def test_a_public_ask_answer_is_followed_up_after_the_upload_has_expired(
    town: Town,
) -> None:
    async with town.bot():
        answer = await town.ask(question="what is it?", image=town.picture())
        await town.pg.until(lambda: answer.attachments and not town.owed())
        town.pg.advance(25 * 3600)
        await town.answer_to(await town.ben.send(town.channel, "colour?", reply_to=answer))
    assert [same(link, answer) for link in town.models.chats[-1].images] == [True]


async def test_talk_that_is_not_meant_for_the_bot_is_left_alone(town: Town) -> None:
    town.models.reply(f"Ask {town.pg.bot.mention} again.")
    robot = town.pg.user("robot", bot=True)
    hook = town.pg.user("announcements", webhook=True)
    for each in (robot, hook):
        town.guild.join(each)
    mention = town.pg.bot.mention
    async with town.bot():
        answer = await town.answer_to(await town.asks())  # its own words mention it
        hung = await town.ben.send(town.channel, "look", files=[town.picture()])
        await town.ada.send(town.channel, "nice dog", reply_to=hung)
        await town.mod.send(town.channel, "@everyone look", files=[town.picture()])
        await robot.send(town.channel, f"{mention} what is it?", files=[town.picture()])
        await robot.send(town.channel, "thank you", reply_to=answer)
        await hook.send(town.channel, f"{mention} what is it?", files=[town.picture()])
        await quiet(town)
    assert len(town.models.chats) == 2
    assert [m for m in town.channel.messages if m.author is town.pg.bot and not m.buttons] == []


@pytest.mark.parametrize("denied", ["send_messages", "view_channel"])
async def test_where_the_bot_may_not_write_nothing_is_asked(town: Town, denied: str) -> None:
    vault = town.guild.channel("vault", deny=(denied,))
    async with town.bot():
        await town.asks(channel=vault)
        await quiet(town)
    assert [message.author for message in vault.messages] == [town.ada]
    assert not [r for r in town.pg.requests if str(vault.id) in r.path]


async def test_a_thread_has_its_own_permission(town: Town) -> None:
    orders = town.guild.channel("orders", deny=("send_messages",)).thread("today")
    closed = town.guild.channel("closed", deny=("send_messages_in_threads",)).thread("today")
    async with town.bot():
        await town.asks(channel=closed)
        answer = await town.answer_to(await town.asks(channel=orders))
        await quiet(town)
    assert answer.content.endswith(SIGNED)
    assert [message.author for message in closed.messages] == [town.ada]


async def test_without_history_permission_the_answer_stands_alone(town: Town) -> None:
    shy = town.guild.channel("shy", deny=("read_message_history",))
    async with town.bot():
        asked = await town.asks(channel=shy)
        await town.pg.until(lambda: any("Delete" in m.buttons for m in shy.messages))
    assert shy.messages[1].reply_to is None
    assert shy.messages[0] is asked


async def test_pictures_of_a_forwarded_message_are_asked_about(town: Town) -> None:
    hung = await town.ben.send(town.guild.channel("pets"), "look", files=[town.picture()])
    forwarded = await town.ben.forward(hung, town.channel)
    async with town.bot():
        asked = await town.ada.send(
            town.channel, f"{town.pg.bot.mention} what is it?", reply_to=forwarded
        )
        await town.answer_to(asked)
    assert [same(link, hung) for link in town.models.chats[0].images] == [True]


async def test_a_reply_to_a_message_without_a_picture_is_told_how_to_point_at_one(
    town: Town,
) -> None:
    bare = await town.ben.send(town.channel, "good morning")
    async with town.bot():
        asked = await town.ada.send(town.channel, f"{town.pg.bot.mention} hm?", reply_to=bare)
        await town.reply_saying(asked, HOW_TO)
    assert town.models.chats == []


async def test_without_the_content_intent_attached_pictures_and_follow_ups_work(
    tmp_path: Path,
) -> None:
    async with new_town(tmp_path, message_content=False) as town, town.bot():
        town.models.reply("A cat.")
        asked = await town.asks("what is it?")
        answer = await town.answer_to(asked)
        await town.answer_to(await town.ada.send(town.channel, "colour?", reply_to=answer))
        assert answer.content == f"A cat.\n{SIGNED}"
        assert turns(town) == ["system", "user", "assistant", "user"]
        assert [same(link, asked) for link in town.models.chats[-1].images] == [True]


async def test_without_the_content_intent_others_pictures_are_pointed_to_by_right_click(
    tmp_path: Path,
) -> None:
    async with new_town(tmp_path, message_content=False) as town, town.bot():
        hung = await town.ben.send(town.channel, "my dog", files=[town.picture("dog.jpg")])
        asked = await town.ada.send(town.channel, f"{town.pg.bot.mention} breed?", reply_to=hung)
        said = await town.reply_saying(asked, "I can't see the message you replied to.")
        assert said.content == (
            "I can't see the message you replied to. Right-click it → Apps → “Ask about image…” "
            "works everywhere."
        )
        assert town.models.chats == []


async def test_without_the_content_intent_replies_to_ask_answers_are_told_of_the_button(
    tmp_path: Path,
) -> None:
    async with new_town(tmp_path, message_content=False) as town, town.bot():
        answer = await town.ask(question="what is it?", image=town.picture())
        await town.pg.until(lambda: not town.owed())
        asked = await town.ben.send(town.channel, "and its colour?", reply_to=answer)
        said = await town.reply_saying(asked, "“Follow up”")
        assert said.content == (
            "I can't read replies to this answer. Press “Follow up” beneath it, or mention me in "
            "your reply."
        )
        assert len(town.models.chats) == 1
