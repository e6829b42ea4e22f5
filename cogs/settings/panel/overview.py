"""The panel's first page: every part at a glance, and the select that leads to each."""

from collections.abc import Mapping

from bot.i18n import _
from cogs.settings.panel.controls import Row, option, select
from cogs.settings.panel.part import Here, Part
from cogs.settings.panel.press import GO, custom_id
from cogs.settings.panel.words import glances


def lines(here: Here, parts: Mapping[str, Part]) -> list[str]:
    """Give a line for each part: its first value, and whatever differs from the defaults."""
    return [
        _("**{name}:** {value}").format(name=_(parts[name].title), value=words)
        for name, words in glances(here, parts).items()
    ]


def rows(parts: Mapping[str, Part]) -> list[Row]:
    """Lay out the parts to choose among."""
    options = [option(name, _(part.title)) for name, part in parts.items()]
    return [select(custom_id(GO), _("Choose what to change"), options)]
