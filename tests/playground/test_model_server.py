import asyncio
import base64
import json
import time

import aiohttp
import httpx
import pytest
from aiohttp import web

from playground.model_server import Fail, ModelServer, Reply
from playground.pictures import photo


@pytest.fixture
async def models():
    async with ModelServer() as models:
        yield models


@pytest.fixture
async def http():
    async with httpx.AsyncClient(trust_env=False, timeout=3) as client:
        yield client


@pytest.fixture
async def pictures():
    """Serve a picture, a text and nothing from loopback; gives the base URL."""

    async def picture(_):
        return web.Response(body=photo(32, 32), content_type="image/jpeg")

    async def text(_):
        return web.Response(text="no picture")

    app = web.Application()
    app.add_routes([web.get("/picture", picture), web.get("/text", text)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def question(*links, **fields):
    parts = [{"type": "image_url", "image_url": {"url": link}} for link in links]
    content = [{"type": "text", "text": "what is it?"}, *parts]
    return {"model": "m", "messages": [{"role": "user", "content": content}], **fields}


async def ask(http, models, body=None, **headers):
    url = f"{models.base_url}/chat/completions"
    return await http.post(url, json=body or question(), headers=headers)


async def stream(http, models, **fields):
    response = await ask(http, models, question(stream=True, **fields))
    assert response.headers["content-type"] == "text/event-stream"
    *events, rest = response.text.split("\n\n")
    assert rest == ""
    assert events.pop() == "data: [DONE]"
    return [json.loads(event.removeprefix("data: ")) for event in events]


def text_of(events):
    return "".join(choice["delta"].get("content", "") for e in events for choice in e["choices"])


async def test_an_answer_streams_as_openai_does(models, http):
    models.reply("The total is 20.40.", chunk=5)
    events = await stream(http, models)
    assert text_of(events) == "The total is 20.40."
    assert events[0]["choices"][0]["delta"]["role"] == "assistant"
    assert [e["choices"][0]["finish_reason"] for e in events] == [None] * 5 + ["stop"]
    assert {e["object"] for e in events} == {"chat.completion.chunk"}
    assert len({e["id"] for e in events}) == 1
    assert not any("usage" in e for e in events)


async def test_usage_comes_in_a_chunk_of_its_own_when_asked_for(models, http):
    models.reply("hi", usage={"prompt_tokens": 100, "completion_tokens": 7}, finish="length")
    *events, last = await stream(http, models, stream_options={"include_usage": True})
    assert last["choices"] == []
    assert last["usage"] == {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107}
    assert {e["usage"] for e in events} == {None}
    assert events[-1]["choices"][0]["finish_reason"] == "length"


async def test_an_answer_comes_whole_without_streaming(models, http):
    models.reply(tokens=["The ", "cat"])
    body = (await ask(http, models)).json()
    assert body["choices"][0]["message"]["content"] == "The cat"
    assert body["usage"]["completion_tokens"] == 2


async def test_the_script_is_a_queue_with_a_friendly_end(models, http):
    models.reply("first")
    models.script(lambda request: f"second, {len(request.images)}")
    answers = [text_of(await stream(http, models)) for _ in range(3)]
    assert answers[:2] == ["first", "second, 0"]
    assert "0 images" in answers[2]


async def test_the_default_can_be_replaced(models, http):
    models.always(lambda request: Reply((request.text,)))
    assert [text_of(await stream(http, models)) for _ in range(2)] == ["what is it?"] * 2


async def test_requests_are_recorded(models, http):
    before = time.monotonic()
    body = question("https://a/1.png", "data:image/png;base64,xx")
    await ask(http, models, body, Authorization="Bearer sk-1")
    (seen,) = models.requests
    assert (seen.method, seen.path) == ("POST", "/v1/chat/completions")
    assert (seen.body, seen.images) == (body, ("https://a/1.png", "data:image/png;base64,xx"))
    assert seen.headers["authorization"] == "Bearer sk-1"
    assert "sk-1" not in repr(seen)
    assert before < seen.at < time.monotonic()


async def test_pieces_are_paced_and_their_times_written_down(models, http):
    models.reply(tokens=["a", "b", "c"], delay=0.03, first_delay=0.05)
    await stream(http, models)
    seen = models.requests[0]
    assert len(seen.chunks_at) == 3
    assert seen.chunks_at[0] - seen.at > 0.07
    assert seen.chunks_at[2] - seen.chunks_at[0] > 0.055


async def test_a_failure_is_sent_as_scripted(models, http):
    models.fail(429, {"error": {"message": "slow down"}}, {"Retry-After": "7"})
    models.fail(500)
    first, second = await ask(http, models), await ask(http, models)
    assert (first.status_code, first.json()) == (429, {"error": {"message": "slow down"}})
    assert first.headers["retry-after"] == "7"
    assert second.json()["error"]["type"] == "server_error"


async def test_a_hanging_request_is_let_go_when_the_client_gives_up(models, http):
    models.hang()
    http.timeout = 0.1
    with pytest.raises(httpx.ReadTimeout):
        await ask(http, models)
    await asyncio.sleep(0.1)
    assert (models.open, models.abandoned) == (0, 1)


async def read_some(http, models):
    """Read a stream as far as it goes; gives its bytes and what ended it."""
    got = b""
    url = f"{models.base_url}/chat/completions"
    try:
        async with http.stream("POST", url, json=question(stream=True), timeout=0.3) as response:
            async for chunk in response.aiter_bytes():
                got += chunk
    except httpx.TransportError as error:
        return got, type(error)
    return got, None


async def test_a_cut_resets_the_connection_after_the_text(models, http, caplog):
    models.cut("the total is")
    got, error = await read_some(http, models)
    assert b"the total is" in got
    assert b"DONE" not in got
    assert error is httpx.ReadError
    assert "Error handling" not in caplog.text


async def test_a_whole_answer_can_be_cut_too(models, http, caplog):
    models.cut("x")
    with pytest.raises(httpx.ReadError):
        await ask(http, models)
    assert "Error handling" not in caplog.text


async def test_a_stall_falls_silent_after_the_text(models, http):
    models.stall("the total is")
    got, error = await read_some(http, models)
    assert b"the total is" in got
    assert error is httpx.ReadTimeout


async def test_stopping_ends_requests_that_hang(http):
    async with ModelServer() as models:
        models.hang()
        pending = asyncio.create_task(ask(http, models))
        await asyncio.sleep(0.1)
        assert models.open == 1
        begin = time.monotonic()
    assert time.monotonic() - begin < 1
    assert (await pending).status_code == 503


async def test_raw_bytes_go_out_unchanged(models, http):
    models.raw([b": ping\n\n", b"data: {\n\n"])
    models.raw(b"<html>", "text/html")
    first, second = await ask(http, models), await ask(http, models)
    assert first.content == b": ping\n\ndata: {\n\n"
    assert (second.content, second.headers["content-type"]) == (b"<html>", "text/html")


async def test_a_key_is_demanded_when_set(models, http):
    models.key = "sk-secret-key"
    missing = await ask(http, models)
    wrong = await ask(http, models, Authorization="Bearer sk-other-key")
    right = await ask(http, models, Authorization="Bearer sk-secret-key")
    assert [r.status_code for r in (missing, wrong, right)] == [401, 401, 200]
    assert wrong.json()["error"]["code"] == "invalid_api_key"
    assert "sk-other-key" not in wrong.text


async def test_a_field_that_the_model_rejects_is_named(models, http):
    models.rejects = {"max_tokens": "max_completion_tokens"}
    models.reply("kept for the request that passes")
    response = await ask(http, models, question(max_tokens=5))
    assert response.status_code == 400
    assert response.json()["error"] == {
        "message": "Unsupported parameter: 'max_tokens' is not supported with this model."
        " Use 'max_completion_tokens' instead.",
        "type": "invalid_request_error",
        "param": "max_tokens",
        "code": "unsupported_parameter",
    }
    assert "kept" in (await ask(http, models, question(max_completion_tokens=5))).text


async def test_links_are_refused_where_only_inline_pictures_go(models, http):
    models.inline_only = True
    assert "base64 encoded data" in (await ask(http, models, question("https://a/1.png"))).text
    data = "data:image/jpeg;base64," + base64.b64encode(photo(8, 8)).decode()
    assert "1 image" in (await ask(http, models, question(data))).text


async def test_pictures_are_fetched_before_the_answer(models, http, pictures):
    models.fetch_images = True
    assert "1 image" in (await ask(http, models, question(f"{pictures}/picture"))).text
    gone = await ask(http, models, question(f"{pictures}/nothing"))
    text = await ask(http, models, question(f"{pictures}/text"))
    refused = await ask(http, models, question("http://127.0.0.1:1/x"))
    codes = [r.json()["error"]["code"] for r in (gone, text, refused)]
    assert codes == ["invalid_image_url", "invalid_image_format", "invalid_image_url"]
    assert [r.status_code for r in (gone, text, refused)] == [400] * 3


async def test_models_are_listed(models, http):
    models.names = ("a", "b")
    body = (await http.get(f"{models.base_url}/models")).json()
    assert [each["id"] for each in body["data"]] == ["a", "b"]
    models.listing = {"data": []}
    assert (await http.get(f"{models.base_url}/models")).json() == {"data": []}
    assert models.chats == []


async def test_other_addresses_do_not_exist(models, http):
    response = await http.post(f"{models.base_url}/responses", json={})
    assert response.status_code == 404
    assert "Invalid URL (POST /v1/responses)" in response.text


async def test_a_script_may_fail_by_what_it_sees(models, http):
    models.script(lambda request: Fail(404, {"error": request.body["model"]}))
    assert (await ask(http, models)).json() == {"error": "m"}


async def test_hundreds_of_streams_at_once_are_carried(models):
    models.always(lambda _request: Reply(tuple("abcdefgh"), delay=0.05))
    url, body = f"{models.base_url}/chat/completions", question(stream=True)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        async def read():
            async with http.post(url, json=body) as response:
                return await response.text()

        begin = time.process_time()
        answers = await asyncio.gather(*(read() for _ in range(300)))
    assert all(answer.count('"content":') == 9 for answer in answers)
    assert time.process_time() - begin < 4
