"""What became different between two catalogs, a line each: new, gone, back, price, context, end."""

from collections.abc import Iterator
from decimal import Decimal

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model, Price
from bot.i18n import _


def changes(before: Catalog, after: Catalog) -> list[str]:
    """Give a line for whatever is different, in the catalog's order."""
    lines: list[str] = []
    for model in after.models.values():
        was = before.models.get(model.id)
        lines += _new(model) if was is None else _changes(was, model)
    return lines


def _new(model: Model) -> Iterator[str]:
    if model.retired is None:
        yield _("new: {id} ({price})").format(id=model.id, price=_price(model.price))


def _changes(was: Model, model: Model) -> Iterator[str]:
    if model.retired != was.retired:
        yield _retired(model)
    if _amounts(model.price) != _amounts(was.price):
        yield _("price: {id} is {now}; it was {before}").format(
            id=model.id, now=_price(model.price), before=_price(was.price)
        )
    if model.context_tokens != was.context_tokens:
        yield _("context: {id} takes {now} tokens; it was {before}").format(
            id=model.id, now=_count(model.context_tokens), before=_count(was.context_tokens)
        )
    if model.shutdown != was.shutdown:
        yield _shutdown(model)


def _retired(model: Model) -> str:
    if model.retired is None:
        return _("back: {id} is on the list again").format(id=model.id)
    if model.successor is None:
        return _("gone: {id}, missing since {day}").format(id=model.id, day=model.retired)
    return _("gone: {id}, missing since {day}; {successor} follows it").format(
        id=model.id, day=model.retired, successor=model.successor
    )


def _shutdown(model: Model) -> str:
    if model.shutdown is None:
        return _("ends: {id} has no end any more").format(id=model.id)
    return _("ends: {id} shuts down on {day}").format(id=model.id, day=model.shutdown)


def _amounts(price: Price | None) -> tuple[Decimal, Decimal] | None:
    return None if price is None else (price.input, price.output)


def _price(price: Price | None) -> str:
    if price is None:
        return _("price unknown")
    return _("${input} in, ${output} out").format(
        input=f"{price.input:f}", output=f"{price.output:f}"
    )


def _count(tokens: int | None) -> str:
    return _("an unknown number of") if tokens is None else f"{tokens:,}"
