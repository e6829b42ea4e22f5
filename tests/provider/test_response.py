"""A reply from its events: every row of the streaming checklist in the providers' reference."""

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadReply, ContentFiltered, ProviderDown, ProviderError, RateLimited
from bot.provider.response import EmptyReply, Reply
from bot.provider.sse import Parser
from bot.provider.types import Completion
from bot.types import Finish


def reply(*events: object, max_text: int = 10_000) -> tuple[Reply, list[str]]:
    heard: list[str] = []
    made = Reply(heard.append, key=None, max_text=max_text)
    for event in events:
        data = event if isinstance(event, bytes) else json.dumps(event).encode()
        made.event(data)
    return made, heard


def completion(*events: object) -> Completion:
    return reply(*events)[0].completion()


def delta(content: object = None, finish: str | None = None, **more: object) -> dict[str, Any]:
    return {
        "choices": [{"index": 0, "delta": {"content": content, **more}, "finish_reason": finish}]
    }


def test_text_is_handed_on_as_it_comes_and_whole_at_the_end() -> None:
    made, heard = reply(delta("A "), delta("cat."), delta(finish="stop"))
    assert heard == ["A ", "cat."]
    assert made.completion() == Completion("A cat.", Finish.STOP)


def test_usage_on_a_chunk_without_choices() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
    whole = completion(delta("a"), delta(finish="stop"), usage)
    assert (whole.input_tokens, whole.output_tokens) == (7, 3)


def test_usage_on_the_finish_chunk_then_a_choice_without_delta() -> None:
    last = delta(finish="stop") | {"usage": {"prompt_tokens": 7, "completion_tokens": 3}, "id": ""}
    whole = completion(delta("a"), last, {"choices": [{"index": 0}]})
    assert (whole.input_tokens, whole.output_tokens, whole.finish) == (7, 3, Finish.STOP)


def test_usage_and_errors_of_groq() -> None:
    told = {"choices": [], "x_groq": {"usage": {"prompt_tokens": 7, "completion_tokens": 3}}}
    assert completion(delta("a"), told).output_tokens == 3
    with pytest.raises(ProviderDown):
        completion(delta("a"), {"choices": [], "x_groq": {"error": "over capacity"}})


def test_cost_of_ai_ml_api_and_of_openrouter() -> None:
    meta = {"choices": [], "meta": {"usage": {"credits_used": 14391, "usd_spent": 0.0071955}}}
    assert completion(delta("a"), meta).cost_usd == Decimal("0.0071955")
    usage = {"choices": [], "usage": {"cost": 0.00014}}
    assert completion(delta("a"), usage).cost_usd == Decimal("0.00014")


@pytest.mark.parametrize("value", ["12", -3, 10**12, 1.5, True, None, {}, [1]])
def test_token_counts_that_cannot_be_are_not_believed(value: object) -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": value, "completion_tokens": 4}}
    whole = completion(delta("a"), usage)
    assert (whole.input_tokens, whole.output_tokens) == (None, 4)


@pytest.mark.parametrize("value", [-1, "NaN", "free", 10**9, True, {"total_cost": 1}])
def test_costs_that_cannot_be_are_not_believed(value: object) -> None:
    assert completion(delta("a"), {"choices": [], "usage": {"cost": value}}).cost_usd is None


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_progress_but_no_text(name: str) -> None:
    made, heard = reply(delta(None, **{name: "Hmm."}))
    assert made.steps == 1
    assert heard == []
    made.event(json.dumps(delta("A cat.")).encode())
    assert made.completion().text == "A cat."


@pytest.mark.parametrize(
    "pieces",
    [
        ["<think>Hmm.</think>A cat."],
        ["<th", "ink>Hm", "m.</thi", "nk>", "\n\nA", " cat."],
        ["\n<think>\n</think>\n<think>more</think> A cat."],
        list("<think>a < b</think>A cat."),
    ],
)
def test_thinking_inside_the_text_is_kept_out(pieces: list[str]) -> None:
    made, heard = reply(*map(delta, pieces))
    assert "".join(heard) == "A cat."
    assert made.completion().text == "A cat."


def test_a_think_tag_in_the_middle_is_what_the_picture_says() -> None:
    assert completion(delta("It says <think>x</think>.")).text == "It says <think>x</think>."


def test_the_beginning_of_a_think_tag_may_be_all_there_is() -> None:
    assert completion(delta("<thi"), delta(finish="stop"), b"[DONE]").text == "<thi"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", Finish.STOP),
        ("eos", Finish.STOP),
        ("end_turn", Finish.STOP),
        ("STOP", Finish.STOP),
        ("tool_calls", Finish.STOP),
        ("length", Finish.LENGTH),
        ("max_tokens", Finish.LENGTH),
        ("content_filter", Finish.FILTERED),
        ("refusal", Finish.REFUSED),
    ],
)
def test_finish_reasons_of_all_vendors(reason: str, finish: Finish) -> None:
    assert completion(delta("a", reason)).finish is finish


def test_a_refusal_is_the_answer_and_marked() -> None:
    whole = completion(
        delta(None, refusal="I can't "), delta(None, refusal="help."), delta(finish="stop")
    )
    assert whole == Completion("I can't help.", Finish.REFUSED)


