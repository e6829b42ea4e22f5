"""What helps when a request was turned away: other facts about the model, never another payload.

Each remedy is tried at most once a question. What it taught about the provider is remembered,
in memory, as soon as it helped."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from bot.catalog.types import Endpoint, ImageLimits, Model
from bot.errors import (
    PictureNotFetched,
    PictureUnreadable,
    ProviderError,
    RequestRejected,
    RequestTooLarge,
)
from bot.provider.types import ImagePart

Facts = Mapping[str, object]
"""Fields of a Model and what they should be."""

INLINE_SECONDS = 3600.0
_SMALLEST_EDGE = 320  # pixels; a smaller picture is not what was too much
_FEWEST_BYTES = 50_000
_DROPPED = frozenset({"stream_options", "temperature", "top_p"})
_AT_MOST = re.compile(r"(?:at most|up to) (\d+) image")


@dataclass(frozen=True, slots=True)
class Remedy:
    """Facts to ask with instead, and whether they hold for the model or the whole origin."""

    name: str
    facts: Facts
    teaches: Literal["nothing", "model", "origin"] = "nothing"

    def applied(self, model: Model) -> Model:
        """Give the model with these facts."""
        return msgspec.structs.replace(model, **self.facts)


def remedy(model: Model, parts: tuple[ImagePart, ...], error: ProviderError) -> Remedy | None:
    """Give what may help against this error, None where nothing does."""
    match error:
        case RequestRejected(field=str(field)):
            return _otherwise(model, field)
        case RequestTooLarge():
            return _fewer(model, error) or _smaller(model, parts)
        case PictureNotFetched() | PictureUnreadable():
            if all(part.data is not None for part in parts):
                return _as_jpeg(model, parts)
            lasting = isinstance(error, PictureNotFetched)
            return Remedy("inline", {"transport": "inline"}, "origin" if lasting else "nothing")
        case _:
            return None


class Lessons:
    """What providers taught us: facts by origin and model, and origins that get bytes for an hour.

    In memory: a restart asks anew, as the catalog says."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._facts: dict[tuple[str, str], Facts] = {}
        self._inline_until: dict[str, float] = {}

    def applied(self, model: Model, endpoint: Endpoint) -> Model:
        """Give the model with what is remembered of it."""
        if self._inline_until.get(endpoint.base_url, 0.0) > self._clock():
            model = msgspec.structs.replace(model, transport="inline")
        facts = self._facts.get((endpoint.base_url, model.id))
        return msgspec.structs.replace(model, **facts) if facts else model

    def learn(self, remedies: list[Remedy], model: Model, endpoint: Endpoint) -> None:
        """Remember what helped in the end."""
        for helped in remedies:
            if helped.teaches == "origin":
                self._inline_until[endpoint.base_url] = self._clock() + INLINE_SECONDS
            elif helped.teaches == "model":
                # By its id: what a guild calls its own may be another model to us.
                place = (endpoint.base_url, model.id)
                self._facts[place] = {**self._facts.get(place, {}), **helped.facts}


def _otherwise(model: Model, field: str) -> Remedy | None:
    """Swap or drop the field that was named."""
    match field:
        case "max_tokens" | "max_completion_tokens" if field == model.max_tokens_field:
            other = "max_completion_tokens" if field == "max_tokens" else "max_tokens"
            return Remedy("limit", {"max_tokens_field": other}, "model")
        case "system" | "developer" if field == model.system_role and model.dialect == "openai":
            other = "system" if field == "developer" else "none"
            return Remedy(field, {"system_role": other}, "model")
        case _ if field in _DROPPED | model.extra_body.keys() and field not in model.unsupported:
            return Remedy(field, {"unsupported": model.unsupported | {field}}, "model")
        case _:
            return None


def _fewer(model: Model, error: RequestTooLarge) -> Remedy | None:
    """Send no more pictures than the provider says it takes (vLLM and Groq name a number)."""
    said = _AT_MOST.search(error.detail.lower())
    count = int(said[1]) if said else 0
    if not 0 < count < model.images.max_count:
        return None
    images = msgspec.structs.replace(model.images, max_count=count)
    return Remedy("fewer", {"images": images}, "model")


def _smaller(model: Model, parts: tuple[ImagePart, ...]) -> Remedy | None:
    """Send the pictures with half the edge, as bytes."""
    limits = model.images
    sides = [side for part in parts for side in (part.width, part.height) if side]
    edge = min(limits.max_edge, max(sides, default=limits.max_edge)) // 2
    if edge < _SMALLEST_EDGE:
        return None
    sent = max((len(part.data or b"") for part in parts), default=0) or limits.max_bytes
    size = max(min(limits.max_bytes, sent) // 2, _FEWEST_BYTES)
    smaller = msgspec.structs.replace(limits, max_edge=edge, max_bytes=size)
    return Remedy("smaller", {"images": smaller, "transport": "inline"})


def _as_jpeg(model: Model, parts: tuple[ImagePart, ...]) -> Remedy | None:
    """Send bytes that weren't JPEG as JPEG: every provider reads that."""
    if all(part.media_type == "image/jpeg" for part in parts):
        return None
    limits: ImageLimits = msgspec.structs.replace(model.images, formats=("jpeg",))
    return Remedy("jpeg", {"images": limits})
