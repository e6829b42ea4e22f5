"""One proof of sight: a picture with a word nobody can guess, shown to a model in every way."""

import dataclasses
import re
import secrets
import unicodedata
from dataclasses import dataclass, field

import msgspec

from bot.catalog.types import Endpoint, Model, Transport
from bot.db.proofs import BLIND, SEES
from bot.errors import (
    BadReply,
    KeyRejected,
    ModelGone,
    NoCredit,
    PictureRefused,
    PictureUnsupported,
    ProviderError,
    RateLimited,
    Unreachable,
)
from bot.questions.aside import Aside, ask_aside
from bot.questions.attempts import Attempts, Wanted
from bot.types import Finish, ImageRef, Task, Usage

QUESTION = "What word is in the picture? Answer with the word alone."
LETTERS = "ACEFHKMNPRTWXY"  # none is taken for another, or for a digit
_WORD = 6
_SAME_AS_BYTES = (KeyRejected, NoCredit, RateLimited, Unreachable, ModelGone)
"""After these, showing the picture in another way would end the same."""
WITHOUT_A_TRY = frozenset(kind.state for kind in _SAME_AS_BYTES)


@dataclass(frozen=True, slots=True)
class Canary:
    """The picture, its word, and the link under which it hangs, if it hangs anywhere."""

    word: str
    png: bytes = field(repr=False)
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Glance:
    """One request: how the picture went out, and what came of it."""

    transport: Transport
    outcome: str
    latency_ms: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof came to: its requests in order, and the error that left it open, if any."""

    canary: Canary
    glances: tuple[Glance, ...]
    error: ProviderError | None

    @property
    def sees(self) -> bool | None:
        """Whether the model sees; None where nobody knows now."""
        return None if self.error else self.glances[-1].outcome == SEES

    @property
    def usage(self) -> Usage:
        """What all of it used."""
        total, *others = (glance.usage for glance in self.glances)
        for usage in others:
            total += usage
        return total


def code_word() -> str:
    """Give a random word of plain letters."""
    return "".join(secrets.choice(LETTERS) for _letter in range(_WORD))


def says(reply: str, word: str) -> bool:
    """Tell whether a reply has the word, however it is set: case, spaces and marks don't count."""
    plain = unicodedata.normalize("NFKC", reply).upper()
    return word in re.sub(r"[^A-Z]", "", plain)


async def look(attempts: Attempts, model: Model, endpoint: Endpoint, canary: Canary) -> Proof:
    """Ask a model for the word: by link where it takes links and there is one, then as bytes."""
    glances: list[Glance] = []
    failure: ProviderError | None = None
    by_link = model.transport == "url" and canary.url is not None
    ways: tuple[Transport, ...] = ("url", "inline") if by_link else ("inline",)
    for transport in ways:
        try:
            aside = await ask_aside(attempts, _wanted(model, endpoint, canary, transport))
        except PictureRefused:  # the link was not taken, and could not be followed from here
            if transport == "inline":
                raise
            continue
        failure = _left_open(aside, canary.word)
        glances.append(_glance(aside, failure, canary.word))
        if glances[-1].outcome == SEES or glances[-1].transport == "inline":
            break
        if isinstance(failure, _SAME_AS_BYTES):
            break
    return Proof(canary, tuple(glances), failure)


def _wanted(model: Model, endpoint: Endpoint, canary: Canary, transport: Transport) -> Wanted:
    image = ImageRef(
        url=canary.url or "", filename="canary.png", content_type="image/png", data=canary.png
    )
    return Wanted(
        model=msgspec.structs.replace(model, transport=transport),
        endpoint=endpoint,
        system="",
        text=QUESTION,
        images=(dataclasses.replace(image, data=None) if transport == "url" else image,),
        task=Task.ASK,
    )


def _left_open(aside: Aside, word: str) -> ProviderError | None:
    """Give the error after which nobody knows whether the model sees."""
    if aside.reply is None:
        return None if isinstance(aside.error, PictureUnsupported) else aside.error
    whole = aside.reply.finish in (Finish.STOP, Finish.LENGTH)
    if whole or says(aside.reply.text, word):
        return None
    return BadReply(f"the reply to a proof of sight ended as {aside.reply.finish}")


def _glance(aside: Aside, failure: ProviderError | None, word: str) -> Glance:
    parts = aside.prepared.parts if aside.prepared else ()
    saw = aside.reply is not None and says(aside.reply.text, word)
    return Glance(
        # A provider that took no link was given the bytes at once.
        transport="url" if parts and all(part.data is None for part in parts) else "inline",
        outcome=failure.state if failure else SEES if saw else BLIND,
        latency_ms=aside.latency_ms,
        usage=aside.usage,
    )
