"""Direct messages, and places where only a member's own installation brings the bot."""

from playground import File, Guild, Person
from tests.e2e.conftest import Town

SIGNED = "-# vision · a server that the operator chose got the picture · cost unknown"


def elsewhere(town: Town, *, external_apps: bool = True) -> Guild:
    """Open a guild without the bot, where ada has it by her own installation."""
    guild = town.pg.guild("Night Market", bot=False, external_apps=external_apps)
    for person in (town.ada, town.ben):
        guild.join(person)
    town.pg.installs(town.ada)
    return guild


def newcomer(town: Town, name: str) -> Person:
    """Give somebody who shares no guild with the bot but has installed it."""
    person = town.pg.user(name)
    town.pg.installs(person)
    return person


async def test_a_picture_sent_directly_needs_no_mention(town: Town) -> None:
    town.models.reply("A cat.")
    async with town.bot():
        asked = await town.ada.send(town.ada.dm, "what is it?", files=[town.picture()])
        answer = await town.answer_to(asked)
    assert answer.content == f"A cat.\n{SIGNED}"
    (request,) = town.models.chats
    assert request.text.endswith("\nwhat is it?")
    assert [link.partition("?")[0] for link in request.images] == [
        asked.attachments[0].url.partition("?")[0]
    ]


async def test_a_picture_without_a_word_is_described(town: Town) -> None:
    async with town.bot():
        await town.answer_to(await town.ada.send(town.ada.dm, files=[town.picture()]))
    assert town.models.chats[0].text.endswith("\nDescribe this picture.")


async def test_a_direct_answer_is_followed_up_by_replying_to_it(town: Town) -> None:
    town.models.reply("A cat.")
    async with town.bot():
        asked = await town.ada.send(town.ada.dm, "what is it?", files=[town.picture()])
        first = await town.answer_to(asked)
        await town.answer_to(await town.ada.send(town.ada.dm, "colour?", reply_to=first))
    request = town.models.chats[-1]
    assert [each["role"] for each in request.body["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert len(request.images) == 1


async def test_a_direct_message_without_a_picture_is_told_how_to_point_at_one(town: Town) -> None:
    async with town.bot():
        hello = await town.ada.send(town.ada.dm, "hello?")
        said = await town.reply_saying(hello, "I see no picture to look at.")
        notes = File("notes.txt", b"milk", content_type="text/plain")
        told = await town.ada.send(town.ada.dm, files=[notes])
        await town.reply_saying(told, "notes.txt is not a picture I can open.")
    assert said.buttons == []
    assert town.models.chats == []


async def test_commands_and_menus_work_in_direct_messages(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(town.ada, town.ada.dm, question="what?", image=town.picture())
        hung = await town.ada.send(town.ada.dm, files=[town.picture("dog.jpg")])
        await town.answer_to(hung)
        menu = await town.ada.menu("Read text", hung)
        read = await town.shown(menu.response)
    assert answer.ephemeral_to is None
    assert answer.content.endswith(SIGNED)
    assert read.ephemeral_to is town.ada
    assert len(town.models.chats) == 3


async def test_outside_guilds_everybody_has_so_many_questions_a_day(town: Town) -> None:
    async with town.bot(VIDI_DM_DAILY="2"):
        for name in ("one.jpg", "two.jpg"):
            await town.answer_to(await town.ada.send(town.ada.dm, files=[town.picture(name)]))
        third = await town.ada.send(town.ada.dm, files=[town.picture("three.jpg")])
        said = await town.reply_saying(third, "You have asked as often as you may today.")
        used = await town.ada.slash(town.ada.dm, "ask", image=town.picture())
        told = await town.told(used)
        await town.answer_to(await town.ben.send(town.ben.dm, files=[town.picture()]))
        await town.answer_to(await town.asks())  # the guild's questions are another matter
    assert said.content.startswith(
        "You have asked as often as you may today. You can ask again <t:"
    )
    assert told.content == said.content
    assert len(town.models.chats) == 4


async def test_ask_works_in_a_guild_that_has_no_bot(town: Town) -> None:
    town.models.reply("A cat.")
    stalls = elsewhere(town).channel("stalls")
    async with town.bot():
        answer = await town.ask(town.ada, stalls, question="what is it?", image=town.picture())
        await town.pg.until(lambda: answer.attachments)
    assert answer.ephemeral_to is None
    assert answer.content == f"> what is it?\nA cat.\n{SIGNED}"
    assert len(town.models.chats[0].images) == 1


async def test_menus_work_in_a_guild_that_has_no_bot(town: Town) -> None:
    stalls = elsewhere(town).channel("stalls")
    hung = await town.ben.send(stalls, "mine", files=[town.picture()])
    async with town.bot():
        used = await town.ada.menu("Describe image", hung)
        answer = await town.shown(used.response)
        opened = await town.ada.click(answer, "Follow up")
        asked = await town.ada.submit(opened, question="colour?")
        further = await town.shown(asked.response)
    assert answer.ephemeral_to is town.ada
    assert further.ephemeral_to is town.ada
    assert [len(request.images) for request in town.models.chats] == [1, 1]


async def test_a_guild_that_hides_foreign_apps_gets_no_public_answer(town: Town) -> None:
    stalls = elsewhere(town, external_apps=False).channel("stalls")
    async with town.bot():
        answer = await town.ask(town.ada, stalls, question="what is it?", image=town.picture())
    assert answer.ephemeral_to is town.ada
    assert answer.content.endswith(SIGNED)


async def test_a_guilds_settings_do_not_follow_into_a_members_own_installation(
    town: Town,
) -> None:
    town.pg.installs(town.ada)
    async with town.bot():
        await town.mod.slash(town.channel, "settings answers", ask="private", menus="public")
        await town.mod.slash(
            town.channel, "settings model", model="custom/other", also="custom/vision"
        )
        town.guild.leave(town.pg.bot)
        answer = await town.ask(town.ada, image=town.picture())
        refused = await town.ada.slash(
            town.channel, "ask", image=town.picture(), model="custom/other"
        )
        told = await town.told(refused)
        hung = await town.ben.send(town.channel, files=[town.picture()])
        menu = await town.ada.menu("Describe image", hung)
        described = await town.shown(menu.response)
    assert answer.ephemeral_to is None
    assert described.ephemeral_to is town.ada
    assert told.content.startswith("The model “custom/other” isn't offered here.")
    assert [request.body["model"] for request in town.models.chats] == ["vision", "vision"]
    assert {row["guild_id"] for row in town.ledger()} == {None}


async def test_ask_and_menus_work_between_two_people(town: Town) -> None:
    zoe = newcomer(town, "zoe")
    talk = zoe.direct_to(town.ben)
    hung = await town.ben.send(talk, "my dog", files=[town.picture("dog.jpg")])
    async with town.bot():
        answer = await town.ask(zoe, talk, question="what is it?", image=town.picture())
        menu = await zoe.menu("Translate text", hung)
        translated = await town.shown(menu.response)
    assert answer.ephemeral_to is None
    assert translated.ephemeral_to is zoe
    assert [request.images[0].partition("?")[0][-7:] for request in town.models.chats] == [
        "cat.jpg",
        "dog.jpg",
    ]
