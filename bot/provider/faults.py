"""Turns what a provider says when it says no into our errors.

Sources of the shapes, phrases and codes: the providers' documents and bug trackers, as collected
per provider; a phrase counts more than the status it came with."""

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, cast

import msgspec

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

_LONGEST_DETAIL = 300
_LONGEST_READ = 4000
_LONGEST_WAIT = 24 * 3600.0


def from_response(
    status: int, headers: Mapping[str, str], body: bytes, *, key: str | None = None
) -> ProviderError:
    """Give the error that an HTTP answer other than 200 means; `key` is kept out of its detail."""
    # Hugging Face's router may say it in a header alone (huggingface_hub utils/_http.py).
    body = body or headers.get("x-error-message", "").encode()
    return _error(_read(body, status), headers, key)


def from_event(event: Mapping[str, Any], *, key: str | None = None) -> ProviderError | None:
    """Give the error that an object inside a 200 reply carries, None if it carries none."""
    groq = event.get("x_groq")
    nested = cast("dict[str, Any]", groq).get("error") if isinstance(groq, dict) else None
    if event.get("error") or event.get("errors") or event.get("object") == "error":
        said = _said(event, None)
    elif nested:
        said = _said({"error": nested}, None)
    elif "choices" not in event and ("message" in event or "detail" in event):
        said = _said(event, None)
    else:
        return None
    return _error(said, {}, key)


@dataclass(frozen=True, slots=True)
class _Said:
    """What an error body says, whichever of the eleven shapes it has."""

    status: int | None
    message: str
    code: str = ""
    param: str = ""
    moderated: bool = False

    @property
    def text(self) -> str:
        return f"{self.code} {self.message[:_LONGEST_READ]}".lower()


def _read(body: bytes, status: int) -> _Said:
    if body.lstrip().startswith(b"<"):  # a proxy's page: its words mean nothing
        return _Said(status, "an HTML page")
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Said(status, body.decode("utf-8", "replace"))
    found = _first(found)  # Gemini wraps its error into a list
    if not isinstance(found, dict):
        return _Said(status, str(found))
    return _said(cast("dict[str, Any]", found), status)


def _said(body: Mapping[str, Any], status: int | None) -> _Said:
    """Read `error`, an object, a sentence or a list of these, else the body itself."""
    inner = _first(body.get("error") or body.get("errors") or body.get("detail") or body)
    if not isinstance(inner, dict):
        return _Said(status or _status(body), str(inner), _word(body.get("error_type")))
    error = cast("dict[str, Any]", inner)
    metadata = error.get("metadata")
    message = error.get("message") or error.get("msg") or error.get("detail") or error
    return _Said(
        status or _status(error) or _status(body),
        message if isinstance(message, str) else str(message),
        f"{_word(error.get('code'))} {_word(error.get('type'))}".strip(),
        _word(error.get("param") or _last(error.get("loc"))),
        isinstance(metadata, dict) and "reasons" in cast("dict[str, Any]", metadata),
    )


def _first(value: object) -> object:
    if isinstance(value, list) and value:
        return cast("list[object]", value)[0]
    return cast("object", value)


def _last(value: object) -> object:
    return cast("list[object]", value)[-1] if isinstance(value, list) and value else None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _status(body: Mapping[str, Any]) -> int | None:
    for name in ("code", "status_code", "statusCode", "status"):
        value = body.get(name)
        if isinstance(value, str) and value.isdecimal():
            value = int(value[:4])
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    return None


