"""What providers' own lists say of models, laid over the shipped catalog.

The shipped rows are the floor: a list adds, dates and retires, but takes no row away."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

import msgspec

from bot.catalog.types import ImageLimits, ImageTokens, Model, Price, Provider

OWN_LIST = "provider's own list"

_POLICIES = (":fastest", ":cheapest", ":preferred")  # Hugging Face's, of any partner
_KIN_LETTERS = 3  # what names of one family have in common, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One model as a provider's list has it; None where the list doesn't tell.

    Prices are USD per million tokens."""

    name: str
    label: str = ""
    aliases: tuple[str, ...] = ()
    sees: bool | None = None
    chat: bool | None = None
    reasoning: bool | None = None
    context_tokens: int | None = None
    input_usd: Decimal | None = None
    output_usd: Decimal | None = None
    shutdown: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered(Listed):
    """What is kept of a model: what the lists said last, and when.

    `missing_since` is the first list in a row that lacked it; the second one makes it gone."""

    provider: str
    first_seen: dt.datetime | None = None
    """None for a shipped model that no list ever named."""
    last_seen: dt.datetime | None = None
    missing_since: dt.datetime | None = None
    gone_since: dt.datetime | None = None
    was_context_tokens: int | None = None
    was_input_usd: Decimal | None = None
    was_output_usd: Decimal | None = None
    changed_at: dt.datetime | None = None
    """When price or context became what they are; what they were before is in `was_…`."""

    @property
    def price(self) -> Price | None:
        """The listed price, with the day it was read."""
        if self.input_usd is None or self.output_usd is None or self.last_seen is None:
            return None
        return Price(
            input=self.input_usd,
            output=self.output_usd,
            checked=self.last_seen.date(),
            source=OWN_LIST,
        )


def names_of(model: Model) -> Iterator[str]:
    """Give every name under which a list may have a model of ours, folded for comparing."""
    prefix = f"{model.provider.id}/"
    for name in (model.name, *(alias.removeprefix(prefix) for alias in model.aliases)):
        yield name.casefold()
        plain, _colon, _policy = name.rpartition(":")
        if model.provider.suffixes and name.endswith(_POLICIES):
            yield plain.casefold()


def names_in(row: Listed) -> Iterator[str]:
    """Give every name that a list has for this model, folded for comparing."""
    return (name.casefold() for name in (row.name, *row.aliases))


def overlaid(
    models: Mapping[str, Model],
    providers: Mapping[str, Provider],
    templates: Mapping[str, Model],
    rows: Iterable[Discovered],
) -> dict[str, Model]:
    """Give the shipped models with what the lists say, and after each provider's own the new ones
    that see, in the catalog's order."""
    by_provider: dict[str, list[Discovered]] = {}
    for row in rows:
        by_provider.setdefault(row.provider, []).append(row)
    result: dict[str, Model] = {}
    for provider in providers.values():
        shipped = [model for model in models.values() if model.provider.id == provider.id]
        listed = by_provider.get(provider.id, [])
        index = _index(listed)
        result.update((model.id, _with_facts(model, _row_of(model, index))) for model in shipped)
        if shipped or provider.id in templates:
            result.update(_new_models(shipped, templates.get(provider.id), listed))
    return result


def _index(rows: list[Discovered]) -> dict[str, Discovered]:
    """Find rows by any name: what lives before what is gone, a name before an alias."""
    index: dict[str, Discovered] = {}
    for row in sorted(rows, key=lambda row: row.gone_since is None):
        index.update((alias.casefold(), row) for alias in row.aliases)
        index[row.name.casefold()] = row
    return index


def _row_of(model: Model, index: Mapping[str, Discovered]) -> Discovered | None:
    return next((index[name] for name in names_of(model) if name in index), None)


