"""Which models /models shows: the filters, and how they travel in the buttons' custom_id."""

from dataclasses import dataclass
from decimal import Decimal

from discord.app_commands import Choice

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.errors import Refused
from bot.i18n import _
from bot.text import plain
from cogs._facts import model_name
from cogs._panels import cut

FIELDS = 5
CHOICES = 25
CHOICE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """What must hold for a model to be shown; empty, zero and None mean that all may.

    `price` is what a million tokens may cost, in or out, in USD; `context` the tokens that must
    fit. Where a figure is unknown, the model doesn't fit."""

    search: str = ""
    provider: str = ""
    price: float | None = None
    context: int = 0
    reasoning: bool | None = None
    free: bool = False

    def fit(self, model: Model) -> bool:
        """Tell whether this model is to be shown."""
        return (
            self._named(model)
            and self.provider in ("", model.provider.id)
            and self._cheap(model)
            and (not self.context or (model.context_tokens or 0) >= self.context)
            and self.reasoning in (None, model.reasoning)
        )

    def packed(self) -> str:
        """Give the filters as text without colons but the last field's, the search."""
        price = "" if self.price is None else f"{self.price:g}"
        marks = {None: "", True: "r", False: "n"}[self.reasoning] + ("f" if self.free else "")
        context = str(self.context or "")
        return ":".join((self.provider, price, context, marks, self.search))

    @classmethod
    def unpacked(cls, text: str) -> "Filters":
        """Give the filters that were packed; what can't be read counts as not given."""
        fields = text.split(":", FIELDS - 1)
        provider, price, context, marks, search = fields + [""] * (FIELDS - len(fields))
        return cls(
            search=search,
            provider=provider,
            price=float(price) if price.replace(".", "", 1).isdecimal() else None,
            context=int(context) if context.isdecimal() else 0,
            reasoning=True if "r" in marks else False if "n" in marks else None,
            free="f" in marks,
        )

    def _named(self, model: Model) -> bool:
        text = f"{model.id} {model_name(model)}".casefold()
        return all(word in text for word in self.search.casefold().split())

    def _cheap(self, model: Model) -> bool:
        if not self.free and self.price is None:
            return True
        if model.price is None:
            return False
        most = Decimal(0) if self.free else Decimal(str(self.price))
        return max(model.price.input, model.price.output) <= most


def suggest_provider(text: str, catalog: Catalog) -> list[Choice[str]]:
    """Suggest providers that have models, by name or id."""
    word = text.strip().casefold()
    having = {model.provider.id: model.provider for model in catalog.models.values()}
    return [
        Choice(name=cut(provider.label, CHOICE_LIMIT), value=provider.id)
        for provider in having.values()
        if word in provider.label.casefold() or word in provider.id
    ][:CHOICES]


def provider_of(text: str | None, catalog: Catalog) -> str:
    """Give the id of the provider that was typed or chosen, nothing for None; raises Refused."""
    if text is None:
        return ""
    word = text.strip().casefold()
    for provider in catalog.providers.values():
        if word in (provider.id, provider.label.casefold()):
            return provider.id
    raise Refused(
        _("No provider is called “{name}”. Choose one of those suggested while you type.").format(
            name=plain(text)
        )
    )
