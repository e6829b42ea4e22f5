"""What is known of a model, in words: abilities, price, and whether it works here."""

from collections.abc import Sequence
from decimal import Decimal

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model, Price
from bot.errors import ModelUnavailable
from bot.i18n import N_, _, ngettext
from bot.text import plain
from cogs._panels import cut

SOURCE_LIMIT = 90


def model_name(model: Model) -> str:
    """Name a model and who runs it."""
    if model.provider.kind == "local":
        return model.label
    return _("{model} at {provider}").format(model=model.label, provider=model.provider.label)


def name_of(model_id: str, catalog: Catalog) -> str:
    """Name a model by its id; the id itself when the catalog no longer has it."""
    model = catalog.find(model_id)
    return model_name(model) if model else model_id


def standing(model: Model, catalog: Catalog, offered: Sequence[str]) -> tuple[int, str]:
    """Say whether a model can be asked where these ids are offered, the default first.

    The number sorts: what answers here comes first, what is gone last."""
    try:
        catalog.resolve(model.id)
    except ModelUnavailable as why:
        return (3 if catalog.living(model) else 4), why.sentence
    if model.id not in offered:
        return 2, _("In a server moderators can choose it with /settings model.")
    if model.id != offered[0]:
        return 1, _("Members can choose it here.")
    return 0, _("It answers here.")


def abilities(model: Model) -> list[str]:
    """Give what a model takes and how it answers, one phrase each."""
    count = model.images.max_count
    phrases = [
        ngettext(
            "{count} picture a question ({formats})",
            "up to {count} pictures a question ({formats})",
            count,
        ).format(count=count, formats=", ".join(model.images.formats).upper())
    ]
    if model.provider.kind == "local":
        phrases.append(_("only reads text"))
    if model.context_tokens:
        phrases.append(_("{tokens:,} tokens of context").format(tokens=model.context_tokens))
    if model.reasoning:
        phrases.append(_("thinks before it answers"))
    if not model.proven:
        phrases.append(unproven())
    if model.shutdown:
        phrases.append(_("ends {day}").format(day=model.shutdown))
    return phrases


def unproven() -> str:
    """Mark a model that nobody has seen looking at a picture."""
    return _("not proven to see")


def price_text(price: Price | None) -> str:
    """Say what a million tokens cost, and when that was read."""
    if price is None:
        return _("price unknown")
    if not price.input and not price.output:
        return _("free")
    return _("${input} in and ${output} out per million tokens (read {day})").format(
        input=_plain(price.input), output=_plain(price.output), day=price.checked
    )


def origin_text(model: Model) -> str:
    """Say where the facts come from: what ships with its source, what the provider's list told."""
    if model.found is not None:
        return _("Found on {day} on the provider's own list.").format(day=model.found)
    source = cut(plain(model.source), SOURCE_LIMIT)
    shipped = _("Facts: {source}, read {day}").format(source=source, day=model.checked)
    facts = [_(told) for fact, told in _TOLD.items() if fact in model.from_list]
    if not facts or model.listed is None:
        return f"{shipped}."
    return _("{shipped}; from the provider's own list of {day}: {facts}.").format(
        shipped=shipped, facts=", ".join(facts), day=model.listed
    )


_TOLD = {
    "price": N_("price"),
    "context_tokens": N_("context"),
    "shutdown": N_("its end"),
    "retired": N_("that it is gone"),
    "sees": N_("whether it sees"),
    "reasoning": N_("whether it thinks"),
}


def _plain(amount: Decimal) -> str:
    cents = round(amount, 2)
    return str(cents) if cents == amount else f"{amount.normalize():f}"
