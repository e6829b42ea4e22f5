"""Discord itself failing: what was asked is answered once, or not at all, and never in vain."""

from pathlib import Path

import pytest

from bot.app import run
from bot.errors import StartupError
from playground import Fault, Message
from tests.e2e.conftest import Town, new_town

SEND, EDIT = "POST /channels/{}/messages", "PATCH /channels/{}/messages/{}"
EDIT_RESPONSE = "PATCH /webhooks/{}/{}/messages/{}"
FORBIDDEN = {"code": 50013, "message": "Missing Permissions"}
UNKNOWN_MESSAGE = {"code": 10008, "message": "Unknown Message"}
UNKNOWN_CHANNEL = {"code": 10003, "message": "Unknown Channel"}
ARCHIVED = {"code": 50083, "message": "Thread is archived"}


def _by_the_bot(town: Town) -> list[Message]:
    return [m for m in town.channel.messages if m.author is town.pg.bot]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(EDIT, status=429, retry_after=0.3, times=2),
        Fault(EDIT, status=500),
        Fault(EDIT, status=503, times=2),
        Fault(EDIT, reset=True, times=2),
    ],
    ids=["429", "500", "503", "reset"],
)
async def test_the_final_text_arrives_although_edits_fail(town: Town, fault: Fault) -> None:
    town.models.reply("A cat sits on a mat.")
    town.pg.fault(fault)
    async with town.bot():
        answer = await town.answer_to(await town.asks())
    assert answer.content.startswith("A cat sits on a mat.\n-# vision")
    assert _by_the_bot(town) == [answer]
    assert fault.times == 0


@pytest.mark.parametrize("fault", [{"status": 503}, {"reset": True}], ids=["503", "reset"])
async def test_the_final_text_of_a_command_arrives_although_edits_fail(
    town: Town, fault: dict[str, object]
) -> None:
    town.models.reply("A cat sits on a mat.")
    town.pg.fault(Fault(EDIT_RESPONSE, times=2, **fault))  # type: ignore[arg-type]
    async with town.bot():
        asked = await town.ada.slash(town.channel, "ask", image=town.picture())
        answer = await town.shown(asked.response)
    assert answer.content.startswith("A cat sits on a mat.\n-# vision")


@pytest.mark.parametrize("fault", [{"status": 502}, {"reset": True}], ids=["502", "reset"])
async def test_a_message_that_was_stored_although_discord_failed_stands_once(
    town: Town, fault: dict[str, object]
) -> None:
    town.models.reply("A cat.")
    town.pg.fault(Fault(SEND, after_storing=True, **fault))  # type: ignore[arg-type]
    async with town.bot():
        answer = await town.answer_to(await town.asks())
    assert answer.content.startswith("A cat.")
    assert _by_the_bot(town) == [answer]


async def test_a_channel_that_forbids_writing_is_left_alone_and_nothing_more_is_paid(
    town: Town,
) -> None:
    town.models.reply("One thing after another. " * 400, delay=0.05)
    town.pg.fault(Fault(SEND, status=403, json=FORBIDDEN))
    async with town.bot():
        await town.asks()
        await _abandoned_within_a_second(town)
        await town.asks("and now?")
        elsewhere = town.guild.channel("elsewhere")
        assert await town.answer_to(await town.asks(channel=elsewhere))
    assert len(town.models.chats) == 2
    assert _by_the_bot(town) == []
    assert [row["state"] for row in town.ledger()] == ["cancelled:forbidden", "answered"]


async def _streaming(town: Town) -> tuple[Message, Message]:
    """Have a long answer begin; gives the question and the growing answer."""
    town.models.reply("One thing after another. " * 400, delay=0.05)
    asked = await town.asks()
    return asked, await town.reply_saying(asked, "One thing after")


async def _abandoned_within_a_second(town: Town) -> None:
    await town.pg.until(lambda: town.models.abandoned == 1, timeout=1)
    await town.pg.until(lambda: town.ledger()[-1]["finished_at"], timeout=1)


