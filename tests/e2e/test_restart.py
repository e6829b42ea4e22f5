"""Processes that die, connections that drop, events that come twice: every question ends once."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from playground import Fault, Interaction, Message
from playground.messages import V2
from tests.e2e.conftest import Town

ROOT = Path(__file__).parents[2]
SEND, EDIT = "POST /channels/{}/messages", "PATCH /channels/{}/messages/{}"
EDIT_RESPONSE = "PATCH /webhooks/{}/{}/messages/{}"
INTERRUPTED = "I was interrupted by a restart. Please ask again."
FAILED = ["Retry", "Other model", "Receipt", "Delete"]


async def _started(town: Town, **environ: str) -> asyncio.subprocess.Process:
    """Start `python -m bot run`; it logs into the file `log`."""
    settings = dict(town.config(**environ).environ)
    with (town.folder / "log").open("ab") as stderr:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=town.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings},
            stderr=stderr,
        )


@asynccontextmanager
async def _process(town: Town) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run the bot as a process until the block ends; it is ready when the block begins."""
    process = await _started(town)
    try:
        await town.pg.ready(timeout=20)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await town.pg.until(lambda: not town.pg.gateway.connections)


async def _kill(town: Town, process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.wait()
    await town.pg.until(lambda: not town.pg.gateway.connections)


def _nothing_is_open(town: Town) -> bool:
    return all(row["finished_at"] for row in town.ledger())


async def _shown_by(town: Town, asked: Interaction) -> Message:
    await town.pg.until(lambda: asked.response is not None)
    assert asked.response is not None
    return asked.response


async def _ask_in_every_way(town: Town) -> tuple[Message, Message, Message]:
    """Ask by command, menu and mention; gives the question and the two responses."""
    mention = await town.asks()
    command = await town.ada.slash(town.channel, "ask", image=town.picture())
    menu = await town.ada.menu("Describe image", mention)
    return mention, await _shown_by(town, command), await _shown_by(town, menu)


async def test_a_kill_while_everybody_waits_ends_each_wait_with_a_sentence(town: Town) -> None:
    for _question in range(3):
        town.models.hang()
    async with _process(town) as process:
        mention, command, menu = await _ask_in_every_way(town)
        await town.reply_saying(mention, "Looking at it")
        await town.pg.until(lambda: len(town.models.chats) == 3)
        await _kill(town, process)
    assert command.thinking
    assert menu.thinking
    async with _process(town):
        await town.pg.until(lambda: not (command.thinking or menu.thinking))
        await town.reply_saying(mention, INTERRUPTED)
        await town.pg.until(lambda: _nothing_is_open(town))
    assert [m.content for m in (command, menu)] == [INTERRUPTED, INTERRUPTED]
    assert menu.ephemeral_to is town.ada
    assert len(town.channel.messages) == 4
    assert {row["state"] for row in town.ledger()} == {"failed:interrupted"}


async def test_a_kill_in_mid_stream_ends_each_answer_with_a_sentence(town: Town) -> None:
    for _question in range(3):
        town.models.reply("One thing after another. " * 400, delay=0.05)
    async with _process(town) as process:
        mention, command, menu = await _ask_in_every_way(town)
        reply = await town.reply_saying(mention, "One thing")
        await town.pg.until(lambda: all("One thing" in m.content for m in (command, menu)))
        await _kill(town, process)
    async with _process(town):
        await town.pg.until(
            lambda: all(INTERRUPTED in m.content for m in (reply, command, menu)), timeout=10
        )
        await town.pg.until(lambda: _nothing_is_open(town))
    for broken_off in (reply, command, menu):
        assert broken_off.content.startswith("One thing")
        assert broken_off.content.endswith(f"\n-# {INTERRUPTED}")
        assert "Stop" not in broken_off.buttons
    assert len(town.channel.messages) == 4


async def test_a_kill_before_the_last_edit_loses_nothing_of_the_answer(town: Town) -> None:
    for _question in range(3):
        town.models.reply("A cat sits on a mat.")
    async with _process(town) as process:
        town.pg.fault(Fault(EDIT, delay=9, status=500))
        town.pg.fault(Fault(EDIT_RESPONSE, delay=9, status=500, times=2))
        mention, command, menu = await _ask_in_every_way(town)
        await town.pg.until(
            lambda: [row["state"] for row in town.ledger()] == ["answered"] * 3, timeout=10
        )
        await _kill(town, process)
    async with _process(town):
        reply = await town.reply_saying(mention, "A cat sits on a mat.")
        await town.pg.until(lambda: not (command.thinking or menu.thinking))
    for answer in (reply, command, menu):
        assert answer.content.startswith("A cat sits on a mat.")
        assert answer.buttons[:4] == ["Follow up", "Retry", "Other model", "Receipt"]
    assert "Share" in menu.buttons
    assert len(town.channel.messages) == 4


async def test_a_card_that_was_shown_before_a_kill_is_finished_as_a_card(town: Town) -> None:
    async with _process(town) as process:
        await town.told(await town.mod.slash(town.channel, "settings answers", style="card"))
        town.pg.fault(Fault(EDIT, status=502, after_storing=True))
        mention = await town.asks()
        await town.pg.until(lambda: (m := town.reply_to(mention)) is not None and m.flags & V2)
        await _kill(town, process)
    assert town.owed() == 1
    async with _process(town):
        await town.pg.until(lambda: town.owed() == 0, timeout=10)
    *_others, reply = town.channel.messages
    assert town.reply_to(mention) is reply
    assert reply.flags & V2
    assert "Follow up" in reply.buttons


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "lost"])
async def test_a_kill_before_the_bot_knows_its_own_message_leaves_one(
    town: Town, stored: bool
) -> None:
    town.models.hang()
    async with _process(town) as process:
        if stored:
            town.pg.fault(Fault(SEND, status=502, after_storing=True))
        else:
            town.pg.fault(Fault(SEND, status=500, delay=9))
        mention = await town.asks()
        await town.pg.until(lambda: town.models.chats and town.ledger())
        await town.pg.until(lambda: not stored or town.reply_to(mention))
        await _kill(town, process)
    async with _process(town):
        reply = await town.reply_saying(mention, INTERRUPTED)
        await town.pg.until(lambda: "Delete" in reply.buttons)
    assert town.channel.messages == [mention, reply]


