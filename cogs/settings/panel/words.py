"""A part's values in words, within the room that a message has."""

from collections.abc import Mapping, Sequence

from bot.choices import GuildSettings
from bot.i18n import _
from cogs._changing.describe import rows
from cogs._changing.rows import Row, line, said
from cogs._panels import MESSAGE_LIMIT
from cogs.settings.panel.part import Here, Part

GLANCE_LIMIT = 80
LINE_LIMIT = 125
AROUND = 40
"""Characters that a value's name and marks take."""


def values(here: Here, name: str, part: Part, room: int) -> list[str]:
    """Give a part's settings as lines of about `room` characters in total."""
    found = [row for row in rows(here.settings, here.catalog) if row.part == name]
    found += part.besides(here)
    limit = max(GLANCE_LIMIT, room // len(found) - AROUND)
    return [line(row, limit) for row in found]


def glances(here: Here, parts: Mapping[str, Part]) -> dict[str, str]:
    """Give each part's first value, and whatever else differs from the defaults, on one line."""
    default = rows(GuildSettings(), here.catalog)
    pairs = list(zip(rows(here.settings, here.catalog), default, strict=True))
    return {
        name: _glance(
            [pair for pair in pairs if pair[0].part == name], part.besides(here), _(part.title)
        )
        for name, part in parts.items()
    }


def _glance(pairs: Sequence[tuple[Row, Row]], besides: Sequence[Row], title: str) -> str:
    first = pairs[0][0]
    chosen = [row for row, default in pairs[1:] if row.value != default.value]
    plain = first.name == title or (len(pairs) == 1 and not besides)
    head = said(first, GLANCE_LIMIT) if plain else _named(first)
    return _joined([head, *map(_named, chosen), *(_named(row) for row in besides if row.items)])


def _joined(phrases: Sequence[str]) -> str:
    """Join phrases on one line; those without room give way to three dots."""
    for count in range(len(phrases), 1, -1):
        more = ("…",) if count < len(phrases) else ()
        text = "; ".join((*phrases[:count], *more))
        if len(text) <= LINE_LIMIT:
            return text
    return phrases[0] if len(phrases) == 1 else f"{phrases[0]}; …"


def room_beside(lines: Sequence[str]) -> int:
    """Give how many characters are left in a message with these lines."""
    return MESSAGE_LIMIT - sum(len(each) + 1 for each in lines) - 100


def _named(row: Row) -> str:
    return _("{name}: {value}").format(name=row.name, value=said(row, GLANCE_LIMIT))
