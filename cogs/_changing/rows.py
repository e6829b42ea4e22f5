"""Row: one setting in words, and how it is put on a line."""

from dataclasses import dataclass
from typing import Literal

from bot.i18n import _
from cogs._panels import cut

Part = Literal[
    "model",
    "fallbacks",
    "overrides",
    "endpoint",
    "access",
    "answers",
    "prompt",
    "guard",
    "privacy",
    "rate",
    "budget",
]


@dataclass(frozen=True, slots=True)
class Row:
    """One setting in words, harmless for Discord. `empty` is said where there are no items.

    `value` is what was chosen, so that two rows can be compared."""

    part: Part
    name: str
    value: object
    items: tuple[str, ...]
    empty: str = ""


def line(row: Row, limit: int) -> str:
    """Give name and words of a setting, the words in at most `limit` characters."""
    return _("**{name}:** {value}").format(name=row.name, value=said(row, limit))


def turned(name: str, value: str, before: str) -> str:
    """Say what something is now and what it was."""
    return _("**{name}:** {value} (it was: {before})").format(name=name, value=value, before=before)


def said(row: Row, limit: int) -> str:
    """Give a setting's words in at most `limit` characters; whole items give way first."""
    return joined(row.items, limit) if row.items else row.empty


def joined(items: tuple[str, ...], limit: int) -> str:
    """Join items within `limit` characters; those at the end give way to “and 12 more”."""
    for count in range(len(items), 0, -1):
        text = _counted(items, count)
        if len(text) <= limit or count == 1:
            return cut(text, limit)
    return ""


def _counted(items: tuple[str, ...], count: int) -> str:
    text = ", ".join(items[:count])
    if count == len(items):
        return text
    return _("{items} and {count} more").format(items=text, count=len(items) - count)
