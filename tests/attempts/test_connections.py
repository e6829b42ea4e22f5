"""Connections that fail, stall or break: faults F40 to F47, F64."""

import asyncio
import functools
import socket
import time

import pytest

from bot.errors import ProviderDown, TimedOut, Unreachable
from bot.provider.client import Limits
from bot.questions import attempts as attempts_module
from bot.questions.attempts import Attempts
from bot.types import Finish
from playground.model_server import ModelServer
from tests.attempting import Clock, Watcher, a_model, a_question, attempting, run
from tests.provider.conftest import SSE, RawServer, Write


async def test_a_refused_connection_is_tried_once_more(
    attempts: Attempts, clock: Clock, unused_tcp_port: int
) -> None:
    """F40: one retry, then the sentence; nothing was sent."""
    started = time.monotonic()
    watcher = Watcher()
    with pytest.raises(Unreachable) as failure:
        await attempts.run([a_question(f"http://127.0.0.1:{unused_tcp_port}/v1")], watcher)
    assert not failure.value.sent
    assert len(watcher.tries) == 2
    assert len(clock.slept) == 1
    assert time.monotonic() - started + sum(clock.slept) < 12


async def test_a_name_that_leads_nowhere_is_unreachable(attempts: Attempts) -> None:
    """F40: an unknown host."""
    with pytest.raises(Unreachable) as failure:
        await run(attempts, a_question("http://nowhere.invalid/v1"))
    assert not failure.value.sent


async def test_a_connection_that_nobody_takes_is_given_up_in_time(
    attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F41: SYN packets are dropped; two tries of 5 s each stay under 12 s."""
    assert 2 * Limits().connect + 0.5 < 12
    monkeypatch.setattr(attempts_module, "Limits", functools.partial(Limits, connect=0.2))
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        watcher = Watcher()
        url = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        with pytest.raises(Unreachable) as failure:
            await attempts.run([a_question(url)], watcher)
    assert not failure.value.sent
    assert len(watcher.tries) == 2


async def test_a_slow_first_word_is_waited_for(attempts: Attempts, models: ModelServer) -> None:
    """F43: within the model's own patience."""
    models.reply("A cat.", first_delay=0.3)
    model = a_model(first_text_seconds=1)
    assert (await run(attempts, a_question(models.base_url, model))).text == "A cat."


async def test_comments_alone_are_no_answer_and_are_not_asked_for_again(clock: Clock) -> None:
    """F44: keep-alives go on and on; what it cost is unknown."""

    async def comments(_request: bytes, write: Write) -> None:
        await write(SSE)
        while True:
            await write(b": PROCESSING\n\n")
            await asyncio.sleep(0.05)

    watcher, model = Watcher(), a_model(first_text_seconds=1)
    async with RawServer().serving(comments) as server, attempting(clock, server.url) as reaching:
        with pytest.raises(TimedOut) as failure:
            await reaching.run([a_question(server.url, model)], watcher)
    assert failure.value.sent
    assert failure.value.status is None
    assert len(watcher.tries) == 1


async def test_a_stall_after_text_ends_the_answer(
    attempts: Attempts, models: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F45: the text so far, marked as stalled."""
    monkeypatch.setattr(attempts_module, "Limits", functools.partial(Limits, stall=0.2))
    models.stall("A cat on")
    completion = await run(attempts, a_question(models.base_url))
    assert (completion.text, completion.finish) == ("A cat on", Finish.STALLED)


async def test_a_cut_after_text_is_not_asked_for_again(
    attempts: Attempts, models: ModelServer
) -> None:
    """F46: the text so far, marked as lost."""
    models.cut("A cat on")
    completion = await run(attempts, a_question(models.base_url))
    assert (completion.text, completion.finish) == ("A cat on", Finish.LOST)
    assert len(models.chats) == 1


async def test_an_error_after_text_is_not_asked_for_again(
    attempts: Attempts, models: ModelServer, others: ModelServer
) -> None:
    """F46: neither here nor of another model."""
    text = b'data: {"choices":[{"delta":{"content":"A cat"}}]}\n\n'
    models.raw([text, b'data: {"error":{"code":502,"message":"gone"},"choices":[]}\n\n'])
    watcher = Watcher()
    with pytest.raises(ProviderDown) as failure:
        await attempts.run([a_question(models.base_url), a_question(others.base_url)], watcher)
    assert failure.value.text == "".join(watcher.pieces) == "A cat"
    assert (len(models.chats), len(others.chats)) == (1, 0)


async def test_a_cut_before_any_text_is_tried_again(
    attempts: Attempts, models: ModelServer
) -> None:
    """F47: the try that was lost may have cost something, which is told."""
    models.cut("")
    models.reply("A cat.")
    watcher = Watcher()
    completion = await attempts.run([a_question(models.base_url)], watcher)
    assert completion.text == "A cat."
    assert [(error.sent, error.status) for error in watcher.failures] == [(True, None)]
