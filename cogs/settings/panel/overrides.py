"""The panel's part about other models for who has a role, or for what is asked in a channel."""

from dataclasses import replace

from bot.choices import Override
from bot.i18n import _
from cogs._changing.choosing import parse_model
from cogs._changing.rules import OVERRIDES, override_order
from cogs._facts import name_of
from cogs.settings.overrides import with_override
from cogs.settings.panel.controls import Page, Row, channels, option, roles, select
from cogs.settings.panel.models import model_options, named, type_button, type_form
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "overrides"


def rows(here: Here) -> list[Row]:
    """Lay out where another model can answer, and those that do."""
    listed = here.settings.overrides
    known = [option(f"{each.scope} {each.id}", _label(each, here)) for each in listed]
    return [
        channels(custom_id(NAME, "pick", "channel"), _("Choose a model for a channel"), most=1),
        roles(custom_id(NAME, "pick", "role"), _("Choose a model for a role")),
        select(custom_id(NAME, "first"), _("Put this one first"), known[1:]),
        select(custom_id(NAME, "remove"), _("Take other models away"), known, most=len(known)),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Change which model answers where or whom."""
    listed = here.settings.overrides
    picked = tuple(each for each in listed if f"{each.scope} {each.id}" in press.values)
    others = tuple(each for each in listed if each not in picked)
    match press.control:
        case ("pick", "channel" | "role" as scope):
            return _page(here, scope, press.values[0]) if press.values else here.settings
        case ("type", scope, number):
            return type_form(NAME, "set", scope, number)
        case ("set", "channel" | "role" as scope, number):
            model_id = parse_model(named(press), here.catalog) or here.model.id
            after = with_override(listed, scope, int(number), model_id)
            return replace(here.settings, overrides=after)
        case ("first",):
            return replace(here.settings, overrides=(*picked, *others))
        case _:
            return replace(here.settings, overrides=others)


def _page(here: Here, scope: str, number: str) -> Page:
    """Give the models to choose among for one role or channel."""
    where = f"<@&{number}>" if scope == "role" else f"<#{number}>"
    current = [
        o.model_id for o in here.settings.overrides if (o.scope, str(o.id)) == (scope, number)
    ]
    if scope == "role":
        here.some_roles((int(number),))
    asked = _("Which model answers for {where}?").format(where=where)
    options = model_options(here, current)
    return Page(
        [asked],
        [
            select(
                custom_id(NAME, "set", scope, number), _("The model that answers there"), options
            ),
            (type_button(NAME, scope, number),),
        ],
    )


def _label(override: Override, here: Here) -> str:
    name = here.role_name if override.scope == "role" else here.channel_name
    model = name_of(override.model_id, here.catalog)
    return _("{where}: {model}").format(where=name(override.id), model=model)


def _hint(_here: Here) -> str:
    return override_order()


PART = Part(OVERRIDES, rows, changed, _hint)
