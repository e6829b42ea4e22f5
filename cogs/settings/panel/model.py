"""The panel's part about the model that answers, and what members may choose besides."""

from dataclasses import replace

import discord

from bot.choices import ALSO_MAX, GuildSettings
from bot.i18n import N_, _
from cogs._changing.choosing import DEFAULT, NONE, parse_also, parse_model
from cogs._forms import field, form
from cogs.settings.panel.controls import OPTIONS, Row, button, option, select
from cogs.settings.panel.models import ID_MAX, model_options, type_button
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "model"
TEST = "test"
LIST_MAX = 4000


def rows(here: Here) -> list[Row]:
    """Lay out the models to choose among, once for the server and once for members."""
    chosen = here.settings.model_id
    default = option(DEFAULT, _("This bot's default model"), chosen=chosen is None)
    return [
        select(
            custom_id(NAME, "chosen"),
            _("The model that answers here"),
            [default, *model_options(here, (chosen,) if chosen else (), limit=OPTIONS - 1)],
        ),
        select(
            custom_id(NAME, "also"),
            _("Models that members may choose besides"),
            model_options(here, here.settings.also, without=[here.model.id], limit=ALSO_MAX),
            most=ALSO_MAX,
        ),
        (type_button(NAME), *_test(here)),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Put a model in force, or what members may choose besides."""
    settings, catalog = here.settings, here.catalog
    match press.control:
        case ("type",):
            return _form(settings)
        case ("typed",):
            also = parse_also(press.texts["also"] or NONE, (), catalog)
            model_id = parse_model(press.texts["model"] or DEFAULT, catalog)
        case ("also",):
            kept = tuple(each for each in settings.also if each not in press.removed)
            also = parse_also(f"+{','.join(press.added)}", kept, catalog)
            model_id = settings.model_id
        case _:
            also, model_id = settings.also, parse_model("".join(press.values), catalog)
    others = tuple(other for other in also if other != model_id)
    return replace(settings, model_id=model_id, also=others)


def _test(here: Here) -> Row:
    if here.model.provider.kind == "local" or not here.catalog.usable(here.model):
        return ()
    return (button(custom_id(NAME, TEST), _("Test whether it sees")),)


def _form(settings: GuildSettings) -> discord.ui.Modal:
    hint = _("Ids such as openai/gpt-4o; /models lists them.")
    also = ", ".join(settings.also)
    return form(
        custom_id(NAME, "typed"),
        _("Models by name"),
        field("model", _("Model"), settings.model_id or DEFAULT, hint=hint, most=ID_MAX),
        field("also", _("Others, separated by commas"), also, most=LIST_MAX, long=True),
    )


PART = Part(N_("Model"), rows, changed)