async def test_an_answer_deleted_while_it_grows_is_asked_for_no_longer(town: Town) -> None:
    moderator = town.mod
    town.guild.join(moderator, permissions=("manage_messages",))
    async with town.bot():
        _asked, answer = await _streaming(town)
        await moderator.delete(answer)
        await _abandoned_within_a_second(town)
    assert _by_the_bot(town) == []
    assert town.ledger()[0]["state"] == "cancelled:answer_deleted"


async def test_an_answer_found_deleted_at_an_edit_is_asked_for_no_longer(town: Town) -> None:
    async with town.bot():
        await _streaming(town)
        town.pg.fault(Fault(EDIT, status=404, json=UNKNOWN_MESSAGE, times=2))
        await town.pg.until(lambda: town.models.abandoned == 1, timeout=3)
    assert town.ledger()[0]["state"] == "cancelled:answer_deleted"


async def test_a_question_deleted_while_it_is_answered_takes_the_answer_along(town: Town) -> None:
    async with town.bot():
        asked, answer = await _streaming(town)
        await town.ada.delete(asked)
        await _abandoned_within_a_second(town)
        await town.pg.until(lambda: answer.deleted)
    assert town.channel.messages == []
    assert town.ledger()[0]["state"] == "cancelled:question_deleted"


async def test_a_guild_left_in_the_middle_ends_what_is_answered_there(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    async with town.bot():
        await _streaming(town)
        town.guild.leave(town.pg.bot)
        await _abandoned_within_a_second(town)
    assert town.ledger()[0]["state"] == "cancelled:guild_left"
    assert not [r for r in caplog.records if r.levelname == "ERROR"]


async def test_a_thread_archived_in_the_middle_ends_in_the_ledger(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    thread = town.channel.thread("cats")
    town.models.reply("A cat sits on a mat.", first_delay=0.3)
    async with town.bot():
        asked = await town.asks(channel=thread)
        await town.reply_saying(asked, "Looking at it")
        town.pg.fault(Fault(EDIT, status=400, json=ARCHIVED, times=9))
        await town.pg.until(lambda: town.ledger()[0]["finished_at"])
    assert town.ledger()[0]["state"] == "answered"
    assert not [r for r in caplog.records if r.levelname == "ERROR"]


async def test_a_channel_deleted_in_the_middle_is_asked_for_no_longer(town: Town) -> None:
    async with town.bot():
        await _streaming(town)
        town.pg.fault(Fault(EDIT, status=404, json=UNKNOWN_CHANNEL, times=2))
        await town.pg.until(lambda: town.models.abandoned == 1, timeout=3)
    assert town.ledger()[0]["state"] == "cancelled:channel_gone"


async def test_an_answer_that_outlives_its_interaction_goes_to_the_channel(town: Town) -> None:
    town.models.reply("A cat sits on a mat. " * 12, delay=0.05)
    async with town.bot():
        asked = await town.ada.slash(town.channel, "ask", image=town.picture())
        await town.pg.until(lambda: asked.response and "A cat" in asked.response.content)
        asked.expire()
        await town.pg.until(lambda: any("Delete" in m.buttons for m in _by_the_bot(town)))
        await town.pg.until(lambda: len(_by_the_bot(town)) == 1)
    (answer,) = _by_the_bot(town)
    assert answer.content.count("A cat sits on a mat.") == 12
    assert answer is not asked.response


async def test_a_token_that_discord_refuses_is_told_at_once(town: Town) -> None:
    with pytest.raises(StartupError, match="did not accept DISCORD_TOKEN"):
        await run(town.config(DISCORD_TOKEN="wrong.token.here"))


async def test_message_content_demanded_but_switched_off_is_told(tmp_path: Path) -> None:
    async with new_town(tmp_path, message_content=False) as town:
        with pytest.raises(StartupError, match="Message Content Intent"):
            await run(town.config(VIDI_MESSAGE_CONTENT="on"))


async def test_a_discord_that_is_not_there_is_told(town: Town, unused_tcp_port: int) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}/api/v10"
    with pytest.raises(StartupError, match="can't be reached"):
        await run(town.config(VIDI_DISCORD_API_URL=nowhere))
