"""What a panel says and which controls it has, in each of its states."""

from collections.abc import Sequence

import discord

from bot.i18n import _
from cogs.settings.panel import overview
from cogs.settings.panel.controls import Item, Page, Row, button
from cogs.settings.panel.part import Here, Part
from cogs.settings.panel.press import custom_id
from cogs.settings.panel.registry import PARTS
from cogs.settings.panel.words import room_beside, values

OVERVIEW = "overview"
UNDO = "undo"
BUTTONS = 5


def overview_page(here: Here, told: Sequence[str]) -> Page:
    """Draw the first page below what is to be told."""
    return Page([*told, *overview.lines(here, PARTS)], overview.rows(PARTS))


def part_page(
    here: Here,
    name: str,
    told: Sequence[str] = (),
    facts: Sequence[str] = (),
    change_id: int | None = None,
) -> Page:
    """Draw a part: what is to be told, its values, what explains them, its controls."""
    part = PARTS[name]
    above = [*told, _heading(part)]
    below = [*facts, part.hint(here)] if part.hint else facts
    body = values(here, name, part, room_beside([*above, *below]))
    return Page([*above, *body, *below], _with_buttons(name, part.rows(here), change_id))


def sub_page(name: str, page: Page) -> Page:
    """Draw what has to be chosen first, with the way back."""
    back = button(custom_id(name), _("Back to {part}").format(part=_(PARTS[name].title)))
    return Page([_heading(PARTS[name]), *page.lines], _joined(page.rows, [back, _home()]))


def _heading(part: Part) -> str:
    return _("### Settings: {part}").format(part=_(part.title))


def _with_buttons(name: str, rows: Sequence[Row], change_id: int | None) -> Sequence[Row]:
    if change_id is None:
        return _joined(rows, [_home()])
    undo = button(custom_id(name, UNDO, str(change_id)), _("Undo"))
    return _joined(rows, [undo, _home()])


def _home() -> Item:
    return button(custom_id(OVERVIEW), _("Overview"))


def _joined(rows: Sequence[Row], added: Row) -> Sequence[Row]:
    """Add buttons to the last row, or below it."""
    last = rows[-1] if rows else ()
    buttons = all(isinstance(item, discord.ui.Button) for item in last)
    if last and buttons and len(last) + len(added) <= BUTTONS:
        return [*rows[:-1], [*last, *added]]
    return [*rows, added]
