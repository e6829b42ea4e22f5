"""Real refusals of real providers, and what each means to us."""

import datetime as dt
import email.utils
import json
import time

import httpx
import pytest

from bot.errors import (
    ContentFiltered,
    KeyRejected,
    ModelGone,
    NoCredit,
    PictureNotFetched,
    PictureUnreadable,
    PictureUnsupported,
    ProviderDown,
    ProviderError,
    RateLimited,
    RequestRejected,
    RequestTooLarge,
)
from bot.provider.faults import from_response, retry_after


def openai(message: str, code: object = None, param: str | None = None, **more: object) -> object:
    return {
        "error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}
        | more
    }


def aimlapi(status: int, message: str) -> object:
    return {
        "message": message,
        "path": "/v1/chat/completions",
        "requestId": "1c4f",
        "statusCode": str(status),
        "timestamp": "2026-08-21T10:00:00.000Z",
    }


CASES: list[tuple[int, object, type[ProviderError]]] = [
    # the eleven shapes
    (401, openai("Incorrect API key provided: sk-x.", "invalid_api_key"), KeyRejected),
    (502, {"error": {"code": 502, "message": "Provider returned error"}}, ProviderDown),
    (400, {"error": "'url' field must be a base64 encoded image."}, PictureNotFetched),
    (400, {"error": ["Error in `parameters.max_new_tokens`"]}, RequestRejected),
    (429, {"errors": [{"message": "Too many requests"}]}, RateLimited),
    (429, {"error": "Model is overloaded", "error_type": "overloaded"}, RateLimited),
    (503, {"error": "Model is overloaded", "error_type": "overloaded"}, ProviderDown),
    (403, aimlapi(403, "You've run out of credits. Please top up your balance."), NoCredit),
    (400, {"message": "invalid request: temperature must be between 0 and 1"}, RequestRejected),
    (404, {"object": "error", "message": "The model `x` does not exist.", "code": 404}, ModelGone),
    (422, {"detail": [{"loc": ["body", "messages"], "msg": "field required"}]}, RequestRejected),
    (401, {"detail": "Not authenticated"}, KeyRejected),
    (529, {"type": "error", "error": {"type": "overloaded_error", "message": "O"}}, ProviderDown),
    (502, b"<html><body>no model found, invalid api key</body></html>", ProviderDown),
    (503, b"upstream connect error", ProviderDown),
    (
        400,
        [{"error": {"code": 400, "message": "API key not valid. Please pass one."}}],
        KeyRejected,
    ),
    # no money
    (402, {"error": {"code": 402, "message": "You requested up to 65536 tokens"}}, NoCredit),
    (402, {"error": "You have exceeded your monthly included credits"}, NoCredit),
    (429, openai("You exceeded your current quota", "insufficient_quota"), NoCredit),
    (429, {"error": "Your team has used all available credits"}, NoCredit),
    # key
    (403, {"error": "This token has insufficient permissions"}, KeyRejected),
    (
        401,
        {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}},
        KeyRejected,
    ),
    # model gone
    (
        404,
        openai("The model `x` does not exist or you do not have access", "model_not_found"),
        ModelGone,
    ),
    (400, openai("The model `llama-4` has been decommissioned", "model_decommissioned"), ModelGone),
    (
        400,
        {"error": {"message": "The requested model 'x' is not supported by any provider"}},
        ModelGone,
    ),
    (422, {"error": "Model 'pixtral' not found"}, ModelGone),
    (404, {"error": {"message": 'model "gemma9" not found, try pulling it first'}}, ModelGone),
    (404, aimlapi(404, "Not Found"), ModelGone),
    # text only
    (
        404,
        {"error": {"code": 404, "message": "No endpoints found that support image input"}},
        PictureUnsupported,
    ),
    (400, openai("At most 0 image(s) may be provided in one prompt.", 400), PictureUnsupported),
    (
        500,
        openai("image input is not supported - hint: provide the mmproj", 500),
        PictureUnsupported,
    ),
    (400, openai("This model does not support image input"), PictureUnsupported),
    (400, openai("Only 'text' content type is supported."), PictureUnsupported),
    (400, openai("unknown variant `image_url`, expected `text`"), PictureUnsupported),
    # picture not fetched
    (
        400,
        openai("Timeout while downloading https://x/y.png", "invalid_image_url"),
        PictureNotFetched,
    ),
    (
        400,
        openai("Failed to download image from X. Image size exceeds the limit.", "invalid_image"),
        PictureNotFetched,
    ),
    (
        400,
        openai("image URLs are not currently supported, please use base64 encoded data instead"),
        PictureNotFetched,
    ),
    (500, openai("Failed to download image", 500), PictureNotFetched),
    (400, openai("This URL is disallowed by the website's robots.txt file"), PictureNotFetched),
    # picture unreadable
    (400, openai("Could not process image"), PictureUnreadable),
    (400, openai("You uploaded an unsupported image.", "invalid_image_format"), PictureUnreadable),
    (400, openai("invalid image input"), PictureUnreadable),
    (400, openai("x", "image_parse_error"), PictureUnreadable),
    # too large
    (
        413,
        openai("Request too large for model on tokens per minute (TPM): Limit 8000"),
        RequestTooLarge,
    ),
    (413, b"<html>413 Request Entity Too Large</html>", RequestTooLarge),
    (
        400,
        openai("This model's maximum context length is 8192 tokens", "context_length_exceeded"),
        RequestTooLarge,
    ),
    (
        422,
        {
            "error": "`inputs` tokens + `max_new_tokens` must be <= 32768",
            "error_type": "validation",
        },
        RequestTooLarge,
    ),
    (400, openai("At most 4 image(s) may be provided in one prompt."), RequestTooLarge),
    # busy, down
    (408, {"error": {"code": 408, "message": "Request timed out"}}, ProviderDown),
    (498, openai("Flex tier capacity exceeded"), ProviderDown),
    (500, aimlapi(500, "Something wrong with the server"), ProviderDown),
    (500, aimlapi(500, "model is under maintenance"), ProviderDown),
    (504, aimlapi(504, "Generation timeout"), ProviderDown),
    (503, {"error": "Service Unavailable: model is loading"}, ProviderDown),
    # filtered
    (
        403,
        {"error": {"code": 403, "message": "m", "metadata": {"reasons": ["violence"]}}},
        ContentFiltered,
    ),
    (400, openai("The response was filtered", "content_filter"), ContentFiltered),
    # the rest
    (400, aimlapi(400, "Body validation error!"), RequestRejected),
    (302, b"", RequestRejected),
    (418, {"strange": True}, RequestRejected),
    (400, b"\xff\xfe", RequestRejected),
    (400, [], RequestRejected),
    (400, {"error": {"message": {"nested": 1}}}, RequestRejected),
]


