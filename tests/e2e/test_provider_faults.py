"""A provider that fails before, during and after its answer: a sentence, and no money lost."""

import functools
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.provider.client import Limits
from bot.questions import attempts
from playground import Message
from tests.e2e.conftest import Town

CANARY = "sk-canary-5f0c8e21d97b"


@pytest.fixture(autouse=True)
async def _no_key_is_told(town: Town, caplog: pytest.LogCaptureFixture):
    yield
    for request in town.pg.requests:
        assert CANARY not in repr((request.path, request.payload, request.files))
    assert CANARY not in caplog.text


async def _retried(town: Town, failed: Message) -> str:
    """Press Retry and give what the model answers now."""
    town.models.reply("A cat, after all.")
    again = await town.ada.click(failed, "Retry")
    return (await town.shown(again.response)).content


BEFORE_THE_STREAM = (
    (404, "The model `vision` does not exist", {}, "failed:model_gone", "no longer has this model"),
    (413, "Request too large", {}, "failed:too_large", "too much for the model at once"),
    (429, "Slow down", {"Retry-After": "90"}, "failed:rate_limited", "Try again in 90 s."),
    (400, "Unknown parameter", {}, "failed:rejected", "did not accept the request"),
)


@pytest.mark.parametrize(
    ("status", "said", "headers", "state", "sentence"),
    BEFORE_THE_STREAM,
    ids=[str(row[0]) for row in BEFORE_THE_STREAM],
)
async def test_a_refusal_before_the_stream_is_a_sentence_and_retry_answers(
    town: Town, status: int, said: str, headers: Mapping[str, str], state: str, sentence: str
) -> None:
    town.models.fail(status, {"error": {"message": said}}, headers)
    async with town.bot(CUSTOM_API_KEY=CANARY):
        failed = await town.answer_to(await town.asks())
        assert sentence in failed.content
        assert said not in failed.content
        assert failed.buttons == ["Retry", "Other model", "Receipt", "Delete"]
        assert "A cat, after all." in await _retried(town, failed)
    first, second = town.ledger()
    assert (first["state"], first["cost_nano_usd"], second["state"]) == (state, 0, "answered")
    assert len(town.models.chats) == 2


LEFT_ALONE = (
    (401, f"Incorrect API key provided: {CANARY}", "failed:key", "did not accept the key"),
    (402, "Payment required", "failed:no_credit", "no credit left"),
)


@pytest.mark.parametrize(
    ("status", "said", "state", "sentence"), LEFT_ALONE, ids=[str(row[0]) for row in LEFT_ALONE]
)
async def test_a_refused_key_and_an_empty_account_are_not_asked_again_at_once(
    town: Town, status: int, said: str, state: str, sentence: str
) -> None:
    town.models.fail(status, {"error": {"message": said}})
    async with town.bot(CUSTOM_API_KEY=CANARY):
        failed = await town.answer_to(await town.asks())
        assert sentence in failed.content
        assert said not in failed.content
        assert sentence in await _retried(town, failed)
    rows = town.ledger()
    assert [(row["state"], row["cost_nano_usd"]) for row in rows] == [(state, 0), (state, 0)]
    assert len(town.models.chats) == 1


async def test_a_short_rate_limit_is_waited_out(town: Town) -> None:
    town.models.fail(429, {"error": {"message": "Slow down"}}, {"Retry-After-Ms": "100"})
    town.models.reply("A cat.")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        answer = await town.answer_to(await town.asks())
    assert answer.content.startswith("A cat.")
    assert [row["state"] for row in town.ledger()] == ["answered"]


async def test_a_passing_server_error_is_not_seen(town: Town) -> None:
    town.models.fail(500)
    town.models.reply("A cat.")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        answer = await town.answer_to(await town.asks())
    assert answer.content.startswith("A cat.")
    assert len(town.models.chats) == 2


async def test_a_provider_that_stays_down_is_told_after_three_tries(town: Town) -> None:
    for _try in range(3):
        town.models.fail(503, "<html><h1>503 Bad gateway</h1></html>")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        failed = await town.answer_to(await town.asks())
        assert "provider has a problem at the moment" in failed.content
        assert "html" not in failed.content
        assert "A cat, after all." in await _retried(town, failed)
    assert [row["state"] for row in town.ledger()] == ["failed:provider_down", "answered"]
    assert len(town.models.chats) == 4


async def test_a_page_instead_of_a_stream_is_the_providers_problem(town: Town) -> None:
    for _try in range(3):
        town.models.raw(b"<!DOCTYPE html><title>Just a moment...</title>", "text/html")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        failed = await town.answer_to(await town.asks())
    assert "provider has a problem at the moment" in failed.content
    assert town.ledger()[0]["state"] == "failed:provider_down"


async def test_a_provider_that_is_not_there_costs_nothing(town: Town, unused_tcp_port: int) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}/v1"
    async with town.bot(CUSTOM_API_KEY=CANARY, CUSTOM_BASE_URL=nowhere):
        failed = await town.answer_to(await town.asks())
        receipt = await town.told(await town.ada.click(failed, "Receipt"))
    assert "\nNo picture was sent anywhere.\n" in receipt.content
    assert "can't be reached" in failed.content
    assert "127.0.0.1" not in failed.content
    row = town.ledger()[0]
    assert (row["state"], row["cost_nano_usd"]) == ("failed:unreachable", 0)
    async with town.bot(CUSTOM_API_KEY=CANARY):
        assert "A cat, after all." in await _retried(town, failed)


