"""Requests before strict providers: each row's own passes, a wrong one is refused and put right."""

import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog.types import ImageLimits, Model
from bot.errors import ModelGone, NoCredit, PictureUnsupported, ProviderDown, RequestRejected
from bot.provider.faults import from_response
from bot.provider.request import build
from bot.provider.response import Reply
from bot.provider.sse import Parser
from bot.provider.types import ImagePart, Prompt
from bot.questions.attempts import Attempts
from bot.types import ImageRef, Turn
from playground.completions import Fail, Raw
from playground.model_server import ModelServer
from playground.pictures import chart_screenshot, photo
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
from tests.provider.payloads import catalog
from tests.provider.strict import providers
from tests.provider.strict.choice import doubles_of
from tests.provider.strict.rules import Double
from tests.provider.strict.streams import TEXT, VARIANTS, Variant

ROWS = [
    model
    for model in catalog().models.values()
    if model.provider.kind == "http" and catalog().living(model)
]
PNG, JPEG = chart_screenshot(), photo(640, 480)
MOST = 10  # pictures of one question


def body_for(model: Model, images: tuple[ImagePart, ...]) -> dict[str, Any]:
    """Give the body that goes out, as it is read at the other end."""
    endpoint = catalog().endpoint(model.provider)
    assert endpoint is not None
    prompt = Prompt("Answer briefly.", "Which?", images, (Turn("What is it?", "A cat."),))
    return json.loads(msgspec.json.encode(build(model, endpoint, prompt).body))


def as_it_travels(model: Model, number: int) -> ImagePart:
    """Give a picture as this model's facts send it, the formats in turn."""
    formats = model.images.formats
    kind = formats[number % len(formats)]
    if model.transport == "url":
        return ImagePart(url=f"https://cdn.discordapp.com/attachments/1/2/cat.{kind}?ex=1&hm=3")
    if kind == "png":
        return ImagePart(data=PNG, media_type="image/png")
    return ImagePart(data=JPEG, media_type="image/jpeg")


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.id)
@pytest.mark.parametrize("inline", [False, True], ids=["as it goes", "inline"])
def test_the_request_of_every_row_is_what_its_provider_takes(model: Model, inline: bool) -> None:
    if inline:
        model = msgspec.structs.replace(model, transport="inline")
    images = tuple(as_it_travels(model, at) for at in range(min(model.images.max_count, MOST)))
    for double in doubles_of(model):
        assert double.judge(body_for(model, images)) is None


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.id)
def test_pictures_as_large_as_they_get_stay_below_the_providers_cap(model: Model) -> None:
    for double in doubles_of(model):
        caps = [rule for rule in double.rules if "encoded_bytes" in rule.__qualname__]
        if caps:
            largest = JPEG.ljust(model.images.max_bytes, b"\0")
            part = ImagePart(data=largest, media_type="image/jpeg")
            images = (part,) * min(model.images.max_count, MOST)
            body = body_for(model, images)
            assert [rule(body) for rule in caps] == [None] * len(caps)


def test_every_provider_has_rules_or_is_known_to_publish_none() -> None:
    assert all(doubles_of(model) for model in ROWS)


# a wrong request


WRONG: dict[str, tuple[Double, dict[str, Any], int]] = {
    "o-series, max_tokens": (providers.OPENAI_REASONING, {}, 2),
    "o-series, both": (
        providers.OPENAI_REASONING,
        {"extra_body": {"temperature": 0.2}},
        3,
    ),
    "Gemma without system role": (providers.AIMLAPI_GEMMA, {}, 2),
    "Gemma, developer": (providers.AIMLAPI_GEMMA, {"system_role": "developer"}, 3),
    "Cerebras, limit and link": (providers.CEREBRAS, {}, 3),
    "Cohere, stream_options": (providers.COHERE, {}, 2),
    "Together, stream_options": (providers.TOGETHER, {}, 2),
    "Ollama, link": (providers.OLLAMA, {}, 2),
    "LM Studio, link": (providers.LMSTUDIO, {}, 2),
}


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
async def cat() -> AsyncIterator[ImageRef]:
    async with picture_host() as url:
        yield link(url)


