"""One question's tries against scripted providers: faults F40 to F63 of the reliability list."""

import asyncio
import base64
import functools
import socket
import time
from collections.abc import AsyncIterator

import pytest

from bot import attempts as attempts_module
from bot.attempts import Attempts, Wanted
from bot.catalog.types import Endpoint
from bot.errors import (
    BadReply,
    KeyRejected,
    ModelGone,
    NoCredit,
    PictureUnreadable,
    ProviderDown,
    ProviderError,
    RateLimited,
    RequestRejected,
    RequestTooLarge,
    TimedOut,
    Unreachable,
)
from bot.provider.client import Limits
from bot.provider.types import Completion
from bot.types import Finish, ImageRef
from playground.completions import unsupported
from playground.model_server import Act, Fail, ModelRequest, ModelServer
from playground.pictures import chart_screenshot, inspect
from tests.attempting import (
    Clock,
    Watcher,
    a_model,
    a_question,
    attempting,
    file,
    link,
    picture_host,
)
from tests.provider.conftest import SSE, RawServer, Write


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
async def others() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def cat() -> AsyncIterator[ImageRef]:
    """Give a picture that can be downloaded."""
    async with picture_host() as url:
        yield link(url)


@pytest.fixture
async def attempts(
    clock: Clock, models: ModelServer, others: ModelServer, cat: ImageRef
) -> AsyncIterator[Attempts]:
    async with attempting(clock, models.base_url, others.base_url, pictures=cat.url) as opened:
        yield opened


async def run(attempts: Attempts, *candidates: Wanted) -> Completion:
    return await attempts.run(candidates, Watcher())


def said(status: int, message: str, **more: object) -> Fail:
    return Fail(status, {"error": {"message": message, "type": "invalid_request_error"} | more})


# no connection


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


# slow, silent, cut off


async def test_a_slow_first_word_is_waited_for(attempts: Attempts, models: ModelServer) -> None:
    """F43: within the model's own patience."""
    models.reply("A cat.", first_delay=0.3)
    model = a_model(first_text_seconds=1)
    assert (await run(attempts, a_question(models.base_url, model))).text == "A cat."


async def test_comments_alone_are_no_answer_and_are_not_asked_for_again(
    clock: Clock,
) -> None:
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


# pictures


NOT_FETCHED = (
    said(400, "Timeout while downloading https://x/cat.png.", code="invalid_image_url"),
    said(400, "Failed to download image from https://x/cat.png."),
    said(422, "Cannot fetch https://x/cat.png: 403 Forbidden"),
    said(500, "Failed to download image"),
    Fail(400, {"error": "'url' field must be a base64 encoded image."}),
)


@pytest.mark.parametrize("refusal", NOT_FETCHED, ids=lambda fail: str(fail.body)[:60])
async def test_a_picture_that_could_not_be_fetched_goes_inline_once(
    attempts: Attempts, models: ModelServer, cat: ImageRef, refusal: Fail
) -> None:
    """F54: a second refusal is told."""
    models.always(lambda _request: refusal)
    watcher = Watcher()
    with pytest.raises(ProviderError):
        await attempts.run([a_question(models.base_url, images=(cat,))], watcher)
    transports = [wanted.model.transport for wanted, _prepared in watcher.tries]
    assert transports[:2] == ["url", "inline"]
    assert transports.count("url") == 1
    assert len(transports) <= 3


async def test_an_origin_that_cannot_fetch_gets_bytes_for_an_hour(
    attempts: Attempts, models: ModelServer, clock: Clock, cat: ImageRef
) -> None:
    """F54: remembered for the origin, other models included."""
    models.inline_only = True
    another = a_model(id="test/another", name="another")
    for model in (a_model(), another):
        await run(attempts, a_question(models.base_url, model, images=(cat,)))
    assert _kinds(models) == ["http", "data", "data"]
    clock.now += 3601
    await run(attempts, a_question(models.base_url, images=(cat,)))
    assert _kinds(models)[3:] == ["http", "data"]


