"""What moderators type where a model is wanted, and what is suggested while they type."""

from collections.abc import Callable, Sequence

from discord.app_commands import Choice

from bot.catalog.catalog import Catalog
from bot.catalog.prices import worst_case_nano_usd
from bot.catalog.types import Model
from bot.choices import ALSO_MAX
from bot.errors import Refused
from bot.i18n import _
from cogs._facts import model_name, unproven
from cogs._panels import cut

DEFAULT = "default"
NONE = "none"
OFF = "off"
CHOICE_LIMIT = 100
CHOICES = 25

Seen = Callable[[Model], bool]
"""Whether a model was seen looking at a picture."""


def parse_model(text: str, catalog: Catalog) -> str | None:
    """Give the id of a model that works here, None for the default; raises ModelUnavailable."""
    word = text.strip()
    return None if word.lower() == DEFAULT else catalog.resolve(word).id


def parse_also(text: str, current: tuple[str, ...], catalog: Catalog) -> tuple[str, ...]:
    """Give the ids in a comma-separated list; a list that begins with + adds to `current`.

    Raises ModelUnavailable, and Refused when there are too many."""
    if text.strip().lower() == NONE:
        return ()
    words = _words(text.strip().removeprefix("+"))
    kept = current if text.strip().startswith("+") else ()
    also = tuple(dict.fromkeys((*kept, *(catalog.resolve(word).id for word in words))))
    if len(also) > ALSO_MAX:
        raise Refused(
            _("Members can choose among {limit} more models at most; these are {count}.").format(
                limit=ALSO_MAX, count=len(also)
            )
        )
    return also


def parse_cheaper(text: str, catalog: Catalog, asked: Sequence[Model]) -> str | None:
    """Give the id of a model that works here, None for none; `asked` may be asked here today.

    Raises ModelUnavailable, and Refused for one that costs no less than any of those."""
    if text.strip().lower() == NONE:
        return None
    model = catalog.resolve(text.strip())
    if all(_cost(model) >= _cost(other) for other in asked if other.id != model.id):
        raise Refused(
            _(
                "{model} costs no less than what answers here, so it would save nothing. "
                "Choose another."
            ).format(model=model_name(model))
        )
    return model.id


def parse_guard(text: str, catalog: Catalog) -> str | None:
    """Give the id of a guard that works here, None for off; raises ModelUnavailable."""
    word = text.strip()
    return None if word.lower() == OFF else catalog.guard(word).id


def suggest_guard(text: str, catalog: Catalog) -> list[Choice[str]]:
    """Suggest guards that work here, and none; where there is none, say so."""
    guards = [model for model in catalog.guards() if _has(model, text)]
    if not catalog.guards():
        return [Choice(name=_("No guard is set up here, so there is none to choose"), value=OFF)]
    choices = [
        Choice(name=cut(model_name(model), CHOICE_LIMIT), value=model.id) for model in guards
    ]
    return [Choice(name=_("No guard"), value=OFF), *choices][:CHOICES]


def suggest_model(text: str, catalog: Catalog, seen: Seen) -> list[Choice[str]]:
    """Suggest models that can be used here; those that nobody proved to see say so."""
    default = Choice(name=_("The one this bot uses by default"), value=DEFAULT)
    found = catalog.search(text.strip(), usable_only=True, limit=CHOICES)
    choices = [Choice(name=labelled(model, seen), value=model.id) for model in _short(found)]
    return [*choices, default][:CHOICES] if text.strip() else [default, *choices][:CHOICES]


def suggest_also(text: str, catalog: Catalog) -> list[Choice[str]]:
    """Suggest the last item of a comma-separated list, the items before it kept as they are.

    Name and value are the same: Discord puts the name into the field, where typing goes on."""
    head, _comma, last = text.rpartition(",")
    earlier = _words(head)
    taken = {word.removeprefix("+").strip() for word in earlier}
    found = [
        model.id
        for model in catalog.search(last.strip().removeprefix("+"), usable_only=True, limit=CHOICES)
        if model.id not in taken
    ]
    plus = "+" if not earlier and last.strip().startswith("+") else ""
    lists = [", ".join((*earlier, plus + model_id)) for model_id in found]
    fitting = [Choice(name=value, value=value) for value in lists if len(value) <= CHOICE_LIMIT]
    if not text.strip():
        return [Choice(name=_("No other model"), value=NONE), *fitting][:CHOICES]
    return fitting or _send_these_first(earlier)


def _send_these_first(earlier: list[str]) -> list[Choice[str]]:
    value = ", ".join(earlier)
    if not value or len(value) > CHOICE_LIMIT:
        return []
    name = _("No room for more: send these, then add others in a list that begins with +")
    return [Choice(name=name, value=value)]


def labelled(model: Model, seen: Seen) -> str:
    """Name a model within a choice; one that nobody proved to see says so."""
    if seen(model):
        return cut(model_name(model), CHOICE_LIMIT)
    mark = unproven()
    return f"{cut(model_name(model), CHOICE_LIMIT - len(mark) - 3)} · {mark}"


def _has(model: Model, text: str) -> bool:
    named = f"{model.id} {model.label}".casefold()
    return len(model.id) <= CHOICE_LIMIT and all(word in named for word in text.casefold().split())


def _short(models: list[Model]) -> list[Model]:
    return [model for model in models if len(model.id) <= CHOICE_LIMIT]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _cost(model: Model) -> int:
    return worst_case_nano_usd(model, images=1, prompt_chars=0)
