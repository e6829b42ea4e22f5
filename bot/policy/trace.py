"""The trace: every rule that was looked at for a question, and what it decided."""

from enum import StrEnum

import msgspec

from bot.i18n import _


class Rule(StrEnum):
    """What was looked at; in the order in which it is looked at."""

    BLOCK = "block"
    CONSENT = "consent"
    PICTURES = "pictures"
    ACCESS = "access"
    MODEL = "model"
    PROMPT = "prompt"
    RATE = "rate"
    BUDGET = "budget"
    SCREEN = "screen"
    SIGHT = "sight"
    ATTEMPT = "attempt"


class Verdict(StrEnum):
    """What came of looking."""

    PASSED = "passed"
    REFUSED = "refused"
    CHOSE = "chose"
    NOTED = "noted"


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule and what it decided. `said` is a sentence marked by `N_()`, `facts` fill it in.

    Neither holds what a member wrote: the trace is kept in the clear."""

    rule: Rule
    verdict: Verdict
    said: str
    facts: dict[str, str | int] = {}

    @property
    def text(self) -> str:
        """Say it in the language in force."""
        return _(self.said).format(**self.facts)


Trace = tuple[Step, ...]

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Trace)


def dump(trace: Trace) -> str:
    """Give the JSON in which a trace is kept."""
    return _encoder.encode(trace).decode()


def load(text: str | None) -> Trace:
    """Read a kept trace; empty where none is kept, or none that this version knows."""
    if text is None:
        return ()
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError:
        return ()