@pytest.fixture
async def attempts(models: ModelServer, cat: ImageRef) -> AsyncIterator[Attempts]:
    async with attempting(Clock(), models.base_url, pictures=cat.url) as opened:
        yield opened


@pytest.mark.parametrize(
    ("double", "facts", "tries"),
    WRONG.values(),
    ids=WRONG,
)
async def test_a_wrong_request_is_refused_then_put_right(
    attempts: Attempts,
    models: ModelServer,
    cat: ImageRef,
    double: Double,
    facts: dict[str, Any],
    tries: int,
) -> None:
    models.always(double)
    watcher = Watcher()
    wanted = a_question(models.base_url, a_model(**facts), images=(cat,))
    completion = await attempts.run([wanted], watcher)
    assert completion.text == "".join(watcher.pieces) == TEXT
    assert len(models.chats) == tries
    await attempts.run([wanted], Watcher())
    assert len(models.chats) == tries + 1


async def test_a_server_of_two_pictures_is_sent_two(
    attempts: Attempts, models: ModelServer
) -> None:
    models.always(providers.vllm(2))
    wanted = a_question(models.base_url, images=(link(),) * 4)
    assert (await attempts.run([wanted], Watcher())).text == TEXT
    assert [len(request.images) for request in models.chats] == [4, 2]


async def test_groq_takes_five_pictures(attempts: Attempts, models: ModelServer) -> None:
    models.always(providers.GROQ)
    wanted = a_question(models.base_url, images=(link(),) * 6)
    assert (await attempts.run([wanted], Watcher())).text == TEXT
    assert [len(request.images) for request in models.chats] == [6, 5]


async def test_groq_takes_four_megabytes_of_base64(attempts: Attempts, models: ModelServer) -> None:
    models.always(providers.GROQ)
    limits = ImageLimits(max_edge=6000, max_bytes=20_000_000)
    huge = a_model(transport="inline", images=limits)
    wanted = a_question(models.base_url, huge, images=(file(3200, 2400),) * 5)
    assert (await attempts.run([wanted], Watcher())).text == TEXT
    first, second = (sum(map(len, request.images)) for request in models.chats)
    assert first > 4 * 1024 * 1024 > second


async def test_a_server_without_pictures_is_blind(attempts: Attempts, models: ModelServer) -> None:
    models.always(providers.vllm(0))
    with pytest.raises(PictureUnsupported):
        await attempts.run([a_question(models.base_url)], Watcher())


async def test_claude_at_ai_ml_api_takes_no_links_and_no_system_message(
    attempts: Attempts, models: ModelServer, cat: ImageRef
) -> None:
    """Nothing in its refusal names what is wrong, so the catalog must be right."""
    models.always(providers.AIMLAPI_CLAUDE)
    with pytest.raises(RequestRejected):
        await attempts.run([a_question(models.base_url, images=(cat,))], Watcher())
    assert len(models.chats) == 1


def judged(double: Double, **changes: Any) -> Fail | None:
    """Judge a small right request with some fields changed."""
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
        "max_tokens": 100,
        "stream": True,
    }
    return double.judge(body | changes)