async def test_one_bad_picture_changes_nothing_for_the_next(
    attempts: Attempts, models: ModelServer, cat: ImageRef
) -> None:
    """F55: an unreadable link goes inline, and the next question goes as a link again."""
    models.script(lambda _request: said(400, "You uploaded an unsupported image."))
    await run(attempts, a_question(models.base_url, images=(cat,)))
    await run(attempts, a_question(models.base_url, images=(cat,)))
    assert _kinds(models) == ["http", "data", "http"]


async def test_bytes_that_cannot_be_read_go_as_jpeg_once(
    attempts: Attempts, models: ModelServer
) -> None:
    """F55: inline PNG becomes JPEG."""
    models.always(_jpeg_only)
    chart = ImageRef(url="", filename="chart.png", data=chart_screenshot())
    wanted = a_question(models.base_url, a_model(transport="inline"), images=(chart,))
    assert (await run(attempts, wanted)).text
    assert [request.images[0].partition(";")[0] for request in models.chats] == [
        "data:image/png",
        "data:image/jpeg",
    ]


async def test_a_jpeg_that_cannot_be_read_is_not_sent_twice(
    attempts: Attempts, models: ModelServer
) -> None:
    """F55: there is nothing else to try."""
    models.always(lambda _request: said(400, "Could not process image"))
    with pytest.raises(PictureUnreadable):
        await run(attempts, a_question(models.base_url, images=(file(),)))
    assert len(models.chats) == 1


async def test_what_is_too_large_goes_smaller_once(attempts: Attempts, models: ModelServer) -> None:
    """F60: half the edge, then the sentence."""
    models.always(lambda _request: said(413, "Request Entity Too Large"))
    with pytest.raises(RequestTooLarge):
        await run(attempts, a_question(models.base_url, images=(file(),)))
    first, second = (request.images[0] for request in models.chats)
    assert _edge(first) == 1568
    assert _edge(second) == 784
    assert len(second) < len(first) / 2


@pytest.mark.parametrize(
    "refusal",
    [
        Fail(413, "<html>413 Request Entity Too Large</html>"),
        Fail(422, {"error": "`inputs` tokens + `max_new_tokens` must be <= 32768"}),
        said(400, "maximum context length is 8192 tokens", code="context_length_exceeded"),
    ],
    ids=["413 page", "422 TGI", "400 context"],
)
async def test_a_smaller_picture_is_answered(
    attempts: Attempts, models: ModelServer, refusal: Fail
) -> None:
    """F55, F60: the next question starts large again."""
    models.script(lambda _request: refusal)
    for _question in range(2):
        assert (await run(attempts, a_question(models.base_url, images=(file(),)))).text
    assert [_edge(request.images[0]) for request in models.chats] == [1568, 784, 1568]


async def test_a_small_picture_is_not_what_is_too_large(
    attempts: Attempts, models: ModelServer
) -> None:
    """F60: no vain second try."""
    models.always(lambda _request: said(413, "Too large"))
    with pytest.raises(RequestTooLarge):
        await run(attempts, a_question(models.base_url, images=(file(64, 64),)))
    assert len(models.chats) == 1


async def test_a_server_that_takes_two_pictures_gets_two_from_then_on(
    attempts: Attempts, models: ModelServer
) -> None:
    """F60: vLLM names the number."""
    models.always(_two_pictures)
    watcher = Watcher()
    for _question in range(2):
        wanted = a_question(models.base_url, images=(link(),) * 3)
        assert (await attempts.run([wanted], watcher)).text
    assert [len(request.images) for request in models.chats] == [3, 2, 2]
    assert len(watcher.tries[-1][1].left_out) == 1


# refusals


async def test_a_request_that_is_refused_is_not_repeated(
    attempts: Attempts, models: ModelServer, clock: Clock
) -> None:
    """F56: nothing names what would help."""
    models.always(lambda _request: said(400, "Something about your request"))
    with pytest.raises(RequestRejected) as failure:
        await run(attempts, a_question(models.base_url))
    assert failure.value.status == 400
    assert (len(models.chats), clock.slept) == (1, [])


