"""The list of models that Other model opens."""

from collections.abc import Sequence

import discord

from bot.catalog.types import Model
from bot.errors import Refused
from bot.i18n import _
from cogs._reply.buttons import Action, custom_id

CHOICES = 25
VALUE = 100


def model_list(
    models: Sequence[Model], question_id: int, *, in_guild: bool
) -> tuple[str, discord.ui.View]:
    """Give the sentence and the list to choose a model from; raises Refused if there is one."""
    listed = [model for model in models if len(model.id) <= VALUE][:CHOICES]
    if len(listed) < 2:
        raise Refused(_only_one(in_guild=in_guild))
    select: discord.ui.Select[discord.ui.View] = discord.ui.Select(
        custom_id=custom_id(Action.MODEL, question_id),
        placeholder=_("Choose a model"),
        options=[
            discord.SelectOption(
                label=model.label[:100], value=model.id, description=model.provider.label[:100]
            )
            for model in listed
        ],
    )
    view = discord.ui.View(timeout=None)
    view.add_item(select)
    view.stop()  # answered by its custom_id; discord.py need not keep it
    return _("Who shall answer?"), view


def _only_one(*, in_guild: bool) -> str:
    if not in_guild:
        return _("Only one model answers here: the one that whoever runs this bot has chosen.")
    return _(
        "Only one model is offered here. A moderator can offer more with "
        "/settings model, option also."
    )
