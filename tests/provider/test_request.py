"""From a prompt to a request: what the model's facts change."""

import dataclasses

import msgspec
import pytest

from bot.catalog.types import Endpoint, Model
from bot.provider.request import build
from bot.provider.types import ImagePart, Prompt
from bot.types import Turn
from tests.provider.payloads import catalog

HERE = Endpoint(base_url="http://127.0.0.1:1/v1")
CAT = ImagePart(data=b"cat", media_type="image/png")
PROMPT = Prompt(system="Be brief.", text="What is it?", images=(CAT,))


def model(**changes: object) -> Model:
    return msgspec.structs.replace(catalog().models["custom/vision"], **changes)


def messages(prompt: Prompt = PROMPT, **changes: object) -> list[dict[str, object]]:
    body = build(model(**changes), HERE, prompt).body
    assert isinstance(body["messages"], list)
    return body["messages"]


def test_the_model_comes_first_so_that_a_router_need_not_read_the_pictures() -> None:
    assert next(iter(build(model(), HERE, PROMPT).body)) == "model"


def test_text_comes_before_pictures_and_bytes_become_a_data_uri() -> None:
    assert messages()[-1]["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,Y2F0"}},
    ]


@pytest.mark.parametrize("role", ["system", "developer"])
def test_instructions_go_under_the_role_that_the_model_knows(role: str) -> None:
    assert messages(system_role=role)[0] == {"role": role, "content": "Be brief."}


def test_a_model_without_a_system_role_gets_the_instructions_before_the_question() -> None:
    [only] = messages(system_role="none")
    assert only["role"] == "user"
    assert only["content"][0] == {"type": "text", "text": "Be brief.\n\nWhat is it?"}  # type: ignore[index]  # parts


def test_earlier_exchanges_become_turns_between_instructions_and_question() -> None:
    prompt = Prompt("Be brief.", "And now?", (), history=(Turn("What is it?", "A cat."),))
    assert messages(prompt) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": "A cat."},
        {"role": "user", "content": "And now?"},
    ]


def test_the_token_limit_goes_under_the_name_that_the_model_knows() -> None:
    body = build(model(max_tokens_field="max_completion_tokens"), HERE, PROMPT).body
    assert body["max_completion_tokens"] == 2048
    assert "max_tokens" not in body


def test_what_a_model_does_not_support_is_never_sent() -> None:
    body = build(model(unsupported=frozenset({"stream_options"})), HERE, PROMPT).body
    assert "stream_options" not in body
    assert body["stream"] is True
    assert "temperature" not in body


@pytest.mark.parametrize(
    ("facts", "wanted", "sent"),
    [
        ({}, None, None),
        ({}, 0.0, 0.0),
        ({}, 0.7, 0.7),
        ({}, 1.8, 1),
        ({"max_temperature": 2}, 1.8, 1.8),
        ({"temperature": False}, 0.7, None),
        ({"unsupported": frozenset({"temperature"})}, 0.7, None),
    ],
    ids=["not chosen", "zero", "chosen", "too warm", "warmer model", "takes none", "healed"],
)
def test_a_temperature_is_sent_as_far_as_the_model_takes_it(
    facts: dict[str, object], wanted: float | None, sent: float | None
) -> None:
    prompt = dataclasses.replace(PROMPT, temperature=wanted)
    assert build(model(**facts), HERE, prompt).body.get("temperature") == sent


@pytest.mark.parametrize(
    ("model_id", "most"),
    [
        ("openai/gpt-4o", 2),
        ("aimlapi/gpt-4o", 2),
        ("aimlapi/anthropic/claude-sonnet-4.6", 1),
        ("aimlapi/MiniMax-Text-01", 1),
        ("custom/vision", 1),
    ],
)
def test_a_model_is_set_no_warmer_than_its_schema_says(model_id: str, most: float) -> None:
    assert catalog().models[model_id].max_temperature == most


def test_extra_fields_of_a_model_are_sent_as_they_stand() -> None:
    body = build(model(extra_body={"reasoning_effort": "low"}), HERE, PROMPT).body
    assert body["reasoning_effort"] == "low"


def test_claude_parts_hold_bytes_and_the_instructions_stand_beside_the_messages() -> None:
    body = build(model(dialect="anthropic_parts"), HERE, PROMPT).body
    assert body["system"] == "Be brief."
    source = {"type": "base64", "media_type": "image/png", "data": "Y2F0"}
    assert body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is it?"},
                {"type": "image", "source": source},
            ],
        }
    ]


def test_claude_parts_can_hold_links_for_those_that_fetch_them() -> None:
    prompt = Prompt("", "What is it?", (ImagePart(url="https://x.test/cat.png"),))
    body = build(model(dialect="anthropic_parts"), HERE, prompt).body
    source = {"type": "url", "url": "https://x.test/cat.png"}
    assert body["messages"][0]["content"][1] == {"type": "image", "source": source}  # type: ignore[index]  # parts
    assert "system" not in body


def test_without_a_key_no_authorization_is_sent() -> None:
    assert "Authorization" not in build(model(), HERE, PROMPT).headers


def test_a_request_never_shows_its_key() -> None:
    endpoint = Endpoint(base_url=HERE.base_url, key="sk-very-secret-1234")
    request = build(model(), endpoint, PROMPT, request_id="q-7")
    assert "secret" not in repr(request)
    assert "secret" not in repr(endpoint)
    assert request.masked_headers()["Authorization"] == "Bearer …1234"
    assert request.headers["X-Client-Request-Id"] == "q-7"
