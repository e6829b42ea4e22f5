"""What goes wrong on the wire: faults F42 to F72 of the reliability list, over real connections."""

import asyncio
import datetime as dt
import email.utils
import json
from pathlib import Path

import httpx
import pytest

from bot.errors import (
    BadReply,
    ContentFiltered,
    Insecure,
    NoCredit,
    ProviderDown,
    ProviderError,
    RateLimited,
    TimedOut,
)
from bot.net import Net
from bot.provider.client import Limits, complete
from bot.provider.types import Completion
from bot.types import Finish
from tests.provider.certificates import server_context
from tests.provider.conftest import SSE, RawServer, Write, ask, event

SHORT = Limits(first_text=0.5, stall=0.3, tail=0.2, total=5)
DONE = b"data: [DONE]\n\n"
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


async def answer(
    http: httpx.AsyncClient, *chunks: bytes, limits: Limits = SHORT, stay: bool = False
) -> Completion:
    """Ask a server that sends these chunks, then closes or stays."""

    async def handler(_request: bytes, write: Write) -> None:
        for chunk in chunks:
            await write(chunk)
        if stay:
            await asyncio.sleep(30)

    async with RawServer().serving(handler) as server:
        return await complete(http, ask(server.url), lambda _text: None, limits=limits)


def chunk(**fields: object) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


@pytest.mark.parametrize("expired", [False, True], ids=["F42 nobody's", "F72 expired"])
async def test_a_certificate_that_is_not_valid_ends_it_before_the_key_is_sent(
    tmp_path: Path, http: httpx.AsyncClient, expired: bool
) -> None:
    context, _trusted = server_context(tmp_path, expired=expired)
    async with RawServer().serving(_never, tls=context) as server:
        with pytest.raises(Insecure, match=r"(?i)certificate") as failure:
            await complete(http, ask(server.url), lambda _text: None)
        assert not server.requests
    assert not failure.value.sent
    assert "certificate" in failure.value.sentence


async def test_an_expired_certificate_that_is_trusted_is_still_expired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F72: no clock but ours counts."""
    context, trusted = server_context(tmp_path, expired=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with RawServer().serving(_never, tls=context) as server, _trusting(server.url) as net:
        with pytest.raises(Insecure, match="expired"):
            await complete(net.http(server.url), ask(server.url), lambda _text: None)


async def test_a_certificate_that_the_operator_trusts_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F42: SSL_CERT_FILE says whom."""
    context, trusted = server_context(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))

    async def handler(_request: bytes, write: Write) -> None:
        await write(SSE + event("a", "stop") + DONE)

    async with RawServer().serving(handler, tls=context) as server, _trusting(server.url) as net:
        whole = await complete(net.http(server.url), ask(server.url), lambda _text: None)
    assert whole.text == "a"


async def test_a_provider_whose_clock_is_wrong_is_answered_all_the_same(
    http: httpx.AsyncClient,
) -> None:
    """F72: nor does its Date header."""
    head = SSE.replace(b"\r\n\r\n", b"\r\nDate: Mon, 01 Jan 2035 00:00:00 GMT\r\n\r\n")
    assert (await answer(http, head, event("a", "stop"), DONE)).text == "a"


async def test_a_wait_until_a_moment_is_measured_by_our_own_clock(http: httpx.AsyncClient) -> None:
    """F72: Retry-After as a date, beside a Date that is years off."""
    until = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90))
    head = f"HTTP/1.1 429 No\r\nDate: Mon, 01 Jan 2035 00:00:00 GMT\r\nRetry-After: {until}\r\n\r\n"
    with pytest.raises(RateLimited) as failure:
        await answer(http, head.encode(), b'{"error":"slow down"}')
    assert failure.value.retry_after == pytest.approx(90, abs=3)


WHOLE = {
    "F48 a socket that stays open": (event("A cat."), DONE),
    "F49 no [DONE]": (event("A cat.", "stop"),),
    "F50 no space": (event("A cat.", "stop").replace(b"data: ", b"data:"), DONE),
    "F50 CRLF": (event("A cat.", "stop").replace(b"\n", b"\r\n"), DONE),
    "F50 BOM": (b"\xef\xbb\xbf" + event("A cat.", "stop"), DONE),
    "F50 several lines": (event("A cat.", "stop").replace(b",", b",\ndata: "), DONE),
    "F50 split in JSON": (event("A cat.")[:20], event("A cat.", "stop")[20:], DONE),
    "F50 event and id lines": (b"event: message\nid: 7\n" + event("A cat.", "stop"), DONE),
    "F51 one event of no JSON": (b"data: {oh\n\n", event("A cat.", "stop"), DONE),
    "F51 three of them": (b"data: {oh\n\n" * 3, event("A cat.", "stop"), DONE),
}


@pytest.mark.parametrize("chunks", WHOLE.values(), ids=WHOLE)
async def test_an_odd_stream_is_a_whole_answer(
    http: httpx.AsyncClient, chunks: tuple[bytes, ...]
) -> None:
    whole = await answer(http, SSE, *chunks, stay=chunks[0] == event("A cat."))
    assert whole.text == "A cat."