# In this order: what the first matching pattern says, it is. Texts are lower case.
_PHRASES: tuple[tuple[type[ProviderError], re.Pattern[str]], ...] = tuple(
    (error, re.compile(pattern))
    for error, pattern in (
        (
            NoCredit,
            r"insufficient_quota|exceeded your current quota|run out of credits|can only afford"
            r"|used all available credits|exceeded your monthly included credits"
            r"|insufficient (balance|credits|funds)|billing_hard_limit",
        ),
        (ContentFiltered, r"content_filter|content_policy|flagged (as|for|by)|moderation_blocked"),
        (
            PictureUnsupported,
            r"no endpoints found that support image|at most 0 image|image input is not supported"
            r"|(does not|doesn't|do not|don't) support (the )?(image|vision|multimodal)"
            r"|only 'text' content type|unknown variant `image_url`|not a multimodal model"
            r"|unexpected item type in content",
        ),
        (RequestTooLarge, r"at most \d+ image|context_length|context (length|window)"),
        (
            PictureNotFetched,
            r"invalid_image_url|(timeout|error) while downloading|robots\.txt"
            r"|(failed|unable|could ?n[o']t|cannot) (to )?(download|fetch)"
            r"|urls are not (currently )?supported|must be a base64",
        ),
        (
            PictureUnreadable,
            r"could not process image|invalid_image|image_parse_error|invalid image"
            r"|(cannot|could not|failed to|unable to) (identify|decode|read|parse|load) (the )?im"
            r"|unsupported image",
        ),
        (
            ModelGone,
            r"model_not_found|model_decommissioned|model_not_supported"
            r"|not supported by any provider"
            r"|model\b.{0,120}(does not exist|not found|has been (deprecated|retired|removed))",
        ),
        (
            KeyRejected,
            r"(invalid|incorrect)[ _](x-)?api[ _-]?key|api key not valid|authentication_error",
        ),
        (
            RequestTooLarge,
            r"too (large|many tokens|many images|long)|inputs?`? tokens"
            r"|exceeds? the (maximum|limit)|size exceeds",
        ),
        (RateLimited, r"rate_limit|rate limit|too many requests"),
        (
            ProviderDown,
            r"overloaded|server_error|service unavailable|under maintenance|\bloading\b",
        ),
    )
)

_STATUSES: dict[int, type[ProviderError]] = {
    401: KeyRejected,
    402: NoCredit,
    403: KeyRejected,
    404: ModelGone,
    408: ProviderDown,
    410: ModelGone,
    413: RequestTooLarge,
    424: ProviderDown,
    425: ProviderDown,
    429: RateLimited,
    498: ProviderDown,
    499: ProviderDown,
}

# Only an empty account explains these otherwise.
_FIRM = frozenset({402, 413, 429})

_FIELD = re.compile(
    r"\b(max_completion_tokens|max_tokens|temperature|top_p|stream_options"
    r"|reasoning_effort|reasoning_format|chat_template_kwargs)\b|['\"`](system|developer)['\"`]"
)


def _error(said: _Said, headers: Mapping[str, str], key: str | None) -> ProviderError:
    kind, detail = _kind(said), _detail(said, key)
    if kind is RateLimited:
        wait = retry_after(headers, said.message)
        return RateLimited(detail, retry_after=wait, status=said.status or 429)
    if kind is RequestRejected:
        named = _FIELD.search(f"{said.param} {said.text}")
        return RequestRejected(detail, status=said.status, field=named and (named[1] or named[2]))
    return kind(detail, status=said.status)


def _kind(said: _Said) -> type[ProviderError]:
    if said.moderated:
        return ContentFiltered
    phrases = _PHRASES[:1] if said.status in _FIRM else _PHRASES
    for error, pattern in phrases:
        if pattern.search(said.text):
            return error
    if said.status is None or said.status >= 500:
        return ProviderDown
    return _STATUSES.get(said.status, RequestRejected)


def _detail(said: _Said, key: str | None) -> str:
    text = " ".join(said.message[:_LONGEST_READ].split())
    if key:
        text = text.replace(key, "…")
    words = (str(said.status or ""), said.code, text[:_LONGEST_DETAIL])
    return " ".join(word for word in words if word)


def retry_after(headers: Mapping[str, str], message: str = "") -> float | None:
    """Give the seconds to wait that an answer names anywhere, at most a day; None if nowhere."""
    for found in (
        _number(headers.get("retry-after-ms"), 0.001),
        _number(headers.get("retry-after")),
        _until(headers.get("retry-after")),
        _number(_group(r"\bt=(\d+)", headers.get("ratelimit"))),
        _span(_group(r"try again in ([\dhms.]+)", message[:_LONGEST_READ].lower())),
        _span(headers.get("x-ratelimit-reset-requests")),
        _span(headers.get("x-ratelimit-reset-tokens")),
    ):
        if found is not None:
            return min(max(0.0, found), _LONGEST_WAIT)
    return None


def _number(text: str | None, factor: float = 1.0) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value * factor if math.isfinite(value) else None


def _until(text: str | None) -> float | None:
    """Give the seconds from our own clock to an HTTP date."""
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - dt.datetime.now(dt.UTC)).total_seconds()


def _span(text: str | None) -> float | None:
    """Give the seconds in `2m59.56s`, `289ms` or `7`."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "": 1.0}
    found = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s|)", text or "")
    return sum(float(value) * units[unit] for value, unit in found) if found else None


def _group(pattern: str, text: str | None) -> str | None:
    match = re.search(pattern, text or "")
    return match[1] if match else None
