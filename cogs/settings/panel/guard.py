"""The panel's part about the guard that looks at questions first."""

from dataclasses import replace

from bot.choices import GuildSettings
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
    return [
        select(custom_id(NAME, "chosen"), _("The guard that looks first"), [none, *options]),
        _lenient(here.settings) if chosen else (),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Change the guard, or what happens without it."""
    match press.control:
        case ("lenient",):
            return replace(here.settings, screen_lenient=not here.settings.screen_lenient)
        case _:
            guard = parse_guard("".join(press.values), here.catalog)
            return replace(here.settings, screen_model=guard)


def _lenient(settings: GuildSettings) -> Row:
    if settings.screen_lenient:
        label = _("Refuse while it can't look")
    else:
        label = _("Let through while it can't look")
    return (button(custom_id(NAME, "lenient"), label),)


def _hint(here: Here) -> str:
    if here.catalog.guards():
        return _("A guard judges each question and its pictures before the model sees them.")
    return _("Whoever runs this bot has set up no guard, so there is none to choose.")


PART = Part(N_("Guard"), rows, changed, _hint)