def _with_facts(model: Model, row: Discovered | None) -> Model:
    """Put the list's figures over the shipped ones; what it doesn't tell stays."""
    if row is None:
        return model
    told: dict[str, object] = {
        "context_tokens": row.context_tokens,
        "price": row.price,
        "shutdown": row.shutdown,
        **{fact: getattr(row, fact) for fact in ("sees", "reasoning") if fact in model.unverified},
    }
    facts = {fact: value for fact, value in told.items() if value is not None}
    if row.gone_since is not None:
        facts["retired"] = min(filter(None, (model.retired, row.gone_since.date())))
    return msgspec.structs.replace(
        model,
        **facts,
        listed=row.last_seen and row.last_seen.date(),
        from_list=frozenset(facts),
        unverified=model.unverified.difference(facts),
    )


def _new_models(
    shipped: list[Model], template: Model | None, rows: list[Discovered]
) -> Iterator[tuple[str, Model]]:
    taken = {name for model in shipped for name in names_of(model)}
    for row in rows:
        if row.sees and row.chat is not False and taken.isdisjoint(names_in(row)):
            taken.update(names_in(row))
            if base := _kin(row.name, shipped) or _plain_base(shipped, template):
                model = _new_model(base, row)
                yield model.id, model


def _kin(name: str, shipped: list[Model]) -> Model | None:
    """Give the shipped model whose name begins most like this: most likely it's asked alike."""
    if not shipped:
        return None

    def alike(model: Model) -> int:
        pairs = zip(name.casefold(), model.name.casefold(), strict=False)
        common = [pair[0] for pair in takewhile(lambda pair: pair[0] == pair[1], pairs)]
        family = "".join(common).rpartition("/")[2]
        return len(common) if len(family) >= _KIN_LETTERS else 0

    nearest = max((model for model in shipped if not model.guard), key=alike, default=None)
    return nearest if nearest is not None and alike(nearest) else None


def _plain_base(shipped: list[Model], template: Model | None) -> Model | None:
    """Give what a model of no known family starts from: the safer value of everything."""
    base = template or next((model for model in shipped if model.dialect == "openai"), None)
    if base is None or base is template:
        return base
    return msgspec.structs.replace(
        base, transport="inline", images=ImageLimits(), image_tokens=ImageTokens(), extra_body={}
    )


def _new_model(base: Model, row: Discovered) -> Model:
    """Make a row for a model that doesn't ship: nobody has proven anything about it."""
    seen = (row.last_seen or row.first_seen or dt.datetime.now(dt.UTC)).date()
    told = {"context_tokens", "price", "shutdown", "reasoning"}
    told = {fact for fact in told if getattr(row, fact) is not None}
    elsewhere = base.provider.suffixes  # one partner's limits say nothing about the next's
    return msgspec.structs.replace(
        base,
        transport="inline" if elsewhere else base.transport,
        images=ImageLimits() if elsewhere else base.images,
        id=f"{base.provider.id}/{row.name}",
        name=row.name,
        label=row.label or row.name,
        aliases=tuple(f"{base.provider.id}/{alias}" for alias in row.aliases),
        context_tokens=row.context_tokens,
        price=row.price or (base.price if _is_free(base) else None),
        reasoning=base.reasoning if row.reasoning is None else row.reasoning,
        shutdown=row.shutdown,
        successor=None,
        retired=row.gone_since and row.gone_since.date(),
        chat=True,
        sees=True,
        guard="guard" in row.name.casefold(),
        proven=False,
        note="",
        checked=seen,
        source=OWN_LIST,
        listed=seen,
        found=(row.first_seen or row.last_seen or dt.datetime.now(dt.UTC)).date(),
        from_list=frozenset(told | {"sees", *(("retired",) if row.gone_since else ())}),
        unverified=frozenset({"transport", "images", "image_tokens", "temperature"}),
    )


def _is_free(base: Model) -> bool:
    """Tell whether it runs on the operator's own machine, where nothing costs anything."""
    return not base.provider.needs_key and base.price is not None and not base.price.input
