"""What members should not have sent, and what models should not have said: a clear end to each."""

import asyncio
import datetime as dt
import io
import struct
import zlib

import pytest
from PIL import Image

from bot.choices import GuildSettings
from cogs._sources import refresh
from playground import File, Interaction, Message
from tests.e2e.conftest import Town

DAY = 86_400.0


def _png(width: int, height: int) -> bytes:
    """Give a small PNG that claims to be this large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def _bitmap(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()


async def _refusal(town: Town, file: File) -> str:
    """Mention the bot with a file and give what it says."""
    asked = await town.ada.send(town.channel, f"{town.pg.bot.mention} what?", files=[file])
    await town.pg.until(lambda: town.reply_to(asked) and town.ledger()[-1]["finished_at"])
    reply = town.reply_to(asked)
    assert reply is not None
    await town.pg.until(lambda: "Stop" not in reply.buttons)
    return reply.content


async def test_a_question_without_a_picture_is_told_how_to_point_at_one(town: Town) -> None:
    async with town.bot():
        asked = await town.ada.slash(town.channel, "ask", question="what is this?")
        sentence = await town.told(asked)
        assert "I see no picture to look at" in sentence.content
        assert sentence.ephemeral_to is town.ada
        mentioned = await town.ada.send(town.channel, f"{town.pg.bot.mention} what is this?")
        reply = await town.reply_saying(mentioned, "I see no picture to look at")
        nothing = await town.ada.menu("Describe image", mentioned)
        assert "no picture" in (await town.told(nothing)).content
    assert [m for m in town.channel.messages if not m.ephemeral_to] == [mentioned, reply]
    assert town.models.chats == []


async def test_a_page_named_like_a_picture_is_found_out_by_its_bytes(town: Town) -> None:
    town.models.inline_only = True
    page = File("cat.png", b"<!DOCTYPE html><title>cat</title>", content_type="image/png")
    async with town.bot():
        said = await _refusal(town, page)
    assert said == "This is not a picture I can open. Send it as JPEG, PNG, WebP or GIF."
    assert town.ledger()[0]["state"] == "refused:picture"
    assert town.ledger()[0]["cost_nano_usd"] == 0


async def test_a_text_file_is_refused_by_name_before_anybody_is_asked(town: Town) -> None:
    async with town.bot():
        said = await _refusal(town, File("notes.txt", b"milk, eggs", content_type="text/plain"))
    assert said == "notes.txt is not a picture I can open. Send it as JPEG, PNG, WebP or GIF."
    assert town.models.chats == []


async def test_a_picture_that_claims_to_be_huge_is_never_unpacked(town: Town) -> None:
    town.models.inline_only = True
    async with town.bot():
        said = await _refusal(town, File("bomb.png", _png(50_000, 50_000)))
    assert said == "This picture is too large. Pictures can have up to 40 megapixels."


async def test_a_picture_over_forty_megapixels_is_refused_by_what_discord_says(town: Town) -> None:
    async with town.bot():
        said = await _refusal(town, File("map.png", _bitmap(6_410, 6_400)))
    assert said == "This picture is too large. Pictures can have up to 40 megapixels."
    assert town.models.chats == []


async def test_an_expired_link_says_so_and_a_fresh_picture_is_answered(town: Town) -> None:
    town.models.fetch_images = True
    posted = await town.ada.send(town.channel, "look", files=[town.picture()])
    link = posted.attachments[0].url
    town.pg.advance(DAY + 60)
    async with town.bot():
        asked = await town.ada.slash(town.channel, "ask", link=link)
        failed = await town.told(asked)
        assert "link no longer works" in failed.content
        answer = await town.ada.menu("Describe image", posted)
        assert "I received 1 image" in (await town.shown(answer.response)).content


async def test_retry_after_the_upload_has_expired_uses_the_picture_on_the_answer(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The playground's clock runs ahead of the bot's, so the bot must look well ahead too.
    monkeypatch.setattr(refresh, "STILL_GOOD", dt.timedelta(days=2))
    town.models.fetch_images = True
    async with town.bot():
        answer = await town.ask(image=town.picture())
        await town.pg.until(lambda: answer.attachments)
        await asyncio.sleep(0.2)  # until it is written down where the picture hangs now
        town.pg.advance(DAY + 60)
        again = await town.ada.click(answer, "Retry")
        assert "I received 1 image" in (await town.shown(again.response)).content


async def test_a_message_deleted_while_the_form_is_open_is_told(town: Town) -> None:
    town.models.fetch_images = True
    posted = await town.ada.send(town.channel, "look", files=[town.picture()])
    async with town.bot():
        opened = await town.ada.menu("Ask about image…", posted)
        await town.ada.delete(posted)
        asked = await town.ada.submit(opened, question="what is it?")
        sentence = await town.told(asked)
    assert "link no longer works" in sentence.content


async def test_where_the_bot_may_not_write_commands_answer_and_mentions_cost_nothing(
    town: Town,
) -> None:
    vault = town.guild.channel("vault", deny=("send_messages",))
    async with town.bot():
        await town.asks(channel=vault)
        answer = await town.ask(channel=vault, image=town.picture(), question="and this?")
        assert "I received 1 image" in answer.content
    assert len(town.models.chats) == 1
    assert len(vault.messages) == 2


async def test_a_long_answer_where_no_files_are_allowed_arrives_as_far_as_it_fits(
    town: Town,
) -> None:
    narrow = town.guild.channel("narrow", deny=("attach_files",))
    town.models.reply("All work and no play makes a dull answer. " * 250, chunk=500)
    async with town.bot():
        asked = await town.asks(channel=narrow)
        await town.pg.until(lambda: any("Delete" in m.buttons for m in narrow.messages))
    pages = [m for m in narrow.messages if m is not asked]
    assert len(pages) == 3
    assert not any("Stop" in page.buttons for page in pages)
    assert "I may not attach files here" in pages[-1].content


async def test_the_longest_question_is_asked_in_full_and_quoted_in_short(town: Town) -> None:
    question = "why? " * 399 + "why.."
    async with town.bot():
        answer = await town.ask(image=town.picture(), question=question)
    assert question in town.models.chats[0].text
    assert answer.content.startswith("> why? why?")
    with pytest.raises(AssertionError, match="at most 2000"):
        await town.ada.slash(town.channel, "ask", image=town.picture(), question=question + "?")


async def test_a_retired_model_names_its_successor(town: Town) -> None:
    gone = GuildSettings(model_id="aimlapi/claude-3-haiku-20240307")
    async with town.bot(AIMLAPI_API_KEY="k") as vidi:
        await vidi.core.settings.change(town.guild.id, town.mod.id, gone)
        asked = await town.asks()
        reply = await town.reply_saying(asked, "was shut down on 2026-04-22")
    assert reply.buttons == ["Why?"]
    assert town.models.chats == []


async def _clicks(town: Town, message: Message, button: str, times: int = 2) -> list[Interaction]:
    return await asyncio.gather(*(town.ada.click(message, button) for _ in range(times)))


async def test_two_presses_of_retry_at_once_ask_once(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
        town.models.reply("A second look.", first_delay=0.2)
        first, second = await _clicks(town, answer, "Retry")
        told = await town.told(second)
        assert "already" in told.content
        assert "A second look." in (await town.shown(first.response)).content
        third = await town.ada.click(answer, "Retry")
        assert "I received 1 image" in (await town.shown(third.response)).content
    assert len(town.models.chats) == 3


async def test_two_presses_of_delete_at_once_are_no_error(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture())
        await _clicks(town, answer, "Delete")
        await town.pg.until(lambda: answer.deleted)
    assert town.channel.messages == []
    assert not [r for r in caplog.records if r.levelname == "ERROR"]


async def test_two_presses_of_share_at_once_share_once(town: Town) -> None:
    async with town.bot():
        answer = await town.ask(image=town.picture(), private=True)
        await _clicks(town, answer, "Share")
        await town.pg.until(lambda: any(not m.ephemeral_to for m in town.channel.messages))
        await asyncio.sleep(0.1)
    assert len([m for m in town.channel.messages if not m.ephemeral_to]) == 1


async def test_two_presses_of_stop_at_once_stop_once(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.models.reply("One thing after another. " * 200, delay=0.05)
    async with town.bot():
        asked = await town.asks()
        answer = await town.reply_saying(asked, "One thing")
        await _clicks(town, answer, "Stop")
        stopped = await town.answer_to(asked)
    assert "Stopped." in stopped.content
    assert town.ledger()[0]["state"] == "cancelled:stopped"
    assert not [r for r in caplog.records if r.levelname == "ERROR"]


async def test_a_form_submitted_twice_is_answered_once(town: Town) -> None:
    posted = await town.ada.send(town.channel, "look", files=[town.picture()])
    async with town.bot():
        opened = await town.ada.menu("Ask about image…", posted)
        first = await town.ada.submit(opened, question="what is it?")
        await town.pg.gateway.redeliver(first)
        await town.shown(first.response)
        await town.pg.until(lambda: town.pg.violations)
    assert len(town.models.chats) == 1
    assert [row["state"] for row in town.ledger()] == ["answered"]
    (second,) = town.pg.violations  # which Discord refuses, and nobody sees
    assert "already been acknowledged" in second
    town.pg.violations.clear()


def _fences_are_closed(message: Message) -> bool:
    return message.content.count("```") % 2 == 0


async def test_an_answer_over_two_messages_keeps_its_code_whole(town: Town) -> None:
    code = "".join(f"print({line})  # a line of code\n" for line in range(120))
    town.models.reply(f"Here it is:\n```python\n{code}```\nThat was it.", chunk=200)
    async with town.bot():
        asked = await town.asks()
        await town.pg.until(lambda: any("Delete" in m.buttons for m in town.channel.messages))
    pages = [m for m in town.channel.messages if m is not asked]
    assert len(pages) == 2
    assert pages[0].buttons == []
    assert pages[1].content.startswith("```python\n")
    assert all(map(_fences_are_closed, pages))
    assert all(f"print({line})" in "".join(m.content for m in pages) for line in range(120))


async def test_an_answer_past_three_pages_goes_on_in_a_file(town: Town) -> None:
    text = "".join(f"Sentence number {number} of a long story. " for number in range(400))
    town.models.reply(text, chunk=2_000)
    async with town.bot():
        asked = await town.asks()
        await town.pg.until(lambda: any("Delete" in m.buttons for m in town.channel.messages))
    pages = [m for m in town.channel.messages if m is not asked]
    assert len(pages) == 3
    assert [a.filename for a in pages[2].attachments] == ["answer.md"]
    told = " ".join(m.content.partition("\n-# ")[0] for m in pages)
    assert f"{told} {pages[2].attachments[0].data.decode()}".strip() == text.strip()


HOSTILE = (
    "@everyone @here <@{ada}> <@&{ada}> <#{ada}> look: [click me](https://evil.example/x) and "
    "https://discord.gg/abcdef or discord.com/invite/abcdef, ![pic](https://evil.example/p.png) "
    "</ask:{ada}> <https://evil.example/@everyone> ||`@everyone`|| ```@here``` "
    "[discord.gg/abc](https://discord.gg/abc)"
)


async def test_a_hostile_model_pings_nobody_and_links_nowhere_at_any_moment(town: Town) -> None:
    text = HOSTILE.format(ada=town.ada.id)
    async with town.bot():
        town.models.reply(text, chunk=3, delay=0.015)
        await town.answer_to(await town.asks())
        await town.ask(image=town.picture(), question=text)
    written = [
        r for r in town.pg.requests if isinstance(r.payload, dict) and "content" in r.payload
    ]
    assert len(written) > 4
    for request in written:
        content = request.payload["content"]
        assert "](https" not in content
        assert "discord.gg/a" not in content
        assert "invite/abc" not in content
        assert "@everyone" not in content
        assert f"<@{town.ada.id}>" not in content
        assert "https://evil" not in content.replace("<https://evil", "")
        assert request.pings == ()
    assert town.pg.pings == []
