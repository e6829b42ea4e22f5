"""/settings answers and /settings privacy: how answers read, what is sent, who is told what."""

import base64
import io
from contextlib import AsyncExitStack

from PIL import Image

from playground import File, Message
from playground.messages import V2, parts
from playground.pictures import photo
from tests.e2e.conftest import Town

BUTTONS = ["Follow up", "Retry", "Other model", "Receipt", "Delete"]
COMPANY = "a server that the operator chose"


async def choose(town: Town, command: str, **options: object) -> str:
    used = await town.mod.slash(town.channel, f"settings {command}", **options)
    return (await town.told(used)).content


def text_of(message: Message) -> str:
    """Give what a framed message says."""
    assert message.flags & V2
    assert message.content == ""
    return "\n".join(part["content"] for part in parts(message.components) if part["type"] == 10)


def gallery_of(message: Message) -> list[tuple[str, str | None, bool]]:
    return [
        (
            item["media"]["url"].partition("?")[0].rpartition("/")[2],
            item.get("description"),
            bool(item.get("spoiler")),
        )
        for part in parts(message.components)
        if part["type"] == 12
        for item in part["items"]
    ]


def located() -> bytes:
    """Give a photograph that says where and with what it was taken."""
    with Image.open(io.BytesIO(photo(320, 240))) as image:
        exif = image.getexif()
        exif[0x010F] = "Camera of Ada"
        exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
        out = io.BytesIO()
        image.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_language_length_and_temperature_are_what_the_model_is_asked_for(town: Town) -> None:
    async with town.bot():
        told = await choose(
            town, "answers", language="German", length="long", temperature="1,8", style="plain"
        )
        await town.ask(question="what is it?", image=town.picture())
    assert "German" in told
    (request,) = town.models.chats
    assert "Answer in German, whatever the language of the question." in request.text
    assert "thorough" in request.text
    assert (request.body["temperature"], request.body["max_tokens"]) == (1, 4096)


async def test_languages_are_suggested_by_name_and_each_asker_s_own_comes_back(town: Town) -> None:
    async with town.bot():
        listed = await town.mod.complete(town.channel, "settings answers", "language", "portu")
        assert [(one.name, one.value) for one in listed] == [
            ("Each asker's own", "own"),
            ("Brazilian Portuguese", "pt-BR"),
        ]
        await choose(town, "answers", language="pt-BR", temperature="0")
        back = await choose(town, "answers", language="own", temperature="default")
        await town.ask(question="what is it?", image=town.picture())
    assert "(it was: Brazilian Portuguese)" in back
    (request,) = town.models.chats
    assert "Answer in the language of the question." in request.text
    assert "temperature" not in request.body


async def test_what_is_no_language_or_temperature_is_refused_with_what_to_write(town: Town) -> None:
    async with town.bot():
        language = await choose(town, "answers", language="Klingon")
        warm = [await choose(town, "answers", temperature=each) for each in ("3", "nan", "warm")]
        shown = await choose(town, "answers")
    assert language == "I don't know this language. Choose one from the list, or “own”."
    sentence = "A temperature is a number from 0 to 2, such as 0.7, or “default”."
    assert warm == [sentence] * 3
    assert shown.startswith("Nothing changed.\n**Answers to /ask:** seen by everybody")