@pytest.mark.parametrize(
    ("facts", "rejects", "gone", "instead"),
    [
        ({}, "max_tokens", "max_tokens", "max_completion_tokens"),
        (
            {"max_tokens_field": "max_completion_tokens"},
            "max_completion_tokens",
            "max_completion_tokens",
            "max_tokens",
        ),
        ({}, "stream_options", "stream_options", "stream"),
        ({"extra_body": {"temperature": 0.2}}, "temperature", "temperature", "stream"),
        ({"extra_body": {"reasoning_effort": "low"}}, "reasoning_effort", "reasoning_effort", ""),
    ],
    ids=["max_tokens", "max_completion_tokens", "stream_options", "temperature", "effort"],
)
async def test_a_field_that_is_named_is_swapped_or_dropped_and_remembered(
    attempts: Attempts,
    models: ModelServer,
    facts: dict[str, object],
    rejects: str,
    gone: str,
    instead: str,
) -> None:
    """F56: once for each origin and model."""
    models.rejects = {rejects: None}
    for _question in range(2):
        assert (await run(attempts, a_question(models.base_url, a_model(**facts)))).text
    first, second, third = (request.body for request in models.chats)
    assert gone in first
    assert gone not in second
    assert not instead or instead in second
    assert third == second


async def test_several_fields_are_given_up_one_by_one(
    attempts: Attempts, models: ModelServer
) -> None:
    """F56: each named field once."""
    models.rejects = {"max_tokens": "max_completion_tokens", "stream_options": None}
    assert (await run(attempts, a_question(models.base_url))).text
    assert len(models.chats) == 3


async def test_two_fields_that_exclude_each_other_end_it(
    attempts: Attempts, models: ModelServer
) -> None:
    """F56: no ping-pong, and never without a limit."""
    models.rejects = {"max_tokens": None, "max_completion_tokens": None}
    with pytest.raises(RequestRejected):
        await run(attempts, a_question(models.base_url))
    assert len(models.chats) == 2


async def test_what_did_not_help_is_not_remembered(attempts: Attempts, models: ModelServer) -> None:
    """F56: the next question starts from the catalog's facts."""
    models.script(lambda _request: unsupported("stream_options", None))
    models.script(lambda _request: said(400, "No, nothing to do with it"))
    with pytest.raises(RequestRejected):
        await run(attempts, a_question(models.base_url))
    await run(attempts, a_question(models.base_url))
    assert "stream_options" in models.chats[2].body


async def test_another_model_of_the_same_origin_learns_nothing_from_it(
    attempts: Attempts, models: ModelServer
) -> None:
    """F56: remembered for the model."""
    models.rejects = {"stream_options": None}
    await run(attempts, a_question(models.base_url))
    models.rejects = {}
    await run(attempts, a_question(models.base_url, a_model(name="another")))
    assert "stream_options" in models.chats[2].body


@pytest.mark.parametrize("role", ["system", "developer"])
async def test_instructions_that_may_not_stand_under_their_role_move(
    attempts: Attempts, models: ModelServer, role: str
) -> None:
    """F56: AI/ML API's 400 for a model without a system role; nothing of them is lost."""

    def picky(request: ModelRequest) -> Act | str:
        if request.body["messages"][0]["role"] == role:
            message = (
                f"Unsupported value: 'messages[0].role' does not support '{role}' with this model."
            )
            return Fail(400, {"message": message, "statusCode": 400, "path": "/v1"})
        return "A cat."

    models.always(picky)
    await run(attempts, a_question(models.base_url, a_model(system_role=role)))
    assert "Answer briefly." in models.chats[1].text


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_left_alone_and_no_other(
    attempts: Attempts, models: ModelServer, clock: Clock, status: int
) -> None:
    """F57: for a minute, or until there is another key."""
    models.script(lambda _request: said(status, "Forbidden"))
    with pytest.raises(KeyRejected):
        await run(attempts, a_question(models.base_url))
    with pytest.raises(KeyRejected) as refusal:
        await run(attempts, a_question(models.base_url))
    assert not refusal.value.sent
    assert len(models.chats) == 1
    other_key = Endpoint(base_url=models.base_url, key="sk-another")
    assert await run(attempts, a_question(models.base_url, endpoint=other_key))
    clock.now += 60
    assert await run(attempts, a_question(models.base_url))


