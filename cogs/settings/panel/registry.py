"""The parts of the panel, in the order in which they are shown."""

from collections.abc import Mapping
from types import MappingProxyType

from cogs.settings.panel import (
    access,
    answers,
    budget,
    fallbacks,
    guard,
    instructions,
    keys,
    model,
    overrides,
    privacy,
    rate,
)
from cogs.settings.panel.part import Part

PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "model": model.PART,
        "fallbacks": fallbacks.PART,
        "overrides": overrides.PART,
        "endpoint": keys.PART,
        "access": access.PART,
        "answers": answers.PART,
        "prompt": instructions.PART,
        "guard": guard.PART,
        "privacy": privacy.PART,
        "rate": rate.PART,
        "budget": budget.PART,
    }
)
