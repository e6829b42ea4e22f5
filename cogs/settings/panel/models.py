"""Models to choose among in a select, which holds 25; a form takes the others by name."""

from collections.abc import Iterable, Sequence

import discord

from bot.catalog.types import Model
from bot.i18n import _
from cogs._changing.choosing import CHOICE_LIMIT, labelled
from cogs._forms import field, form
from cogs.settings.panel.controls import OPTIONS, Item, button, option
from cogs.settings.panel.part import Here
from cogs.settings.panel.press import Press, custom_id

ID_MAX = 200


def ranked(here: Here, first: Iterable[str] = ()) -> list[Model]:
    """Give the models that can be asked here: `first`, the one in force, the proven, the rest."""
    order = {m: rank for rank, m in enumerate(dict.fromkeys((*first, here.model.id)))}
    usable = here.catalog.search("", usable_only=True, limit=len(here.catalog.models))
    fitting = [model for model in usable if len(model.id) <= CHOICE_LIMIT]
    return sorted(fitting, key=lambda m: (order.get(m.id, len(order)), not here.seen(m)))


def model_options(
    here: Here, chosen: Sequence[str] = (), *, without: Iterable[str] = (), limit: int = OPTIONS
) -> list[discord.SelectOption]:
    """Give models as things to choose, what is chosen first; those nobody proved say so."""
    left_out = set(without)
    models = [model for model in ranked(here, chosen) if model.id not in left_out]
    return [
        option(model.id, labelled(model, here.seen), chosen=model.id in chosen)
        for model in models[:limit]
    ]


def type_button(part: str, *control: str) -> Item:
    """Give the button to a form in which a model is named that the select doesn't hold."""
    return button(custom_id(part, "type", *control), _("Type another model…"))


def type_form(part: str, *control: str) -> discord.ui.Modal:
    """Give the form in which one model is named; it is submitted as this control."""
    typed = field("model", _("Model"), hint=_("/models lists the ids."), most=ID_MAX)
    return form(custom_id(part, *control), _("Another model"), typed)


def named(press: Press) -> str:
    """Give the model that was chosen or typed."""
    return press.texts.get("model", "") or "".join(press.values)