def picture_of(media_type: str) -> list[dict[str, Any]]:
    url = f"data:{media_type};base64,UklGRgAAAABXRUJQ"
    parts = [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": url}}]
    return [{"role": "user", "content": parts}]


@pytest.mark.parametrize("double", [providers.LMSTUDIO, providers.CEREBRAS, providers.LLAMACPP])
def test_webp_is_refused_where_it_is_not_read(double: Double) -> None:
    limit = {"max_tokens": 100} if double is not providers.CEREBRAS else {}
    body = {"model": "m", "stream": True, "messages": picture_of("image/webp")}
    limit = limit or {"max_completion_tokens": 100}
    assert double.judge(body | limit) is not None


@pytest.mark.parametrize(
    ("double", "changes"),
    [
        (providers.HUGGINGFACE, {"messages": [{"role": "assistant", "content": "Hello"}]}),
        (providers.OPENAI, {"messages": [{"role": "user", "content": "a"}] * 2}),
        (providers.OPENAI, {"max_completion_tokens": 5}),
        (providers.OLLAMA, {"messages": picture_of("image/gif")}),
        (providers.AIMLAPI_CLAUDE, {"temperature": 1}),
        (providers.AIMLAPI_CLAUDE, {"stream_options": {"include_usage": True}}),
    ],
)
def test_the_doubles_are_strict(double: Double, changes: dict[str, Any]) -> None:
    assert judged(double) is None
    assert judged(double, **changes) is not None


def test_the_router_wants_the_model_first() -> None:
    late = {"messages": [{"role": "user", "content": "a"}], "model": "m", "max_tokens": 5}
    assert providers.HUGGINGFACE.judge(late | {"stream": True}) is not None


# Bodies that depend on an account or a moment, not on the request.
ELSE = {
    "AI/ML API, no credit": (
        Fail(403, {"message": "You've run out of credits. Please top up", "statusCode": 403}),
        NoCredit,
    ),
    "Hugging Face, no credit": (
        Fail(402, {"error": "You have exceeded your monthly included credits for Inference"}),
        NoCredit,
    ),
    "Hugging Face, loading": (
        Fail(503, {"error": "Model x is currently loading", "estimated_time": 20.0}),
        ProviderDown,
    ),
    "Hugging Face, no partner": (
        Fail(400, {"error": ["The requested model 'x' is not supported by any provider"]}),
        ModelGone,
    ),
    "OpenRouter, text only": (
        Fail(
            404, {"error": {"message": "No endpoints found that support image input", "code": 404}}
        ),
        PictureUnsupported,
    ),
    "OpenRouter, can't afford": (
        Fail(
            402, {"error": {"message": "You requested up to 4096, can only afford 9", "code": 402}}
        ),
        NoCredit,
    ),
    "llama.cpp, no projector": (
        Fail(
            500,
            {
                "error": {
                    "code": 500,
                    "message": "image input is not supported - hint: provide the mmproj",
                    "type": "server_error",
                }
            },
        ),
        PictureUnsupported,
    ),
}


@pytest.mark.parametrize(("fail", "kind"), ELSE.values(), ids=ELSE)
def test_what_an_account_or_a_moment_refuses_is_understood(fail: Fail, kind: type) -> None:
    assert type(from_response(fail.status, {}, json.dumps(fail.body).encode())) is kind


# streams


@pytest.mark.parametrize("name", VARIANTS)
async def test_every_providers_stream_is_the_same_answer(
    attempts: Attempts, models: ModelServer, name: str
) -> None:
    variant = VARIANTS[name]
    models.always(lambda _request: Raw((variant.stream,)))
    watcher = Watcher()
    completion = await attempts.run([a_question(models.base_url)], watcher)
    assert completion.text == "".join(watcher.pieces) == TEXT
    assert (completion.input_tokens, completion.output_tokens) == (900, 40)
    assert completion.cost_usd == variant.whole.cost_usd


@pytest.mark.parametrize("name", VARIANTS)
@given(st.data())
def test_any_split_of_a_stream_is_the_same_answer(name: str, data: st.DataObject) -> None:
    """F50"""
    variant: Variant = VARIANTS[name]
    size = len(variant.stream)
    cuts = data.draw(st.lists(st.integers(0, size), max_size=30))
    heard: list[str] = []
    parser, reply = Parser(), Reply(heard.append, key=None, max_text=10_000)
    for start, end in itertools.pairwise([0, *sorted(cuts), size]):
        for event in parser.feed(variant.stream[start:end]):
            reply.event(event)
    for event in parser.close():
        reply.event(event)
    assert reply.completion() == variant.whole
    assert "".join(heard) == TEXT


@pytest.mark.parametrize("name", VARIANTS)
def test_a_stream_byte_by_byte_is_the_same_answer(name: str) -> None:
    """F50"""
    parser, reply = Parser(), Reply(lambda _text: None, key=None, max_text=10_000)
    for byte in VARIANTS[name].stream:
        for event in parser.feed(bytes([byte])):
            reply.event(event)
    assert reply.completion() == VARIANTS[name].whole
