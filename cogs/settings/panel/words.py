"""A part's values in words, within the room that a message has."""

from collections.abc import Sequence

from bot.choices import GuildSettings
from bot.i18n import _
from cogs._changing.describe import rows
from cogs._changing.rows import Row, line, said
from cogs._panels import MESSAGE_LIMIT
from cogs.settings.panel.part import Here

VALUE_LIMIT = 300
GLANCE_LIMIT = 80


def values(here: Here, part: str, room: int) -> list[str]:
    """Give a part's settings as lines of about `room` characters in total."""
    found = _of(here.settings, here, part)
    limit = max(GLANCE_LIMIT, room // max(1, len(found)) - GLANCE_LIMIT // 2)
    return [line(row, limit) for row in found]


def glance(here: Here, part: str, title: str) -> str:
    """Give a part's first value, and whatever else differs from the defaults, on one line."""
    default = {row.name: row.value for row in _of(GuildSettings(), here, part)}
    found = _of(here.settings, here, part)
    chosen = [row for row in found[1:] if row.value != default[row.name]]
    return "; ".join(_named(row, title, alone=len(found) == 1) for row in (*found[:1], *chosen))


def _named(row: Row, title: str, *, alone: bool) -> str:
    value = said(row, GLANCE_LIMIT)
    if alone or row.name == title:
        return value
    return _("{name}: {value}").format(name=row.name, value=value)


def room_beside(lines: Sequence[str]) -> int:
    """Give how many characters are left in a message with these lines."""
    return MESSAGE_LIMIT - sum(len(each) + 1 for each in lines) - 100


def _of(settings: GuildSettings, here: Here, part: str) -> list[Row]:
    return [row for row in rows(settings, here.catalog) if row.part == part]