async def test_a_polite_end_lets_answers_finish(town: Town) -> None:
    town.models.reply("A cat sits on a mat.", first_delay=0.5)
    async with _process(town) as process:
        asked = await town.asks()
        await town.reply_saying(asked, "Looking at it")
        process.send_signal(signal.SIGTERM)
        answer = await town.answer_to(asked)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    assert answer.content.startswith("A cat sits on a mat.\n-# vision")
    assert "Traceback" not in (town.folder / "log").read_text()


async def test_a_process_that_discord_turns_away_ends_with_a_sentence(town: Town) -> None:
    process = await _started(town, DISCORD_TOKEN="wrong.token.here")
    assert await asyncio.wait_for(process.wait(), 10) == 1
    log = (town.folder / "log").read_text()
    assert log.splitlines()[-1] == (
        "Discord did not accept DISCORD_TOKEN. Reset the token under Bot and copy it again."
    )
    assert "Traceback" not in log


async def test_an_answer_that_takes_too_long_at_the_end_says_so(town: Town) -> None:
    town.models.reply("One thing after another. " * 400, delay=0.05)
    async with town.bot(drain=0.1):
        asked = await town.asks()
        await town.reply_saying(asked, "One thing")
    answer = await town.answer_to(asked)
    assert "I am being restarted. Please ask again in a minute." in answer.content
    assert answer.content.startswith("One thing after another.")
    assert town.ledger()[0]["state"] == "cancelled:shutdown"
    assert answer.buttons == FAILED


async def test_a_follow_up_typed_across_a_restart_is_answered(town: Town) -> None:
    async with town.bot():
        answer = await town.answer_to(await town.asks())
        opened = await town.ada.click(answer, "Follow up")
    async with town.bot():
        submitted = await town.ada.submit(opened, question="and its colour?")
        await town.shown(submitted.response)
    assert "and its colour?" in town.models.chats[1].text
    assert town.models.chats[1].images


async def test_a_question_typed_across_a_restart_is_given_back(town: Town) -> None:
    posted = await town.ada.send(town.channel, "look", files=[town.picture()])
    async with town.bot():
        opened = await town.ada.menu("Ask about image…", posted)
    async with town.bot():
        told = await town.told(await town.ada.submit(opened, question="and its colour?"))
    assert "open it again" in told.content
    assert "and its colour?" in told.content
    assert told.ephemeral_to is town.ada


async def test_a_redelivered_message_is_answered_once(town: Town) -> None:
    async with town.bot():
        asked = await town.asks()
        await town.pg.gateway.redeliver(asked)
        await town.answer_to(asked)
        await town.pg.gateway.redeliver(asked)
        await asyncio.sleep(0.1)
    assert len(town.models.chats) == len(town.ledger()) == 1
    assert len(town.channel.messages) == 2


async def test_a_message_redelivered_to_the_next_process_is_answered_once(town: Town) -> None:
    async with town.bot():
        asked = await town.asks()
        await town.answer_to(asked)
    async with town.bot():
        await town.pg.gateway.redeliver(asked)
        await asyncio.sleep(0.1)
    assert len(town.channel.messages) == 2


async def test_a_redelivered_command_is_answered_once(town: Town) -> None:
    town.models.reply("A cat.", first_delay=0.2)
    async with town.bot():
        asked = await town.ada.slash(town.channel, "ask", image=town.picture())
        await town.pg.gateway.redeliver(asked)
        answer = await town.shown(asked.response)
        await asyncio.sleep(0.1)
    assert answer.content.startswith("A cat.")
    assert len(town.models.chats) == len(town.channel.messages) == 1
    (second,) = town.pg.violations  # which Discord refuses, and nobody sees
    assert "already been acknowledged" in second
    town.pg.violations.clear()


@pytest.mark.parametrize("how", ["dropped", "asked to reconnect", "invalid", "resumable"])
async def test_an_answer_outlives_its_gateway_connection(town: Town, how: str) -> None:
    town.models.reply("One thing after another. " * 6, delay=0.1)
    async with town.bot():
        asked = await town.asks()
        await town.reply_saying(asked, "One thing")
        gateway = town.pg.gateway
        match how:
            case "dropped":
                await gateway.drop()
            case "asked to reconnect":
                await gateway.reconnect()
            case _:
                await gateway.invalidate(resumable=how == "resumable")
        missed = await town.ada.send(
            town.channel, f"{town.pg.bot.mention} and this?", files=[town.picture()]
        )
        answer = await town.answer_to(asked)
        assert answer.content.count("One thing after another.") == 6
        if how == "invalid":
            await town.pg.ready()
            missed = await town.asks("and this?")
        assert "I received 1 image" in (await town.answer_to(missed)).content
        sessions = gateway.sessions
    assert len([m for m in town.channel.messages if m.reply_to is asked]) == 1
    assert sum(session.resumes for session in sessions) == (0 if how == "invalid" else 1)
