"""The client against servers that behave, and servers that don't, over real connections."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.errors import (
    BadReply,
    KeyRejected,
    ProviderDown,
    ProviderError,
    RateLimited,
    TimedOut,
    Unreachable,
)
from bot.net import Net
from bot.provider.client import Limits, complete
from bot.provider.types import Completion, Request
from bot.types import Finish
from playground.model_server import ModelServer
from tests.provider.conftest import SSE, RawServer, Write, ask, event

SHORT = Limits(first_text=0.3, stall=0.3, tail=0.2, total=5)


async def answer(
    http: httpx.AsyncClient, *chunks: bytes, limits: Limits = SHORT, stay: bool = False
) -> Completion:
    """Ask a server that sends these chunks, each on its own, then closes or stays."""

    async def handler(_request: bytes, write: Write) -> None:
        for chunk in chunks:
            await write(chunk)
            await asyncio.sleep(0.005)
        if stay:
            await asyncio.sleep(30)

    async with RawServer().serving(handler) as server:
        return await complete(http, ask(server.url), lambda _text: None, limits=limits)


async def test_an_answer_streams_and_comes_back_whole(http: httpx.AsyncClient) -> None:
    heard: list[str] = []
    async with ModelServer() as models:
        models.reply("A cat on a mat.", usage={"prompt_tokens": 12, "completion_tokens": 5})
        request = Request(
            "POST",
            f"{models.base_url}/chat/completions",
            {
                "model": "m",
                "messages": [{"role": "user", "content": "What is it?"}],
                "stream": True,
                "stream_options": {"include_usage": True},
            },
            {"Content-Type": "application/json"},
        )
        whole = await complete(http, request, heard.append)
    assert whole.text == "".join(heard) == "A cat on a mat."
    assert len(heard) > 1
    assert (whole.finish, whole.input_tokens, whole.output_tokens) == (Finish.STOP, 12, 5)
    assert whole.request_id == "req_playground000001"


async def test_a_body_of_megabytes_arrives_whole(http: httpx.AsyncClient) -> None:
    async def handler(_request: bytes, write: Write) -> None:
        await write(SSE + event("a", "stop") + b"data: [DONE]\n\n")

    async with RawServer().serving(handler) as server:
        body = {"model": "m", "picture": "x" * 5_000_000}
        request = Request("POST", server.url, body, {"Content-Type": "application/json"})
        await complete(http, request, lambda _text: None)
        head, _blank, sent = server.requests[0].partition(b"\r\n\r\n")
    assert json.loads(sent) == body
    assert b"transfer-encoding" not in head.lower()


class Drip(httpx.AsyncByteStream):
    """An answer after as many blank lines as are let pass, a byte at a time."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _blank in range(250_000):
            yield b"\n"
        yield event("a", "stop") + b"data: [DONE]\n\n"


@pytest.mark.timeout(20)  # read anew with each byte, they took minutes of a core
async def test_blank_lines_that_drip_in_cost_next_to_nothing() -> None:
    dripping = httpx.MockTransport(lambda _request: httpx.Response(200, stream=Drip()))
    async with httpx.AsyncClient(transport=dripping) as http:
        whole = await complete(http, ask("https://a.example/v1"), lambda _text: None)
    assert whole.text == "a"


async def test_done_ends_the_answer_although_the_socket_stays_open(http: httpx.AsyncClient) -> None:
    started = time.monotonic()
    whole = await answer(http, SSE, event("a"), b"data: [DONE]\n\n", stay=True, limits=Limits())
    assert whole.text == "a"
    assert time.monotonic() - started < 1


async def test_a_finish_reason_ends_it_soon_when_nothing_else_comes(
    http: httpx.AsyncClient,
) -> None:
    assert (await answer(http, SSE, event("a", "stop"), stay=True)).finish is Finish.STOP


async def test_the_end_of_the_stream_after_a_finish_reason_is_fine(http: httpx.AsyncClient) -> None:
    assert await answer(http, SSE, event("a", "stop")) == Completion("a", Finish.STOP)


