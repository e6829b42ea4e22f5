"""Models described for reading, a line each, and spread over pages."""

from collections.abc import Sequence

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.i18n import _
from cogs._facts import abilities, model_name, origin_text, price_text, standing
from cogs._filters import Filters
from cogs._panels import MESSAGE_LIMIT, cut

PAGE_SIZE = 8
# The rest is for the lines above the entries.
PAGE_LIMIT = MESSAGE_LIMIT - 200
ENTRY_LIMIT = 600


def entries(catalog: Catalog, filters: Filters, offered: Sequence[str]) -> list[str]:
    """Describe each model that fits, the most usable first, those that are gone last."""
    found = [model for model in catalog.models.values() if filters.fit(model)]
    ranked = [(*standing(model, catalog, offered), model) for model in found]
    ranked.sort(key=lambda entry: entry[0])
    return [_entry(model, state) for _rank, state, model in ranked]


def _entry(model: Model, state: str) -> str:
    line = _("**{name}** (`{model_id}`): {abilities}; {price}. {state} {origin}").format(
        name=model_name(model),
        model_id=model.id,
        abilities="; ".join(abilities(model)),
        price=price_text(model.price),
        state=state,
        origin=origin_text(model),
    )
    return cut(line, ENTRY_LIMIT)


def paged(lines: Sequence[str]) -> list[list[str]]:
    """Spread lines over pages of at most eight, none over a message's limit."""
    pages: list[list[str]] = []
    room = 0
    for line in lines:
        room -= len(line) + 1
        if room < 0 or len(pages[-1]) == PAGE_SIZE:
            pages.append([])
            room = PAGE_LIMIT - len(line) - 1
        pages[-1].append(line)
    return pages