def test_a_reply_that_just_ends_is_lost() -> None:
    assert completion(delta("A c")).finish is Finish.LOST
    with pytest.raises(ProviderDown):
        completion(delta(""))


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"error": {"code": 502, "message": "Provider disconnected"}, "choices": []}, ProviderDown),
        ({"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}, RateLimited),
        ({"error": "Input is too busy", "error_type": "overloaded"}, ProviderDown),
        ({"error": {"message": "x", "type": "server_error"}, "status_code": 500}, ProviderDown),
        ({"object": "error", "message": "x", "code": 500}, ProviderDown),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, ProviderDown),
        ({"message": "Generation timeout", "statusCode": 504}, ProviderDown),
        (delta(None, "error"), ProviderDown),
        ({"error": {"code": 429, "message": "busy"}}, RateLimited),
    ],
)
def test_an_error_inside_a_stream_is_an_error(event: object, error: type[ProviderError]) -> None:
    with pytest.raises(error):
        completion(delta("A c"), event)


def test_error_fields_that_are_null_mean_nothing() -> None:
    assert completion(delta("a") | {"error": None}, delta(finish="stop")).text == "a"


def test_a_broken_event_is_skipped_but_not_many_in_a_row() -> None:
    assert completion(b"{", delta("a"), b"[]", b"null", b'"x"', delta("b", "stop")).text == "ab"
    with pytest.raises(BadReply):
        completion(delta("a"), b"{", b"{", b"{", b"{")


@pytest.mark.parametrize(
    "strange",
    [
        {},
        {"choices": None},
        {"choices": "no"},
        {"choices": [None, 3, []]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": []}]},
        {"choices": [{"delta": {"content": 7}}]},
        {"choices": [{"delta": {"content": {"a": 1}}, "finish_reason": 5}]},
        {"choices": [{"index": 1, "delta": {"content": "another answer"}}]},
        {"choices": [], "usage": "none", "meta": 3, "x_groq": []},
        {"choices": [], "model": 5, "id": {}},
        {"obfuscation": "xxxxxx", "choices": []},
    ],
)
def test_strange_chunks_change_nothing(strange: object) -> None:
    assert completion(strange, delta("a"), strange, delta(finish="stop"), strange).text == "a"


def test_content_in_parts_is_joined() -> None:
    parts = [{"type": "text", "text": "A "}, {"type": "text", "text": "cat."}, {"type": "image"}]
    assert completion(delta(parts)).text == "A cat."


def test_a_whole_body_instead_of_a_stream() -> None:
    body = {
        "id": "chatcmpl-1",
        "model": "m",
        "choices": [
            {"message": {"role": "assistant", "content": "A cat."}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }
    expected = Completion("A cat.", Finish.STOP, 7, 3, None, "m", "chatcmpl-1")
    assert completion(body) == expected


def test_wrong_utf8_and_half_surrogates_become_replacement_characters() -> None:
    broken = b'{"choices":[{"delta":{"content":"a\xff\xe2\x82"}}]}'
    assert completion(broken, delta("b", "stop")).text == "a��b"
    half = b'{"choices":[{"delta":{"content":"\\ud83d \\\\ud83d \\ud83d\\ude00"}}]}'
    assert completion(half, delta(finish="stop")).text == "� \\ud83d 😀"


def test_no_text_at_all_is_an_error_that_still_knows_what_it_used() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 900}}
    with pytest.raises(EmptyReply, match="reasoning") as caught:
        completion(delta(None, reasoning="Hm"), delta(finish="length"), usage)
    assert caught.value.completion.output_tokens == 900
    with pytest.raises(EmptyReply):
        completion(delta(" \n"), delta(finish="stop"))


def test_no_text_because_of_the_filter_says_so() -> None:
    with pytest.raises(ContentFiltered):
        completion(delta(finish="content_filter"))


def test_endless_text_is_cut_at_the_limit() -> None:
    made, heard = reply(delta("a" * 60), delta("b" * 60), delta("c" * 60), max_text=100)
    assert made.done
    assert "".join(heard) == "a" * 60 + "b" * 40
    assert made.completion().finish is Finish.LENGTH


STREAM = (
    "\ufeff: OPENROUTER PROCESSING\r\n\r\n"
    'data: {"id":"gen-1","model":"m","choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n'
    'data:{"choices":[{"delta":{"content":"<think>hm</think>Größe "}}]}\r\n\r\n'
    'data: {"choices":\ndata: [{"delta":{"content":"\u2028😀\u0085 und"}}]}\n\n'
    ": keep-alive\n\nevent: x\n"
    'data: {"choices":[{"delta":{"content":" \\ud83d\\ude00\\n"}}]}\r\r'
    'data: {"choices":[{"delta":{"content":"Ende."},"finish_reason":"stop"}]}\n\n'
    'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6}}\n\n'
    "data: [DONE]\n\n"
).encode()
WHOLE = Completion("Größe \u2028😀\u0085 und 😀\nEnde.", Finish.STOP, 5, 6, None, "m", "gen-1")


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_any_split_of_a_stream_gives_the_same_completion(cuts: list[int]) -> None:
    parser, (made, heard) = Parser(), reply()
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in itertools.pairwise(edges):
        for event in parser.feed(STREAM[start:end]):
            made.event(event)
    assert made.done
    assert made.completion() == WHOLE
    assert "".join(heard) == WHOLE.text


@given(st.binary(max_size=300))
def test_no_bytes_whatsoever_break_it(noise: bytes) -> None:
    parser, (made, _heard) = Parser(), reply()
    try:
        for event in [*parser.feed(b"data: " + noise), *parser.close()]:
            made.event(event)
        made.completion()
    except ProviderError:
        pass
