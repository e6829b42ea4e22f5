"""GuildCatalogs: the catalog as each guild has it, its own keys and endpoint included."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.catalog.catalog import Catalog
from bot.catalog.own import Extended, models_of, provider_of
from bot.catalog.types import OWN, Provider
from bot.choices import OwnEndpoint
from bot.guilds.keyring import GuildKey, Keyring
from bot.net import origin
from bot.owner.book import OwnerBook
from bot.settings import SettingsBook


@dataclass(frozen=True, slots=True)
class _View:
    """A guild's catalog, and what it was made from."""

    endpoint: OwnEndpoint | None
    keys: Mapping[str, GuildKey]
    operator_pays: bool
    catalog: Catalog


class GuildCatalogs:
    """Gives each guild's catalog. The operator's keys are in it only where the operator pays."""

    def __init__(
        self, catalog: Catalog, settings: SettingsBook, owner: OwnerBook, keyring: Keyring
    ) -> None:
        self.catalog = catalog
        self._settings = settings
        self._owner = owner
        self._keyring = keyring
        self._views: dict[int, _View] = {}

    def of(self, guild_id: int | None) -> Catalog:
        """Give what can be asked in this guild, or outside guilds for None; read it anew each
        time, for keys and endpoint may change."""
        if guild_id is None:
            return self.catalog
        endpoint, keys = self._settings.of(guild_id).endpoint, self._keyring.of(guild_id)
        operator_pays = self._owner.pays_for(guild_id)
        if endpoint is None and not keys and operator_pays:
            self._views.pop(guild_id, None)
            return self.catalog
        view = self._views.get(guild_id)
        made_from = (endpoint, keys, operator_pays)
        if view is None or (view.endpoint, view.keys, view.operator_pays) != made_from:
            view = _View(*made_from, _guilds(self.catalog, *made_from))
            self._views[guild_id] = view
        return view.catalog


def _guilds(
    catalog: Catalog,
    endpoint: OwnEndpoint | None,
    keys: Mapping[str, GuildKey],
    operator_pays: bool,
) -> Catalog:
    if endpoint is not None:
        own = provider_of(endpoint.base_url)
        models = models_of(own, endpoint.models, catalog.today())
        catalog = replace(
            catalog,
            providers={OWN: own, **catalog.providers},
            models=Extended(models, catalog.models),
        )
    own_keys = {
        name: key.key
        for name, key in keys.items()
        if (provider := catalog.providers.get(name)) and _may_get(catalog, provider, key)
    }
    return replace(catalog, own_keys=own_keys, operator_pays=operator_pays)


def _may_get(catalog: Catalog, provider: Provider, key: GuildKey) -> bool:
    """Tell whether the provider is still where it was when the key was entered."""
    base_url = catalog.base_url(provider)
    return bool(base_url) and origin(base_url) == key.origin
