"""The panel's part about this server's own keys and endpoint; it asks for Manage Server again."""

from collections.abc import Mapping

from bot.catalog.catalog import Catalog
from bot.catalog.types import OWN
from bot.guilds.keyring import GuildKey
from bot.i18n import N_, _
from bot.text import plain
from cogs._changing.rows import Row as Words
from cogs._keys import tail
from cogs.settings.endpoint import endpoint_form, with_endpoint
from cogs.settings.keys import key_form, keyed_provider, keyed_providers
from cogs.settings.panel.controls import Row, button, option, select
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "endpoint"
FORGET = "forget"


def rows(here: Here) -> list[Row]:
    """Lay out whose key can be entered or forgotten, and the endpoint."""
    providers = keyed_providers(here.catalog)
    ranked = sorted(providers, key=lambda provider: provider.id not in here.keys)
    takes = [option(provider.id, provider.label) for provider in ranked]
    own = [
        option(name, f"{_label(here.catalog, name)} {tail(key)}") for name, key in here.keys.items()
    ]
    endpoint = [button(custom_id(NAME, "open"), _("Set the endpoint…"))]
    if here.settings.endpoint is not None:
        endpoint.append(button(custom_id(NAME, "close"), _("Forget the endpoint"), danger=True))
    return [
        select(custom_id(NAME, "key"), _("Enter a key for a provider"), takes),
        select(custom_id(NAME, FORGET), _("Forget a key at once"), own),
        endpoint,
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Open the form for a key or the endpoint, or forget the endpoint."""
    match press.control:
        case ("key",):
            provider = keyed_provider(here.catalog, "".join(press.values))
            own = provider.id == OWN
            return endpoint_form(here.settings.endpoint) if own else key_form(provider)
        case ("close",):
            return with_endpoint(here.settings, None)
        case _:
            return endpoint_form(here.settings.endpoint)


def forgotten(before: Here, provider_id: str) -> str:
    """Say which key is forgotten, by what there was before."""
    return _("The key for {provider} is forgotten (it was: {key}).").format(
        provider=_label(before.catalog, provider_id), key=tail(before.keys.get(provider_id))
    )


def own_keys(keys: Mapping[str, GuildKey], catalog: Catalog) -> Words:
    """Give the server's own keys in words, each as its last four."""
    items = tuple(f"{_label(catalog, name)} {tail(key)}" for name, key in keys.items())
    return Words(NAME, _("Own keys"), items, items, _("no key"))


def _keys(here: Here) -> list[Words]:
    return [own_keys(here.keys, here.catalog)]


def _label(catalog: Catalog, provider_id: str) -> str:
    provider = catalog.providers.get(provider_id)
    return plain(provider.label if provider else provider_id)


PART = Part(N_("Keys and endpoint"), rows, changed, besides=_keys, guarded=True)
