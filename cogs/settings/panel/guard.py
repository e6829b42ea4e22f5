"""The panel's part about the guard that looks at questions first."""

from dataclasses import replace

from bot.i18n import N_, _
from cogs._changing.choosing import CHOICE_LIMIT, OFF, parse_guard
from cogs._facts import model_name
from cogs.settings.panel.controls import Row, button, option, select
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "guard"


def rows(here: Here) -> list[Row]:
    """Lay out the guards to choose among, and what happens while one can't look."""
    chosen = here.settings.screen_model
    guards = [model for model in here.catalog.guards() if len(model.id) <= CHOICE_LIMIT]
    options = [option(model.id, model_name(model), chosen=model.id == chosen) for model in guards]
    none = option(OFF, _("No guard"), chosen=chosen is None)
    lenient = here.settings.screen_lenient
    label = _("Refuse while it can't look") if lenient else _("Let through while it can't look")
    return [
        select(custom_id(NAME, "chosen"), _("The guard that looks first"), [none, *options]),
        (button(custom_id(NAME, "lenient"), label),),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Change the guard, or what happens without it."""
    match press.control:
        case ("lenient",):
            return replace(here.settings, screen_lenient=not here.settings.screen_lenient)
        case _:
            guard = parse_guard("".join(press.values), here.catalog)
            return replace(here.settings, screen_model=guard)


PART = Part(N_("Guard"), rows, changed)
