"""Why a model can't be asked, or can't guard: each a reason and what to do instead."""

import datetime as dt

from bot.catalog.types import Model
from bot.i18n import _


def unknown(model_id: str) -> str:
    """Say that there is no such model."""
    return _("There is no model “{id}” here. /models lists them.").format(id=model_id)


def not_asked(model: Model, today: dt.date) -> str | None:
    """Say why nobody can ask it about a picture; None if one can.

    What it can never do is said before what it no longer does."""
    gone = model.gone_since(today)
    if model.guard:
        return _not_gone_guard(model) if gone is None else _gone_guard(model, gone)
    if not model.chat:
        return _instead(
            model, _("{model} doesn't answer questions: it has another interface than chat.")
        )
    if not model.sees:
        return _instead(model, _("{model} can't see pictures."))
    return None if gone is None else _gone(model, gone)


def not_guarding(model: Model, today: dt.date) -> str | None:
    """Say why it can't guard; None if it can."""
    gone = model.gone_since(today)
    if not model.guard:
        return _("{model} is no guard. Choose a model that is made to judge questions.").format(
            model=model.label
        )
    return None if gone is None else _gone_guard(model, gone)


def not_configured(model: Model) -> str:
    """Say which name in the environment is missing, and what a server can do without it."""
    if model.provider.needs_key:
        return _(
            "{model} needs {name}, which whoever runs this bot has not set. "
            "In a server, moderators can enter a key of its own with /settings key."
        ).format(model=model.label, name=model.provider.needed_env)
    return _("{model} needs {name}, which whoever runs this bot has not set.").format(
        model=model.label, name=model.provider.needed_env
    )


def not_paid(model: Model) -> str:
    """Say what it takes in a guild for which the operator doesn't pay."""
    if not model.provider.needs_key:
        return _("{model} isn't offered to this server. Choose another model.").format(
            model=model.label
        )
    return _(
        "{model} needs a key of this server's own. A moderator can enter one with /settings key."
    ).format(model=model.label)


def _gone(model: Model, day: dt.date) -> str:
    reason = _("{model} was shut down on {date}.")
    if day == model.retired and "retired" in model.from_list:
        reason = _("{model} has been missing from its provider's list since {date}.")
    return _instead(model, reason, day)


def _instead(model: Model, reason: str, day: dt.date | None = None) -> str:
    advice = _("Choose {successor} instead.") if model.successor else _("Choose another model.")
    return _filled(model, reason, advice, day)


def _not_gone_guard(model: Model) -> str:
    return _filled(
        model,
        _("{model} is a guard: it judges questions and answers none."),
        _("A moderator can switch it on with /settings screen."),
    )


def _gone_guard(model: Model, day: dt.date) -> str:
    advice = _("A moderator can switch on {successor} with /settings screen.")
    if model.successor is None:
        advice = _("A moderator can switch on another with /settings screen.")
    return _filled(model, _("{model} is a guard that was shut down on {date}."), advice, day)


def _filled(model: Model, reason: str, advice: str, day: dt.date | None = None) -> str:
    return f"{reason} {advice}".format(model=model.label, successor=model.successor, date=day)
