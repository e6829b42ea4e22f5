"""What is known of a model, in words: abilities, price, and whether it works here."""

from collections.abc import Sequence
from decimal import Decimal
from enum import IntEnum

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model, Price
from bot.i18n import _, ngettext


class Standing(IntEnum):
    """Whether a model can be asked here, the best first."""

    ANSWERS = 0
    OFFERED = 1
    READY = 2
    NOT_CONFIGURED = 3
    BLIND = 4
    RETIRED = 5


def model_name(model: Model) -> str:
    """Name a model and who runs it."""
    return _("{model} at {provider}").format(model=model.label, provider=model.provider.label)


def name_of(model_id: str, catalog: Catalog) -> str:
    """Name a model by its id; the id itself when the catalog no longer has it."""
    model = catalog.find(model_id)
    return model_name(model) if model else model_id


def standing(model: Model, catalog: Catalog, offered: Sequence[Model]) -> Standing:
    """Tell whether a model can be asked where `offered` are offered, the default first."""
    if model.retired:
        return Standing.RETIRED
    if not model.sees:
        return Standing.BLIND
    if not catalog.usable(model):
        return Standing.NOT_CONFIGURED
    ids = [other.id for other in offered]
    if model.id not in ids:
        return Standing.READY
    return Standing.OFFERED if ids.index(model.id) else Standing.ANSWERS


def standing_text(model: Model, rank: Standing) -> str:
    """Say whether a model can be asked here, and what to do if not."""
    match rank:
        case Standing.ANSWERS:
            text = _("answers here")
        case Standing.OFFERED:
            text = _("members can choose it here")
        case Standing.READY:
            text = _("a moderator can choose it with /settings model")
        case Standing.NOT_CONFIGURED:
            text = _("not set up by whoever runs this bot")
        case Standing.BLIND:
            text = _("can't look at pictures")
        case Standing.RETIRED if model.successor:
            text = _("retired {day}; use `{successor}`").format(
                day=model.retired, successor=model.successor
            )
        case Standing.RETIRED:
            text = _("retired {day}").format(day=model.retired)
    return text


def abilities(model: Model) -> list[str]:
    """Give what a model takes and how it answers, one phrase each."""
    formats = ", ".join(name.upper() for name in model.images.formats)
    count = model.images.max_count
    phrases = [
        ngettext(
            "{count} picture a question ({formats})",
            "up to {count} pictures a question ({formats})",
            count,
        ).format(count=count, formats=formats)
    ]
    if model.reasoning:
        phrases.append(_("thinks before it answers"))
    if not model.proven:
        phrases.append(_("not proven to see"))
    if model.shutdown and not model.retired:
        phrases.append(_("ends {day}").format(day=model.shutdown))
    return phrases


def price_text(price: Price | None) -> str:
    """Say what a million tokens cost, and when that was read."""
    if price is None:
        return _("price unknown")
    if not price.input and not price.output:
        return _("free")
    return _("${input} in and ${output} out per million tokens (read {day})").format(
        input=_plain(price.input), output=_plain(price.output), day=price.checked
    )


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
