"""A part's values in words, within the room that a message has."""

from collections.abc import Sequence

from bot.choices import GuildSettings
from bot.i18n import _
from cogs._changing.describe import rows
from cogs._changing.rows import Row, line, said
from cogs._panels import MESSAGE_LIMIT
from cogs.settings.panel.part import Here, Part

GLANCE_LIMIT = 80
AROUND = 40
"""Characters that a value's name and marks take."""


def values(here: Here, name: str, part: Part, room: int) -> list[str]:
    """Give a part's settings as lines of about `room` characters in total."""
    found = [*_rows(here.settings, here, name), *part.besides(here)]
    limit = max(GLANCE_LIMIT, room // len(found) - AROUND)
    return [line(row, limit) for row in found]


def glance(here: Here, name: str, part: Part) -> str:
    """Give a part's first value, and whatever else differs from the defaults, on one line."""
    default = {row.name: row.value for row in _rows(GuildSettings(), here, name)}
    first, *others = _rows(here.settings, here, name)
    chosen = [row for row in others if row.value != default[row.name]]
    besides = part.besides(here)
    alone = not others and not besides
    head = said(first, GLANCE_LIMIT) if alone or first.name == _(part.title) else _named(first)
    return "; ".join([head, *map(_named, chosen), *(_named(row) for row in besides if row.items)])


def room_beside(lines: Sequence[str]) -> int:
    """Give how many characters are left in a message with these lines."""
    return MESSAGE_LIMIT - sum(len(each) + 1 for each in lines) - 100


def _named(row: Row) -> str:
    return _("{name}: {value}").format(name=row.name, value=said(row, GLANCE_LIMIT))


def _rows(settings: GuildSettings, here: Here, name: str) -> list[Row]:
    return [row for row in rows(settings, here.catalog) if row.part == name]