async def test_the_end_of_the_stream_without_one_is_a_lost_answer(http: httpx.AsyncClient) -> None:
    assert await answer(http, SSE, event("a")) == Completion("a", Finish.LOST)


async def test_a_reset_in_the_middle_is_a_lost_answer(http: httpx.AsyncClient) -> None:
    async with ModelServer() as models:
        models.cut("Half an answ")
        whole = await complete(http, ask(models.base_url), lambda _text: None)
    assert whole == Completion(
        "Half an answ", Finish.LOST, None, None, None, "m", "req_playground000001"
    )


async def test_a_broken_transfer_is_a_lost_answer(http: httpx.AsyncClient) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    first = event("a")
    good = f"{len(first):x}\r\n".encode() + first + b"\r\n"
    assert (await answer(http, head, good, b"ff\r\ndata: only half")).finish is Finish.LOST


@pytest.mark.parametrize("chunks", [(), (b"HTTP/1.1 200 OK\r\n",), (SSE,), (SSE, b": hi\n\n")])
async def test_a_connection_lost_before_any_text_is_a_failure_that_was_sent(
    http: httpx.AsyncClient, chunks: tuple[bytes, ...]
) -> None:
    with pytest.raises(ProviderDown) as caught:
        await answer(http, *chunks)
    assert caught.value.sent


@pytest.mark.parametrize(
    "head", [b"no HTTP at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"]
)
async def test_what_is_no_http_is_a_provider_error(http: httpx.AsyncClient, head: bytes) -> None:
    with pytest.raises(ProviderError):
        await answer(http, head)


async def test_silence_times_out(http: httpx.AsyncClient) -> None:
    with pytest.raises(TimedOut):
        await answer(http, SSE, stay=True)


async def test_keep_alives_do_not_count_as_an_answer(http: httpx.AsyncClient) -> None:
    role = b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
    with pytest.raises(TimedOut):
        await answer(http, SSE, *([b": PROCESSING\n\n", role] * 100))


async def test_reasoning_counts_as_an_answer_on_its_way(http: httpx.AsyncClient) -> None:
    thought = b'data: {"choices":[{"delta":{"content":null,"reasoning":"hm"}}]}\n\n'
    whole = await answer(http, SSE, *([thought] * 100), event("a", "stop"))
    assert whole.text == "a"


async def test_a_stall_after_text_keeps_the_text(http: httpx.AsyncClient) -> None:
    assert await answer(http, SSE, event("a"), stay=True) == Completion("a", Finish.STALLED)


async def test_no_answer_takes_longer_than_the_total(http: httpx.AsyncClient) -> None:
    limits = Limits(total=0.3)
    assert (await answer(http, SSE, *([event("a")] * 200), limits=limits)).finish is Finish.STALLED


async def test_a_line_too_long_is_given_up_on_with_the_text_so_far(http: httpx.AsyncClient) -> None:
    with pytest.raises(BadReply) as caught:
        await answer(http, SSE, event("a"), b"data: " + b"x" * 1_000_000)
    assert caught.value.text == "a"


async def test_endless_text_is_cut_and_the_connection_closed(http: httpx.AsyncClient) -> None:
    limits = Limits(text=100)
    whole = await answer(http, SSE, *([event("a" * 30)] * 50), limits=limits, stay=True)
    assert (len(whole.text), whole.finish) == (100, Finish.LENGTH)


async def test_endless_reasoning_is_given_up_on(http: httpx.AsyncClient) -> None:
    thought = b'data: {"choices":[{"delta":{"reasoning":"' + b"h" * 1000 + b'"}}]}\n\n'
    with pytest.raises(BadReply):
        await answer(http, SSE, *([thought] * 100), limits=Limits(body=50_000))