async def test_stripped_pictures_go_as_bytes_that_say_nothing_of_place_or_camera(
    town: Town,
) -> None:
    data = located()
    assert b"Camera of Ada" in data
    async with town.bot():
        await choose(town, "privacy", strip_metadata=True)
        answer = await town.ask(question="where?", image=File("home.jpg", data))
    (request,) = town.models.chats
    (sent,) = request.images
    head, _comma, encoded = sent.partition(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        assert not image.getexif()
        assert image.size == (320, 240)
    assert b"Camera of Ada" not in base64.b64decode(encoded)
    assert f"{COMPANY} got the picture" in answer.content


async def test_the_company_can_be_kept_to_the_receipt(town: Town) -> None:
    async with town.bot():
        await choose(town, "privacy", tell_company=False)
        answer = await town.ask(question="what is it?", image=town.picture())
        receipt = await town.told(await town.ada.click(answer, "Receipt"))
    assert answer.content.endswith("\n-# vision · cost unknown")
    assert f"The picture went to {COMPANY}" in receipt.content


async def test_a_framed_answer_has_picture_text_small_print_and_buttons_in_one_card(
    town: Town,
) -> None:
    town.models.reply("A **cat** on a mat. See https://example.org/cats for more.")
    async with town.bot():
        assert "a framed card" in await choose(town, "answers", style="card")
        answer = await town.ask(
            question="what is it?", image=town.picture("my cat (1).jpg", spoiler=True)
        )
        await town.pg.until(lambda: bool(gallery_of(answer)))
    (card,) = answer.components
    assert [part["type"] for part in card["components"]] == [12, 10, 1]
    assert text_of(answer) == (
        "> what is it?\n||A **cat** on a mat. See <https://example.org/cats> for more.||\n"
        f"-# vision · {COMPANY} got the picture · cost unknown"
    )
    assert answer.buttons == BUTTONS
    ((name, alt, spoiler),) = gallery_of(answer)
    assert name.endswith("-my_cat_1_.jpg")
    assert (alt, spoiler) == ("A cat on a mat.", True)
    assert answer.embeds == []


async def test_a_long_framed_answer_grows_as_plain_text_and_ends_in_cards_and_a_file(
    town: Town,
) -> None:
    said = "One thing after another, told at length. " * 250
    town.models.reply(said, delay=0.005)
    async with town.bot():
        await choose(town, "answers", style="card", length="long")
        mention = await town.asks("tell me all")
        await town.pg.until(lambda: "Delete" in town.channel.messages[-1].buttons, timeout=20)
        answers = town.channel.messages[-3:]
        assert answers[0] is town.reply_to(mention)
        receipt = await town.told(await town.ada.click(answers[-1], "Receipt"))
        await town.ada.click(answers[-1], "Delete")
        await town.pg.until(lambda: all(page.deleted for page in answers))
    assert "vision at Custom server answered" in receipt.content
    assert any("One thing" in edit.content for edit in answers[0].edits)
    assert [page.buttons for page in answers] == [[], [], BUTTONS]
    (file,) = answers[-1].attachments
    assert [part["type"] for part in answers[-1].components[0]["components"]] == [10, 13, 1]
    shown = " ".join(text_of(page).partition("\n-# ")[0] for page in answers)
    assert f"{shown} {file.data.decode()}".split() == said.split()


async def test_what_is_framed_is_followed_up_with_its_picture_and_stays_as_it_was_asked(
    town: Town,
) -> None:
    async with town.bot():
        await choose(town, "answers", style="card")
        answer = await town.ask(question="what is it?", image=town.picture())
        await town.pg.until(lambda: bool(gallery_of(answer)))
        again = await town.ada.send(
            town.channel, f"{town.pg.bot.mention} and what is below it?", reply_to=answer
        )
        await town.answer_to(again)
    assert [len(request.images) for request in town.models.chats] == [1, 1]
    assert town.models.chats[1].text.endswith("\nand what is below it?")  # and no words of ours


async def test_a_framed_private_answer_is_shared_framed_and_loses_its_button(town: Town) -> None:
    town.models.reply("A cat.\n" + "And so on, for long. " * 400)
    async with AsyncExitStack() as running:
        await running.enter_async_context(town.bot())
        await choose(town, "answers", style="card")
        asked = await town.ada.slash(
            town.channel, "ask", image=town.picture(), question="what is it?", private=True
        )
        await town.pg.until(lambda: any("Share" in each.buttons for each in asked.followups))
        private = asked.followups[-1]
        await running.aclose()
        await running.enter_async_context(town.bot())
        share = await town.ada.click(private, "Share")
        await town.pg.until(lambda: bool(share.followups) and bool(share.followups[-1].buttons))
    first, *_others, last = share.followups
    assert text_of(first).startswith("> what is it?\nA cat.")
    assert text_of(last).endswith("\n-# Shared by Ada")
    assert len(gallery_of(first)) == 1
    assert last.buttons == private.buttons == BUTTONS
    assert [file.filename for file in private.attachments] == ["answer.md"]


async def test_a_failure_and_a_stop_are_told_in_the_card(town: Town) -> None:
    town.models.reply("One thing after another. " * 400, delay=0.05)
    async with town.bot():
        await choose(town, "answers", style="card")
        mention = await town.asks()
        reply = await town.reply_saying(mention, "One thing")
        await town.ada.click(reply, "Stop")
        await town.pg.until(lambda: bool(reply.flags & V2))
    assert text_of(reply).startswith("One thing")
    assert text_of(reply).endswith("\n-# Stopped.")
    assert "Retry" in reply.buttons
