"""What goes to a model and what comes back, as values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.types import Finish, Turn

OnText = Callable[[str], None]
"""Receives each new piece of the answer's text, in order."""


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture ready for the wire: a link, or bytes of `media_type` (inline). Pixels as sent."""

    url: str | None = None
    data: bytes | None = field(default=None, repr=False)
    media_type: str = "image/jpeg"
    width: int | None = None
    height: int | None = None
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything a model is told: instructions, earlier turns, the question, the pictures."""

    system: str
    text: str
    images: tuple[ImagePart, ...]
    history: tuple[Turn, ...] = ()
    temperature: float | None = None
    """None is the model's own."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as a value; headers hold the key, so they stay out of `repr`."""

    method: str
    url: str
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(repr=False)

    def masked_headers(self) -> dict[str, str]:
        """Give the headers with the key replaced by its last four characters."""
        return {name: _mask(name, value) for name, value in self.headers.items()}


def _mask(name: str, value: str) -> str:
    if name.lower() not in {"authorization", "x-api-key"}:
        return value
    scheme, _space, key = value.rpartition(" ")
    tail = key[-4:] if len(key) >= 12 else ""
    return f"{scheme} …{tail}".strip()


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply. Tokens and cost are None where the provider did not say."""

    text: str
    finish: Finish
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: Decimal | None = None
    model_name: str | None = None
    request_id: str | None = None
