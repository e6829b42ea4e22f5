"""The end of a guild's model in words, and the button that adopts its successor."""

import re
from typing import Any

import discord

from bot.catalog.catalog import Catalog
from bot.guilds.notices import Ending
from bot.i18n import _
from cogs._facts import model_name, name_of
from cogs._panels import buttons, cut

ADOPT = re.compile(r"vidi:adopt:(.+)", re.DOTALL)
CUSTOM_ID_LIMIT = 100
LABEL_LIMIT = 80


def ending_text(ending: Ending, catalog: Catalog) -> str:
    """Say when a model ends or ended, and what follows it."""
    if ending.day > catalog.today():
        what = _("{model} shuts down on {day}.")
    else:
        what = _("{model} can't be asked since {day}.")
    return f"{what} {_advice(ending)}".format(
        model=model_name(ending.model),
        day=ending.day.isoformat(),
        successor=_successor(ending, catalog),
    )


def _advice(ending: Ending) -> str:
    if ending.successor:
        return _("{successor} can take its place here.")
    if ending.model.successor:
        return _("{successor} follows it, but can't be asked here; choose with /settings model.")
    return _("Choose another with /settings model.")


def _successor(ending: Ending, catalog: Catalog) -> str:
    if ending.successor:
        return model_name(ending.successor)
    return name_of(ending.model.successor, catalog) if ending.model.successor else ""


def adopt_button(
    interaction: discord.Interaction[Any], ending: Ending | None
) -> discord.ui.View | None:
    """Offer moderators the successor; None where there is none, or nobody who may choose it."""
    if ending is None or ending.successor is None or not interaction.permissions.manage_guild:
        return None
    custom_id = f"vidi:adopt:{ending.successor.id}"
    if len(custom_id) > CUSTOM_ID_LIMIT:
        return None
    label = _("Switch to {model}").format(model=ending.successor.label)
    return buttons(discord.ui.Button(label=cut(label, LABEL_LIMIT), custom_id=custom_id))
