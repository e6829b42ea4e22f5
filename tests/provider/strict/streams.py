"""How each provider streams one and the same answer, and what that adds up to."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.provider.types import Completion
from bot.types import Finish

PIECES = ("Größe:", " 😀 \u2028", "zwei\u0085 Katzen", ".")
TEXT = "".join(PIECES)
DONE = b"data: [DONE]\n\n"
USAGE = {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940}


@dataclass(frozen=True, slots=True)
class Variant:
    """A stream, byte for byte, and the completion that it is."""

    stream: bytes
    whole: Completion


def event(end: str = "\n\n", **fields: Any) -> bytes:
    """Give one event as it goes over the wire."""
    return f"data: {json.dumps(fields, ensure_ascii=False)}{end}".encode()


def choice(delta: dict[str, Any] | None, finish: str | None = None) -> list[dict[str, Any]]:
    """Give the choices of a chunk; without a delta the key is missing, as with Claude."""
    part = {} if delta is None else {"delta": delta}
    return [{"index": 0, **part, "finish_reason": finish, "logprobs": None}]


def text(**more: Any) -> bytes:
    """Give an event for each piece of the answer."""
    return b"".join(event(**HEAD, choices=choice({"content": piece}), **more) for piece in PIECES)


def thought(name: str, **beside: Any) -> bytes:
    """Give two events of reasoning under this name."""
    deltas = ({name: "A cat? ", **beside}, {name: "Two.", **beside})
    return b"".join(event(**HEAD, choices=choice(delta)) for delta in deltas)


HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
ROLE = event(**HEAD, choices=choice({"role": "assistant", "content": ""}))
STOP = event(**HEAD, choices=choice({}, "stop"))
COUNTED = event(**HEAD, choices=[], usage=USAGE)


def whole(cost: str | None = None, request_id: str = "chatcmpl-1") -> Completion:
    """Give the completion that every variant is, but for its cost and id."""
    usd = None if cost is None else Decimal(cost)
    return Completion(TEXT, Finish.STOP, 900, 40, usd, "m", request_id)


OPENAI = Variant(
    ROLE + text(usage=None, obfuscation="xK3p") + STOP + COUNTED + DONE,
    whole(),
)
AIMLAPI = Variant(
    ROLE
    + text()
    + STOP
    + event(
        **HEAD,
        choices=[],
        usage=USAGE,
        meta={"usage": {"credits_used": 14391, "usd_spent": 0.0071955}},
    ),
    whole("0.0071955"),
)
AIMLAPI_CLAUDE = Variant(
    event(**HEAD | {"id": ""}, choices=choice({"role": "assistant", "content": ""}))
    + b"".join(event(id="", choices=choice({"content": piece})) for piece in PIECES)
    + event(id="", choices=choice({"content": ""}, "stop"), usage=USAGE)
    + event(id="", choices=choice(None)),
    Completion(TEXT, Finish.STOP, 900, 40, None, "m", None),
)
AIMLAPI_QWEN = Variant(
    thought("reasoning_content", content=None) + text(reasoning_content=None) + STOP + COUNTED,
    whole(),
)
HUGGINGFACE = Variant(ROLE + text() + STOP + COUNTED + DONE, whole())
OPENROUTER = Variant(
    b": OPENROUTER PROCESSING\n\n" * 3
    + thought("reasoning", content="", reasoning_details=[])
    + b": OPENROUTER PROCESSING\n\n"
    + text(provider="Google")
    + event(**HEAD, choices=choice({"content": ""}, "stop"), native_finish_reason="STOP")
    + event(**HEAD, choices=[], usage={**USAGE, "cost": 0.00123, "is_byok": False})
    + DONE,
    whole("0.00123"),
)
GROQ = Variant(
    event(**HEAD, choices=choice({"role": "assistant"}), x_groq={"id": "req_1"})
    + text()
    + event(**HEAD, choices=choice({}, "stop"), x_groq={"id": "req_1", "usage": USAGE})
    + DONE,
    whole(),
)
GROQ_RAW = Variant(
    event(**HEAD, choices=choice({"content": "<think>A cat? "}))
    + event(**HEAD, choices=choice({"content": "Two.</th"}))
    + event(**HEAD, choices=choice({"content": "ink>\n\n"}))
    + text()
    + event(**HEAD, choices=choice({}, "stop"), x_groq={"usage": USAGE})
    + DONE,
    whole(),
)
CEREBRAS = Variant(
    ROLE
    + thought("reasoning")
    + text()
    + event(**HEAD, choices=choice({}, "stop"), usage=USAGE, time_info={"total_time": 0.1})
    + DONE,
    whole(),
)
TOGETHER = Variant(
    text(usage=None) + event(**HEAD, choices=choice({"content": ""}, "eos"), usage=USAGE) + DONE,
    whole(),
)
OLLAMA = Variant(
    thought("reasoning", content="") + text() + STOP + COUNTED + DONE,
    whole(),
)
VLLM = Variant(
    ROLE + thought("reasoning", content=None) + text() + STOP + COUNTED + DONE,
    whole(),
)
LLAMACPP = Variant(
    event(**HEAD, choices=choice({"role": "assistant", "content": None}))
    + thought("reasoning_content")
    + text()
    + STOP
    + event(**HEAD, choices=[], usage=USAGE, timings={"predicted_ms": 12.5})
    + DONE,
    whole(),
)
PROXIED = Variant(  # rewritten on its way: CRLF, a BOM, event names
    b"\xef\xbb\xbf: hello\r\n\r\nevent: message\r\n"
    + (text() + STOP + COUNTED + DONE).replace(b"\n", b"\r\n"),
    whole(),
)

VARIANTS = {
    name.lower(): found for name, found in list(globals().items()) if isinstance(found, Variant)
}