async def test_an_empty_account_is_left_alone_for_ten_minutes(
    attempts: Attempts, models: ModelServer, clock: Clock
) -> None:
    """F58: no retry."""
    models.script(lambda _request: said(402, "Payment required"))
    for _question in range(3):
        with pytest.raises(NoCredit):
            await run(attempts, a_question(models.base_url))
        clock.now += 199
    assert len(models.chats) == 1
    clock.now += 3
    assert await run(attempts, a_question(models.base_url))


async def test_a_404_is_told_and_the_model_is_asked_again(
    attempts: Attempts, models: ModelServer
) -> None:
    """F59: one 404 proves nothing."""
    models.fail(404, {"error": {"message": "The model `vision` does not exist"}})
    with pytest.raises(ModelGone):
        await run(attempts, a_question(models.base_url))
    assert await run(attempts, a_question(models.base_url))


# busy, down


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {"retry-after-ms": "7000"}])
async def test_a_short_wait_is_waited_once(
    attempts: Attempts, models: ModelServer, clock: Clock, headers: dict[str, str]
) -> None:
    """F61: as long as the provider says."""
    models.fail(429, {"error": {"message": "slow down"}}, headers)
    assert await run(attempts, a_question(models.base_url))
    assert clock.slept == [7.0]
    for _time in range(2):
        models.fail(429, {"error": {"message": "slow down"}}, headers)
    with pytest.raises(RateLimited):
        await run(attempts, a_question(models.base_url))
    assert clock.slept == [7.0, 7.0]


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "11"}, 11), ({"Retry-After": "90"}, 90), ({}, 60)]
)
async def test_a_long_wait_is_the_askers_to_decide(
    attempts: Attempts,
    models: ModelServer,
    clock: Clock,
    headers: dict[str, str],
    seconds: int,
) -> None:
    """F62: nothing is waited for, and the sentence names the seconds."""
    models.fail(429, {"error": {"message": "slow down"}}, headers)
    with pytest.raises(RateLimited) as failure:
        await run(attempts, a_question(models.base_url))
    assert f"in {seconds} s" in failure.value.sentence
    assert (len(models.chats), clock.slept) == (1, [])


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 529])
async def test_a_passing_failure_is_tried_twice_more(
    attempts: Attempts, models: ModelServer, clock: Clock, status: int
) -> None:
    """F63: with a random wait of at most 0.5 and 1 s."""
    for _time in range(2):
        models.fail(status)
    assert await run(attempts, a_question(models.base_url))
    for _time in range(3):
        models.fail(status)
    with pytest.raises(ProviderDown):
        await run(attempts, a_question(models.base_url))
    assert len(models.chats) == 6
    assert all(wait <= longest for wait, longest in zip(clock.slept, (0.5, 1) * 2, strict=True))
    assert len(set(clock.slept)) == 4


async def test_while_a_breaker_is_open_the_answer_comes_at_once(
    attempts: Attempts, models: ModelServer, clock: Clock
) -> None:
    """F63, T36: five failures, then nothing goes out, not even for a picture to prepare."""
    models.always(lambda _request: said(503, "overloaded"))
    for _question in range(2):
        with pytest.raises(ProviderDown):
            await run(attempts, a_question(models.base_url))
    assert len(models.chats) == 5
    watcher, started = Watcher(), time.perf_counter()
    with pytest.raises(ProviderDown) as refusal:
        await attempts.run([a_question(models.base_url, images=(file(),))], watcher)
    assert time.perf_counter() - started < 0.1
    assert not refusal.value.sent
    assert not watcher.tries
    models.always(lambda _request: "Back again.")
    clock.now += 30
    assert await run(attempts, a_question(models.base_url))


# other models


def _second(others: ModelServer) -> Wanted:
    return a_question(others.base_url, a_model(id="test/second", name="second", label="Second"))


ELSEWHERE = {
    "F57 key": said(401, "Incorrect API key"),
    "F58 credit": said(402, "Payment required"),
    "F59 gone": said(404, "The model does not exist"),
    "F62 busy": said(429, "slow down"),
    "F63 down": said(503, "overloaded"),
    "blind": said(400, "This model does not support image input"),
}