async def test_a_stream_cut_off_keeps_what_had_come(town: Town) -> None:
    town.models.cut("A cat sits on")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        answer = await town.answer_to(await town.asks())
        assert answer.content.startswith("A cat sits on\n")
        assert "connection" in answer.content
        assert "A cat, after all." in await _retried(town, answer)
    assert all(row["finished_at"] for row in town.ledger())


async def test_a_stream_cut_off_before_its_first_word_is_tried_again(town: Town) -> None:
    town.models.cut("")
    town.models.reply("A cat.")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        answer = await town.answer_to(await town.asks())
    assert answer.content.startswith("A cat.\n")
    assert "connection" not in answer.content


async def test_a_stream_that_falls_silent_is_ended(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "Limits", functools.partial(Limits, stall=0.3))
    town.models.stall("A cat sits on")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        answer = await town.answer_to(await town.asks())
        assert answer.content.startswith("A cat sits on\n")
        assert "fell silent" in answer.content
        await town.pg.until(lambda: town.models.open == 0)
        assert "A cat, after all." in await _retried(town, answer)


SLOW_MODEL = """
[provider]
id = "slow"
label = "Slow"
company = "Slow Ltd"
base_url = "{base_url}"
needs_key = false
rank = 1

[defaults]
checked = 2026-11-22
source = "a test"

[[models]]
name = "vision"
label = "Slow vision"
first_text_seconds = 1
"""


async def test_a_model_that_says_nothing_is_given_up(town: Town, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    (catalog / "slow.toml").write_text(SLOW_MODEL.format(base_url=town.models.base_url))
    town.models.hang()
    async with town.bot(VIDI_CATALOG_DIR=str(catalog), VIDI_DEFAULT_MODEL="slow/vision"):
        asked = await town.asks()
        await town.reply_saying(asked, "Looking at it")
        failed = await town.answer_to(asked)
        assert "did not answer in time" in failed.content
        await town.pg.until(lambda: town.models.open == 0)
        assert "A cat, after all." in await _retried(town, failed)
    assert town.ledger()[0]["state"] == "failed:timeout"


async def test_a_slow_first_word_shows_that_somebody_is_looking(town: Town) -> None:
    town.models.reply("A cat.", first_delay=0.6)
    async with town.bot(CUSTOM_API_KEY=CANARY):
        asked = await town.asks()
        placeholder = await town.reply_saying(asked, "Looking at it")
        assert placeholder.buttons == ["Stop"]
        answer = await town.answer_to(asked)
    assert answer is placeholder
    assert answer.content.startswith("A cat.")
    assert [m for m in town.channel.messages if m.author is town.pg.bot] == [answer]


ERROR_EVENT = (
    b'data: {"error": {"message": "' + CANARY.encode() + b' overloaded", "code": 503}}\n\n'
)
TEXT_EVENT = b'data: {"choices": [{"index": 0, "delta": {"content": "A cat sits"}}]}\n\n'


async def test_an_error_inside_the_stream_before_any_text_is_tried_again(town: Town) -> None:
    town.models.raw(ERROR_EVENT)
    town.models.reply("A cat.")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        answer = await town.answer_to(await town.asks())
    assert answer.content.startswith("A cat.")


async def test_an_error_inside_the_stream_keeps_the_text_and_says_so(town: Town) -> None:
    town.models.raw((TEXT_EVENT, ERROR_EVENT))
    async with town.bot(CUSTOM_API_KEY=CANARY):
        answer = await town.answer_to(await town.asks())
        assert answer.content.startswith("A cat sits\n")
        assert "provider has a problem" in answer.content
        assert "A cat, after all." in await _retried(town, answer)
    assert town.ledger()[0]["state"] == "failed:provider_down"


async def test_an_empty_answer_is_told_as_one(town: Town) -> None:
    town.models.reply("")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        failed = await town.answer_to(await town.asks())
        assert "returned no text" in failed.content
        assert "A cat, after all." in await _retried(town, failed)
    assert town.ledger()[0]["state"] == "failed:bad_reply"


async def test_a_filter_that_lets_nothing_through_is_named(town: Town) -> None:
    town.models.reply("", finish="content_filter")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        failed = await town.answer_to(await town.asks())
    assert "content filter stopped it" in failed.content
    assert town.ledger()[0]["state"] == "failed:filtered"


async def test_a_filter_that_strikes_in_the_middle_is_named_below_the_text(town: Town) -> None:
    town.models.reply("A cat sits on", finish="content_filter")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        answer = await town.answer_to(await town.asks())
    assert answer.content.startswith("A cat sits on\n")
    assert "content filter stopped it" in answer.content


async def test_an_answer_that_ran_into_its_limit_says_so(town: Town) -> None:
    town.models.reply("A cat sits on", finish="length")
    async with town.bot(CUSTOM_API_KEY=CANARY):
        answer = await town.answer_to(await town.asks())
    assert "reached the model's length limit" in answer.content


async def test_a_refused_ask_ends_its_thinking(town: Town) -> None:
    town.models.key = "another key"
    async with town.bot(CUSTOM_API_KEY=CANARY):
        asked = await town.ada.slash(town.channel, "ask", image=town.picture())
        failed = await town.shown(asked.response)
    assert "did not accept the key" in failed.content
    assert not failed.thinking


async def test_what_was_reserved_for_a_failure_is_free_again(town: Town) -> None:
    """Of a quota of one question a day, a failed one uses nothing."""
    town.models.fail(404)
    async with town.bot(CUSTOM_API_KEY=CANARY, VIDI_DM_DAILY="1"):
        failed = await town.answer_to(await town.asks("what is it?", channel=town.ada.dm))
        assert "no longer has this model" in failed.content
        assert "A cat, after all." in await _retried(town, failed)
