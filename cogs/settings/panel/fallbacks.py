"""The panel's part about the models that answer when the chosen one can't."""

from dataclasses import replace

from bot.i18n import N_, _
from cogs._facts import name_of
from cogs.settings.fallbacks import parse_fallbacks
from cogs.settings.panel.controls import Row, option, select
from cogs.settings.panel.models import model_options, named, type_button, type_form
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "fallbacks"


def rows(here: Here) -> list[Row]:
    """Lay out what can be added, put first and taken away."""
    listed = here.settings.fallbacks
    places = [
        option(str(place), name_of(model_id, here.catalog)) for place, model_id in enumerate(listed)
    ]
    more = model_options(here, without=[here.model.id, *listed])
    return [
        select(custom_id(NAME, "add"), _("Add a model at the end"), more),
        select(custom_id(NAME, "first"), _("Ask this one first"), places[1:]),
        select(custom_id(NAME, "remove"), _("Take models away"), places, most=len(places)),
        (type_button(NAME),),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Change which models are asked then, and in which order."""
    listed = here.settings.fallbacks
    picked = [model_id for at, model_id in enumerate(listed) if str(at) in press.values]
    others = tuple(model_id for model_id in listed if model_id not in picked)
    match press.control:
        case ("type",):
            return type_form(NAME, "add")
        case ("first",):
            return replace(here.settings, fallbacks=(*picked, *others))
        case ("remove",):
            return replace(here.settings, fallbacks=others)
        case _:
            added = parse_fallbacks(f"+{named(press)}", listed, here.catalog)
            return replace(here.settings, fallbacks=added)


def _hint(_here: Here) -> str:
    return _("When the model can't answer, these are asked in this order; they get the pictures.")


PART = Part(N_("Fallbacks"), rows, changed, _hint)