@pytest.mark.parametrize("refusal", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_another_model_answers_when_the_first_cannot(
    attempts: Attempts, models: ModelServer, others: ModelServer, refusal: Fail
) -> None:
    models.always(lambda _request: refusal)
    others.reply("A cat.")
    watcher = Watcher()
    completion = await attempts.run([a_question(models.base_url), _second(others)], watcher)
    assert completion.text == "A cat."
    assert watcher.tries[-1][0].model.id == "test/second"


async def test_another_server_answers_when_the_first_is_not_there(
    attempts: Attempts, others: ModelServer, unused_tcp_port: int
) -> None:
    """F40"""
    nowhere = f"http://127.0.0.1:{unused_tcp_port}/v1"
    assert await run(attempts, a_question(nowhere), _second(others))
    assert len(others.chats) == 1


@pytest.mark.parametrize(
    "refusal",
    [said(400, "no"), said(400, "flagged by our filter"), said(413, "too large")],
    ids=["rejected", "filtered", "too large"],
)
async def test_what_another_model_would_say_as_well_is_told(
    attempts: Attempts, models: ModelServer, others: ModelServer, refusal: Fail
) -> None:
    models.always(lambda _request: refusal)
    small = a_question(models.base_url, images=(file(64, 64),))
    with pytest.raises(ProviderError):
        await run(attempts, small, _second(others))
    assert not others.chats


async def test_a_refused_key_is_not_tried_on_another_model_of_the_same_provider(
    attempts: Attempts, models: ModelServer
) -> None:
    """F57"""
    models.always(lambda _request: said(401, "Incorrect API key"))
    with pytest.raises(KeyRejected):
        await run(attempts, a_question(models.base_url), _second(models))
    assert len(models.chats) == 1


async def test_when_all_fail_the_asked_models_failure_is_told(
    attempts: Attempts, models: ModelServer, others: ModelServer
) -> None:
    models.always(lambda _request: said(404, "The model does not exist"))
    others.always(lambda _request: said(429, "slow down"))
    with pytest.raises(ModelGone):
        await run(attempts, a_question(models.base_url), _second(others))
    assert len(others.chats) == 1


async def test_a_fallback_that_takes_less_does_not_hide_the_failure(
    attempts: Attempts, models: ModelServer, others: ModelServer
) -> None:
    models.always(lambda _request: said(404, "The model does not exist"))
    damaged = (ImageRef(url="", filename="cat.jpg", data=b"\xff\xd8\xff no more of it"),)
    link_only = a_question(models.base_url)
    inline = a_question(others.base_url, a_model(id="test/second"), images=damaged)
    with pytest.raises(ModelGone):
        await run(attempts, link_only, inline)
    assert not others.chats


async def test_an_empty_reply_is_not_asked_for_again(
    attempts: Attempts, models: ModelServer
) -> None:
    """F64"""
    models.reply("")
    with pytest.raises(BadReply):
        await run(attempts, a_question(models.base_url))
    assert len(models.chats) == 1


async def test_every_try_names_the_question_to_the_provider(
    attempts: Attempts, models: ModelServer
) -> None:
    models.fail(500)
    await run(attempts, a_question(models.base_url, request_id="vidi-17"))
    names = [request.headers["x-client-request-id"] for request in models.chats]
    assert names == ["vidi-17", "vidi-17"]


def _kinds(models: ModelServer) -> list[str]:
    return [request.images[0].partition(":")[0] for request in models.chats]


def _edge(uri: str) -> int:
    found = inspect(base64.b64decode(uri.partition(",")[2]))
    return max(found.width or 0, found.height or 0)


def _jpeg_only(request: ModelRequest) -> Act | str:
    if request.images[0].startswith("data:image/jpeg"):
        return "A chart."
    return said(400, "invalid image input")


def _two_pictures(request: ModelRequest) -> Act | str:
    if len(request.images) > 2:
        return said(400, "At most 2 image(s) may be provided in one prompt.", code=400)
    return "Two cats."