def raised(status: int, body: object, headers: dict[str, str] | None = None) -> ProviderError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return from_response(status, httpx.Headers(headers or {}), data)


@pytest.mark.parametrize(("status", "body", "expected"), CASES)
def test_every_refusal_is_understood(
    status: int, body: object, expected: type[ProviderError]
) -> None:
    error = raised(status, body)
    assert type(error) is expected
    assert error.status == status
    assert error.sentence


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (
            openai(
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                "unsupported_parameter",
                "max_tokens",
            ),
            "max_tokens",
        ),
        (openai("Unsupported value: 'temperature' does not support 0.16"), "temperature"),
        (
            aimlapi(
                400,
                "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            ),
            "system",
        ),
        (openai("Unrecognized request argument supplied: stream_options"), "stream_options"),
        (openai("The system is confused"), None),
    ],
)
def test_a_refused_field_is_named(body: object, field: str | None) -> None:
    error = raised(400, body)
    assert isinstance(error, RequestRejected)
    assert error.field == field


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"Retry-After-Ms": "250", "retry-after": "9"}, "", 0.25),
        ({"ratelimit": '"api";r=0;t=55', "ratelimit-policy": '"api";q=500;w=300'}, "", 55.0),
        ({}, "Please try again in 5.289s. Visit", 5.289),
        ({}, "Please try again in 1m2.5s.", 62.5),
        ({}, "Please try again in 289ms.", 0.289),
        ({"x-ratelimit-reset-requests": "2m59.56s"}, "", 179.56),
        ({"retry-after": "-5"}, "", 0.0),
        ({"retry-after": "99999999"}, "", 86400.0),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "soon"}, "", None),
        ({}, "Slow down.", None),
    ],
)
def test_the_wait_is_found_wherever_it_stands(
    headers: dict[str, str], message: str, seconds: float | None
) -> None:
    assert retry_after(httpx.Headers(headers), message) == pytest.approx(seconds)


def test_the_wait_until_a_date_is_measured_by_our_own_clock() -> None:
    date = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90))
    wait = retry_after(
        httpx.Headers({"retry-after": date, "date": "Mon, 01 Jan 2001 00:00:00 GMT"})
    )
    assert wait == pytest.approx(90, abs=2)


def test_rate_limits_carry_the_wait() -> None:
    error = raised(429, openai("Rate limit reached"), {"retry-after": "12"})
    assert isinstance(error, RateLimited)
    assert error.retry_after == 12


def test_an_echoed_key_stays_out_of_the_log() -> None:
    body = json.dumps({"error": "wrong key sk-live-123456 in Bearer sk-live-123456"}).encode()
    error = from_response(401, {}, body, key="sk-live-123456")
    assert "123456" not in str(error)


def test_a_long_refusal_is_one_short_line_in_the_log() -> None:
    assert len(str(raised(400, openai("very\nlong " * 1000)))) < 400
    assert "\n" not in str(raised(400, openai("very\nlong " * 1000)))


def test_a_refusal_in_a_header_alone_is_heard() -> None:
    error = raised(
        400, b"", {"X-Error-Message": "The requested model is not supported by any provider"}
    )
    assert isinstance(error, ModelGone)


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"error":' * 9000, b"model " * 10_000])
def test_a_hostile_refusal_is_a_refusal_and_costs_nothing(body: bytes) -> None:
    started = time.process_time()
    assert isinstance(raised(400, body), RequestRejected)
    assert time.process_time() - started < 0.5