@pytest.mark.parametrize("kind", [b"application/json", b"text/event-stream"])
async def test_a_whole_body_instead_of_a_stream_is_an_answer(
    http: httpx.AsyncClient, kind: bytes
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n\r\n"
    body = b'{"choices":[{"message":{"content":"A cat."},"finish_reason":"stop"}]}'
    assert await answer(http, head, b"\n\n", body[:20], body[20:]) == Completion(
        "A cat.", Finish.STOP
    )


async def test_an_error_in_a_200_body_is_an_error(http: httpx.AsyncClient) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    with pytest.raises(RateLimited):
        await answer(http, head, b'{"error":{"code":429,"message":"Too many requests"}}')


async def test_a_page_instead_of_an_answer_is_a_failure(http: httpx.AsyncClient) -> None:
    with pytest.raises(ProviderDown, match="HTML"):
        await answer(http, b"HTTP/1.1 200 OK\r\n\r\n", b"<!doctype html><title>Login</title>")


async def test_an_error_in_the_middle_carries_the_text_so_far(http: httpx.AsyncClient) -> None:
    broken = b'data: {"error":{"code":502,"message":"Provider disconnected"},"choices":[]}\n\n'
    with pytest.raises(ProviderDown) as caught:
        await answer(http, SSE, event("a"), broken)
    assert caught.value.text == "a"


async def test_a_refused_key_is_named_and_never_repeated(http: httpx.AsyncClient) -> None:
    async with ModelServer() as models:
        models.key = "another"
        with pytest.raises(KeyRejected) as caught:
            await complete(http, ask(models.base_url), lambda _text: None)
    assert caught.value.status == 401
    assert "123456" not in str(caught.value)


async def test_a_rate_limit_carries_the_wait(http: httpx.AsyncClient) -> None:
    async with ModelServer() as models:
        models.fail(429, {"error": {"message": "slow down"}}, {"Retry-After": "3"})
        with pytest.raises(RateLimited) as caught:
            await complete(http, ask(models.base_url), lambda _text: None)
    assert caught.value.retry_after == 3


async def test_an_error_page_of_megabytes_is_not_read_to_its_end(http: httpx.AsyncClient) -> None:
    head = b"HTTP/1.1 500 Oh\r\n\r\n"
    with pytest.raises(ProviderDown):
        await answer(http, head, *([b"x" * 100_000] * 3), stay=True, limits=Limits())


async def test_a_refused_connection_was_not_sent(
    http: httpx.AsyncClient, unused_tcp_port: int
) -> None:
    with pytest.raises(Unreachable) as caught:
        await complete(http, ask(f"http://127.0.0.1:{unused_tcp_port}"), lambda _text: None)
    assert not caught.value.sent


async def test_an_unknown_host_was_not_sent(http: httpx.AsyncClient) -> None:
    with pytest.raises(Unreachable) as caught:
        await complete(http, ask("http://nowhere.invalid"), lambda _text: None)
    assert not caught.value.sent


async def test_a_blocked_address_is_not_reached() -> None:
    async with RawServer().serving(_never) as server, Net(frozenset(), ()) as net:
        with pytest.raises(Unreachable) as caught:
            await complete(net.http(server.url), ask(server.url), lambda _text: None)
        assert not server.requests
    assert not caught.value.sent


async def test_plain_http_behind_https_is_unreachable(http: httpx.AsyncClient) -> None:
    async with ModelServer() as models:
        url = models.base_url.replace("http://", "https://")
        with pytest.raises(Unreachable) as caught:
            await complete(http, ask(url), lambda _text: None)
    assert not caught.value.sent


async def test_a_redirect_is_not_followed_with_the_key(http: httpx.AsyncClient) -> None:
    async with RawServer().serving(_never) as elsewhere:
        redirect = f"HTTP/1.1 307 Go\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n"
        with pytest.raises(ProviderError):
            await answer(http, redirect.encode())
        assert not elsewhere.requests


async def _never(_request: bytes, _write: Write) -> None:
    raise AssertionError("nobody should come here")
