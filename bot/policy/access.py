"""Who may ask which model: members choose among those their moderators offer."""

from collections.abc import Sequence

from bot.catalog.types import Model
from bot.errors import NotOffered
from bot.i18n import _


def choose(wanted: str | None, offered: Sequence[Model]) -> Model:
    """Give the model a question goes to: the first offered one, or the wanted one if offered.

    Raises NotOffered."""
    if wanted is None:
        return offered[0]
    for model in offered:
        if wanted in (model.id, *model.aliases):
            return model
    raise NotOffered(
        _("The model “{wanted}” isn't offered here. You can choose: {models}.").format(
            wanted=wanted, models=", ".join(model.id for model in offered)
        )
    )
