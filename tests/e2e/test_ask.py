"""/ask: everything that can be given to it, and who sees what it answers."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from playground import File
from playground.pictures import inspect, photo
from tests.e2e.conftest import Town

BUTTONS = ["Follow up", "Retry", "Other model", "Receipt", "Delete"]
SIGNED = "-# vision · a server that the operator chose got the picture · cost unknown"


async def test_a_question_is_quoted_above_its_answer_and_the_picture_hangs_on_it(
    town: Town,
) -> None:
    town.models.reply("A **cat** on a mat. It sleeps.")
    async with town.bot():
        asked = await town.ada.slash(
            town.channel, "ask", question="what *is* it?", image=town.picture()
        )
        answer = await town.shown(asked.response)
    assert asked.kind == "deferred"
    assert not asked.ephemeral
    assert answer.content == f"> what *is* it?\nA **cat** on a mat. It sleeps.\n{SIGNED}"
    assert answer.buttons == BUTTONS
    (shown,) = answer.attachments
    assert (shown.filename, shown.description) == ("cat.jpg", "A cat on a mat.")
    assert inspect(shown.data).content_type == "image/jpeg"
    (request,) = town.models.chats
    (link,) = request.images
    assert link.startswith(f"http://{town.pg.cdn_host}/")
    assert request.text.endswith("Answer in the language of the question.\nwhat *is* it?")


async def test_without_a_question_the_picture_is_described(town: Town) -> None:
    town.models.reply("A cat.")
    async with town.bot():
        answer = await town.ask(image=town.picture())
    assert answer.content == f"A cat.\n{SIGNED}"
    assert [file.filename for file in answer.attachments] == ["cat.jpg"]
    (request,) = town.models.chats
    assert request.text.endswith("\nDescribe this picture.")
    assert "for somebody who can't see it" in request.text


async def test_without_a_picture_only_the_asker_is_told_how_to_point_at_one(town: Town) -> None:
    async with town.bot():
        asked = await town.ada.slash(town.channel, "ask", question="what is it?")
        said = await town.told(asked)
    assert said.content == (
        "I see no picture to look at. Attach one to /ask or to a message that mentions me, or "
        "mention me in reply to a picture, or right-click its message → Apps → “Ask about image…”."
    )
    assert said is asked.response  # its own answer, not a reply to one that was taken back
    assert said.ephemeral_to is town.ada
    assert town.channel.messages == [said]
    assert [row["state"] for row in town.ledger()] == ["refused:no_picture"]
    assert town.models.chats == []


async def test_four_pictures_go_in_one_question_and_all_are_shown(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(
            question="which is best?",
            image=town.picture("one.jpg"),
            image2=town.picture("two.jpg", description="the second"),
            image3=town.picture("three.jpg"),
            image4=town.picture("four.jpg"),
        )
    assert "got 4 pictures" in answer.content.rsplit("\n", 1)[-1]
    names = ["one.jpg", "two.jpg", "three.jpg", "four.jpg"]
    assert [file.filename for file in answer.attachments] == names
    assert answer.attachments[1].description == "the second"
    (request,) = town.models.chats
    assert [link.partition("?")[0].rpartition("/")[2] for link in request.images] == names
    assert "Picture 2, in its uploader's words: the second" in request.text


async def test_a_link_is_forwarded_and_its_picture_shown(town: Town) -> None:
    hung = await town.ben.send(town.channel, "look", files=[town.picture("dog.jpg")])
    link = hung.attachments[0].url
    async with town.bot():
        answer = await town.ask(question="whose dog?", link=f"<{link}>")
    assert town.models.chats[0].images == (link,)
    assert [file.filename for file in answer.attachments] == ["dog.jpg"]
    assert "http" not in answer.content


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("my cat", "That link is none I can use. It must begin with https://."),
        ("file:///etc/passwd", "That link is none I can use. It must begin with https://."),
        (
            "https://discord.com/channels/1/2/3",
            "I don't open links to messages. Right-click the message → Apps → "
            "“Ask about image…” instead.",
        ),
    ],
)
async def test_a_link_that_is_no_picture_is_refused_in_a_sentence(
    town: Town, link: str, sentence: str
) -> None:
    async with town.bot():
        said = await town.told(await town.ada.slash(town.channel, "ask", link=link))
    assert (said.content, said.ephemeral_to) == (sentence, town.ada)
    assert town.models.chats == []


async def test_a_link_into_the_operators_own_network_is_never_opened(town: Town) -> None:
    opened: list[str] = []

    async def secret(request: web.Request) -> web.Response:
        opened.append(request.path)
        return web.Response(body=photo(64, 48), content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/secret.jpg", secret)
    bot = town.bot(VIDI_DEFAULT_MODEL="ollama/gemma4", OLLAMA_BASE_URL=town.models.base_url)
    async with TestServer(app) as server, bot:
        link = str(server.make_url("/secret.jpg"))
        said = await town.told(await town.ada.slash(town.channel, "ask", link=link))
    assert said.content == (
        "The picture could not be downloaded. Send it as a file and ask once more."
    )
    assert opened == []
    assert town.models.chats == []


async def test_somebodys_avatar_can_be_asked_about(town: Town) -> None:
    async with town.bot():
        await town.ask(question="who is that?", member=town.ben, private=True)
    (request,) = town.models.chats
    (link,) = request.images
    assert link.startswith("https://cdn.discordapp.com/embed/avatars/")
    assert "avatar of Ben" in request.text


async def test_members_choose_among_the_models_that_moderators_offer(town: Town) -> None:
    async with town.bot():
        before = await town.ada.complete(town.channel, "ask", "model", "")
        refused = await town.told(
            await town.ada.slash(town.channel, "ask", image=town.picture(), model="custom/other")
        )
        await town.mod.slash(town.channel, "settings model", also="custom/other")
        after = await town.ada.complete(town.channel, "ask", "model", "OTH")
        answer = await town.ask(image=town.picture(), model=after[0].value)
    assert [choice.value for choice in before] == ["custom/vision"]
    assert [choice.value for choice in after] == ["custom/other"]
    assert refused.content == (
        "The model “custom/other” isn't offered here. You can choose: custom/vision."
    )
    assert refused.ephemeral_to is town.ada
    assert answer.content.rsplit("\n", 1)[-1].startswith("-# other · ")
    assert [request.body["model"] for request in town.models.chats] == ["other"]


async def test_a_private_answer_is_seen_by_the_asker_only_and_can_be_shared(town: Town) -> None:
    town.models.reply("A cat.")
    async with town.bot():
        answer = await town.ask(question="what?", image=town.picture(), private=True)
    assert answer.ephemeral_to is town.ada
    assert answer.content == f"A cat.\n{SIGNED}"
    assert answer.buttons == [*BUTTONS, "Share"]
    assert "A cat." not in town.channel.transcript(as_user=town.ben)


async def test_the_guild_decides_who_sees_answers_and_the_option_overrides_it(town: Town) -> None:
    async with town.bot():
        await town.mod.slash(town.channel, "settings answers", ask="private")
        quiet = await town.ask(image=town.picture())
        loud = await town.ask(image=town.picture(), private=False)
    assert quiet.ephemeral_to is town.ada
    assert loud.ephemeral_to is None
    assert [file.filename for file in loud.attachments] == ["cat.jpg"]


async def test_a_picture_that_is_slow_to_come_keeps_nobody_waiting(town: Town) -> None:
    released = asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        await released.wait()
        return web.Response(body=photo(64, 48), content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/slow.jpg", slow)
    async with TestServer(app) as server:
        hosts = f"{town.pg.cdn_host},{server.host}:{server.port}"
        async with town.bot(VIDI_ATTACHMENT_HOSTS=hosts):
            answer = await town.ask(question="what?", link=str(server.make_url("/slow.jpg")))
            await town.pg.until(lambda: not town.owed())
            assert answer.attachments == []
            await town.answer_to(await town.ben.send(town.channel, "colour?", reply_to=answer))
            released.set()
            await town.pg.until(lambda: answer.attachments)
    assert answer.content.startswith("> what?\nHello")
    assert [len(request.images) for request in town.models.chats] == [1, 1]


async def test_what_was_hidden_behind_a_spoiler_stays_behind_one(town: Town) -> None:
    town.models.reply(tokens=["The butler", " || did", " it."], delay=0.02)
    async with town.bot():
        answer = await town.ask(question="who was it?", image=town.picture("end.jpg", spoiler=True))
    body = answer.content.removeprefix("> who was it?\n").removesuffix(f"\n{SIGNED}")
    assert (body[:2], body[-2:]) == ("||", "||")
    assert "||" not in body[2:-2]
    assert any("butler" in edit.content for edit in answer.edits)
    assert all("||" in edit.content for edit in answer.edits if "butler" in edit.content)
    assert all(file.spoiler for file in answer.attachments)
    assert len(answer.attachments) == 1


async def test_a_file_that_is_no_picture_is_named(town: Town) -> None:
    notes = File("notes.txt", b"milk, eggs", content_type="text/plain")
    async with town.bot():
        said = await town.told(await town.ada.slash(town.channel, "ask", image=notes))
        answer = await town.ask(image=notes, image2=town.picture())
    assert said.content == (
        "notes.txt is not a picture I can open. Send it as JPEG, PNG, WebP or GIF."
    )
    assert answer.content.endswith(f"\n-# Left out notes.txt: not a picture\n{SIGNED}")
    assert [len(request.images) for request in town.models.chats] == [1]


async def test_the_last_line_says_what_it_cost_where_that_is_known(town: Town) -> None:
    town.models.reply("A cat.", usage={"prompt_tokens": 1000, "completion_tokens": 10})
    bot = town.bot(
        VIDI_DEFAULT_MODEL="openai/gpt-4o",
        OPENAI_API_KEY="sk-proj-canary",
        OPENAI_BASE_URL=town.models.base_url,
    )
    async with bot:
        answer = await town.ask(image=town.picture())
    assert answer.content == "A cat.\n-# GPT-4o · OpenAI got the picture · about $0.0026"
    assert town.models.chats[0].headers["authorization"] == "Bearer sk-proj-canary"