async def test_more_events_of_no_json_end_it(http: httpx.AsyncClient) -> None:
    """F51"""
    with pytest.raises(BadReply) as failure:
        await answer(http, SSE, event("A cat"), b"data: {oh\n\n" * 4)
    assert failure.value.text == "A cat"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"error": {"code": 429, "message": "Rate limit"}, "choices": []}, RateLimited),
        ({"error": {"code": 402, "message": "no money"}, "choices": []}, NoCredit),
        ({"error": {"code": "server_error", "message": "gone"}, "choices": []}, ProviderDown),
        ({"error": "Model is overloaded", "error_type": "overloaded"}, ProviderDown),
        ({"error": {"message": "gone", "type": "x"}, "status_code": 503}, ProviderDown),
        ({"id": "c", "choices": [], "x_groq": {"error": "over capacity"}}, ProviderDown),
        ({"object": "error", "message": "gone", "code": 500}, ProviderDown),
        ({"choices": [{"delta": {}, "finish_reason": "error"}]}, ProviderDown),
    ],
)
async def test_an_error_in_a_200_stream_is_an_error(
    http: httpx.AsyncClient, said: dict[str, object], kind: type[ProviderError]
) -> None:
    """F52: never an empty success."""
    with pytest.raises(kind):
        await answer(http, SSE, chunk(**said), DONE)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("length", Finish.LENGTH), ("content_filter", Finish.FILTERED), ("eos", Finish.STOP)],
)
async def test_how_it_ended_is_told(http: httpx.AsyncClient, reason: str, finish: Finish) -> None:
    """F53"""
    assert (await answer(http, SSE, event("A cat", reason), DONE)).finish is finish


@pytest.mark.parametrize(
    ("end", "kind"), [("stop", BadReply), ("content_filter", ContentFiltered)], ids=["F64", "F53"]
)
async def test_no_text_is_no_answer(
    http: httpx.AsyncClient, end: str, kind: type[ProviderError]
) -> None:
    with pytest.raises(kind):
        await answer(http, SSE, event("", end), DONE)


async def test_a_refusal_is_the_answer_and_marked(http: httpx.AsyncClient) -> None:
    """F65"""
    refusal = chunk(choices=[{"delta": {"refusal": "I won't."}, "finish_reason": "stop"}])
    whole = await answer(http, SSE, refusal, DONE)
    assert (whole.text, whole.finish) == ("I won't.", Finish.REFUSED)


async def test_a_megabyte_of_text_is_cut_at_the_cap(http: httpx.AsyncClient) -> None:
    """F66: the connection is closed there."""
    limits = Limits(text=100_000)
    whole = await answer(http, SSE, *([event("x" * 10_000)] * 120), limits=limits, stay=True)
    assert (len(whole.text), whole.finish) == (100_000, Finish.LENGTH)


async def test_a_chunk_of_eight_megabytes_is_given_up_on(http: httpx.AsyncClient) -> None:
    """F67: at the cap of a line, long before it is all there."""
    with pytest.raises(BadReply, match="line"):
        await answer(http, SSE, event("x" * 8_000_000, "stop"), stay=True)


async def test_wrong_utf8_becomes_a_replacement_character(http: httpx.AsyncClient) -> None:
    """F68"""
    broken = event("A c?t.", "stop").replace(b"?", b"\xff")
    assert (await answer(http, SSE, broken, DONE)).text == "A c\ufffdt."


@pytest.mark.parametrize("count", [None, -5, 10**15, "twelve", [], True, {"n": 1}])
async def test_a_count_that_cannot_be_is_not_believed(
    http: httpx.AsyncClient, count: object
) -> None:
    """F69"""
    usage = chunk(choices=[], usage={"prompt_tokens": count, "completion_tokens": count})
    whole = await answer(http, SSE, event("A cat.", "stop"), usage, DONE)
    assert (whole.text, whole.input_tokens, whole.output_tokens) == ("A cat.", None, None)


async def test_json_instead_of_a_stream_is_an_answer(http: httpx.AsyncClient) -> None:
    """F70"""
    body = b'{"choices":[{"message":{"content":"A cat."},"finish_reason":"stop"}]}'
    assert await answer(http, JSON, body) == Completion("A cat.", Finish.STOP)


async def test_a_page_instead_of_an_answer_is_the_providers_failure(
    http: httpx.AsyncClient,
) -> None:
    """F71"""
    with pytest.raises(ProviderDown):
        await answer(http, SSE, b"<!doctype html><title>Just a moment</title>")


HOSTILE = {
    "an endless line": b"x" * 65_536,
    "endless empty events": b"data: {}\n\n" * 6_000,
    "endless comments": b": hello\n" * 8_000,
}


@pytest.mark.parametrize("flood", HOSTILE.values(), ids=HOSTILE)
async def test_a_flood_ends_at_a_cap_or_a_deadline(http: httpx.AsyncClient, flood: bytes) -> None:
    """T18"""

    async def handler(_request: bytes, write: Write) -> None:
        await write(SSE)
        while True:
            await write(flood)

    limits = Limits(first_text=1, total=2, body=4 * 1024 * 1024)
    async with RawServer().serving(handler) as server:
        async with asyncio.timeout(3):
            with pytest.raises(ProviderError):
                await complete(http, ask(server.url), lambda _text: None, limits=limits)


async def test_a_byte_a_second_is_no_answer(http: httpx.AsyncClient) -> None:
    """T18: what drips never moves the watchdog on."""

    async def handler(_request: bytes, write: Write) -> None:
        await write(SSE)
        for byte in event("A cat.", "stop"):
            await write(bytes([byte]))
            await asyncio.sleep(0.02)

    async with RawServer().serving(handler) as server:
        with pytest.raises(TimedOut):
            await complete(http, ask(server.url), lambda _text: None, limits=SHORT)


def _trusting(url: str) -> Net:
    return Net(frozenset({url}), ())


async def _never(_request: bytes, _write: Write) -> None:
    raise AssertionError("nobody should come here")
