"""OpenAI's chat completions on the wire: whole, as a stream, and its refusals."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from playground.forms import Node, node_at, nodes_at

_PAGE = "https://platform.openai.com/account/api-keys"
_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header"
    " using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank"
    " username) if you're accessing the API from your browser and are prompted for a username and"
    f" password. You can obtain an API key from {_PAGE}."
)
_NO_URLS = "image URLs are not currently supported, please use base64 encoded data instead"
_BAD_FORMAT = (
    "You uploaded an unsupported image. Please make sure your image has of one the following"
    " formats: ['png', 'jpeg', 'gif', 'webp']."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in pieces; delays in seconds, before the first piece and before each."""

    pieces: tuple[str, ...]
    delay: float = 0.0
    first_delay: float = 0.0
    usage: Mapping[str, int] | None = None
    finish: str = "stop"
    ending: Literal["whole", "cut", "stall"] = "whole"


@dataclass(frozen=True, slots=True)
class Fail:
    """An answer that is an error, or any JSON at all."""

    status: int
    body: object
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer byte for byte."""

    chunks: tuple[bytes, ...]
    content_type: str = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer until the client gives up."""


Act = Reply | Fail | Raw | Hang


def cut_up(text: str, size: int) -> tuple[str, ...]:
    """Give a text in pieces of `size` characters."""
    return tuple(text[at : at + size] for at in range(0, len(text), size))


def parsed(data: bytes) -> dict[str, Any]:
    """Give a request's body; nothing where it is no JSON object."""
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        return {}
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def image_links(body: Node) -> tuple[str, ...]:
    """Give the URL or data URI of every picture in a request, in order."""
    return tuple(_link(part) for part in _parts(body) if part.get("type") in ("image_url", "image"))


def prompt_text(body: Node) -> str:
    """Give all text of a request's messages, a line each."""
    texts = [message["content"] for message in _messages(body) if _is_text(message)]
    return "\n".join([*texts, *(str(part["text"]) for part in _parts(body) if "text" in part)])


def usage_of(body: Node, reply: Reply) -> dict[str, int]:
    """Give what a request and its reply count; what the reply itself says wins."""
    pictures = 85 * len(image_links(body))
    counted = {
        "prompt_tokens": pictures + len(prompt_text(body)) // 4,
        "completion_tokens": len(reply.pieces),
        **(reply.usage or {}),
    }
    total = counted["prompt_tokens"] + counted["completion_tokens"]
    return {"total_tokens": total, **counted}


def whole(body: Node, reply: Reply, number: int) -> dict[str, Any]:
    """Give the answer to a request that did not ask for a stream."""
    message = {"role": "assistant", "content": "".join(reply.pieces), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish}
    head = _head(body, number, "chat.completion")
    return {**head, "choices": [choice], "usage": usage_of(body, reply)}


def opening(body: Node, number: int) -> bytes:
    """Give the event that names the role."""
    delta = {"role": "assistant", "content": "", "refusal": None}
    return _chunk(body, number, [_choice(delta, None)])


def pieces(body: Node, reply: Reply, number: int) -> Iterator[bytes]:
    """Give an event for each piece of the answer."""
    for piece in reply.pieces:
        yield _chunk(body, number, [_choice({"content": piece}, None)])


def closing(body: Node, reply: Reply, number: int) -> Iterator[bytes]:
    """Give the events that end a stream: the reason, the usage when asked for, `[DONE]`."""
    yield _chunk(body, number, [_choice({}, reply.finish)])
    if _wants_usage(body):
        yield _chunk(body, number, [], usage_of(body, reply))
    yield b"data: [DONE]\n\n"


def listing(names: Sequence[str]) -> dict[str, Any]:
    """Give the list of models."""
    entry = {"object": "model", "created": 1_735_689_600, "owned_by": "playground"}
    return {"object": "list", "data": [{"id": name, **entry} for name in names]}


def refusal(
    status: int, message: str, *, param: str | None = None, code: str | None = None
) -> Fail:
    """Give an error in OpenAI's shape."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    error = {"message": message, "type": kind, "param": param, "code": code}
    return Fail(status, {"error": error})


def wrong_key(given: str) -> Fail:
    """Give OpenAI's 401 for a key that is missing or wrong."""
    if not given:
        return refusal(401, _NO_KEY)
    shown = f"{given[:3]}{'*' * max(len(given) - 7, 0)}{given[-4:]}" if len(given) > 7 else "***"
    message = f"Incorrect API key provided: {shown}. You can find your API key at {_PAGE}."
    return refusal(401, message, code="invalid_api_key")


def unsupported(param: str, instead: str | None) -> Fail:
    """Give OpenAI's 400 for a field that this model does not take."""
    hint = f" Use '{instead}' instead." if instead else ""
    message = f"Unsupported parameter: '{param}' is not supported with this model.{hint}"
    return refusal(400, message, param=param, code="unsupported_parameter")


def no_urls() -> Fail:
    """Give Ollama's 400 for a picture that is a link."""
    return refusal(400, _NO_URLS)


def not_fetched(url: str, *, timed_out: bool) -> Fail:
    """Give OpenAI's 400 for a picture that could not be downloaded."""
    what = "Timeout" if timed_out else "Error"
    return refusal(400, f"{what} while downloading {url}.", code="invalid_image_url")


def not_a_picture() -> Fail:
    """Give OpenAI's 400 for a download that is no picture."""
    return refusal(400, _BAD_FORMAT, code="invalid_image_format")


def _messages(body: Node) -> list[Node]:
    return nodes_at(body, "messages")


def _is_text(message: Node) -> bool:
    return isinstance(message.get("content"), str)


def _parts(body: Node) -> Iterator[Node]:
    for message in _messages(body):
        yield from nodes_at(message, "content")


def _link(part: Node) -> str:
    if part["type"] == "image":  # Anthropic's own part
        source = node_at(part, "source")
        return f"data:{source.get('media_type')};base64,{source.get('data')}"
    bare = part.get("image_url")
    return bare if isinstance(bare, str) else str(node_at(part, "image_url").get("url", ""))


def _wants_usage(body: Node) -> bool:
    return bool(node_at(body, "stream_options").get("include_usage"))


def _head(body: Node, number: int, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-playground{number:06}",
        "object": kind,
        "created": int(time.time()),
        "model": body.get("model"),
        "service_tier": "default",
        "system_fingerprint": "fp_playground",
    }


def _choice(delta: Mapping[str, object], finish: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _chunk(
    body: Node, number: int, choices: list[dict[str, Any]], usage: dict[str, int] | None = None
) -> bytes:
    event = {**_head(body, number, "chat.completion.chunk"), "choices": choices}
    if _wants_usage(body):
        event["usage"] = usage
    return f"data: {json.dumps(event, separators=(',', ':'))}\n\n".encode()
