"""`vidi models`: the catalog for a terminal, short as text or whole as JSON."""

import msgspec

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.i18n import _


def as_json(catalog: Catalog) -> str:
    """Give every model with every fact, its provider's among them, and whether it can be used."""
    rows = [
        msgspec.to_builtins(model) | {"usable": catalog.usable(model)}
        for model in catalog.models.values()
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def as_text(catalog: Catalog) -> str:
    """Give a line a model: id, label, and whether it can be used or why not."""
    width = max(len(model_id) for model_id in catalog.models)
    return "\n".join(
        f"{model.id:<{width}}  {_standing(model, catalog)}" for model in catalog.models.values()
    )


def _standing(model: Model, catalog: Catalog) -> str:
    if not catalog.living(model):
        return catalog.refusal(model) or ""
    if catalog.usable(model):
        return _("{model}: ready").format(model=model.label)
    return _("{model}: needs {name}").format(model=model.label, name=model.provider.needed_env)
