"""/settings key: this server's own key for a provider, entered in a form, tried, then sealed."""

import re
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.catalog.types import OWN, Provider
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.connections import Connections
from bot.guilds.keyring import GuildKey, Keyring
from bot.i18n import N_, _
from bot.net import origin
from bot.settings import SettingsBook
from bot.text import plain
from cogs._changing.choosing import CHOICES
from cogs._forms import field, fields, form
from cogs._keys import KEY_MAX, key_change, parse_key, tail
from cogs._panels import cut, guild_of, require_moderator, say
from cogs.settings.endpoint import endpoint_form

FORM = re.compile(r"vidi:key:([a-z0-9-]{1,64})")


class KeyCommands(commands.Cog):
    """The command of /settings that takes a key, and its form."""

    _settings: SettingsBook
    _catalogs: GuildCatalogs
    _keyring: Keyring
    _connections: Connections

    @app_commands.command(description=N_("Use a key of this server's own for a provider"))
    @app_commands.describe(
        provider=N_("Whose key; a form asks for the key itself"),
        remove=N_("Forget the key that is there"),
    )
    async def key(
        self, interaction: discord.Interaction[Any], provider: str, remove: bool = False
    ) -> None:
        """Ask for the key in a form, or forget it."""
        require_moderator(interaction)
        guild_id = guild_of(interaction)
        found = keyed_provider(self._catalogs.of(guild_id), provider)
        if remove:
            await self._remove_key(interaction, guild_id, found)
        elif found.id == OWN:
            endpoint = self._settings.of(guild_id).endpoint
            await interaction.response.send_modal(endpoint_form(endpoint))
        else:
            await interaction.response.send_modal(key_form(found))

    @key.autocomplete("provider")
    async def _complete_provider(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        guild_id = guild_of(interaction)
        keys = self._keyring.of(guild_id)
        return [
            app_commands.Choice(name=_named(provider, keys.get(provider.id)), value=provider.id)
            for provider in keyed_providers(self._catalogs.of(guild_id))
            if current.strip().casefold() in f"{provider.id} {provider.label}".casefold()
        ][:CHOICES]

    @commands.Cog.listener("on_interaction")
    async def on_key_form(self, interaction: discord.Interaction[Any]) -> None:
        """Try the key that was typed and keep it if it works, also after a restart."""
        if (typed := fields(interaction, FORM)) is None:
            return
        match, values = typed
        require_moderator(interaction)
        guild_id = guild_of(interaction)
        catalog = self._catalogs.of(guild_id)
        provider, key = keyed_provider(catalog, match[1]), parse_key(values.get("key", ""))
        await interaction.response.defer(ephemeral=True, thinking=True)
        proof = await self._connections.try_key(guild_id, catalog, provider, key)
        before = self._keyring.of(guild_id).get(provider.id)
        where = origin(catalog.base_url(provider))
        put = await self._keyring.put(guild_id, interaction.user.id, provider.id, where, key)
        lines = [
            key_change(provider.label, before, put),
            proof,
            _("It is used here before any other key. /settings model chooses among its models."),
        ]
        await say(interaction, "\n".join(lines))

    async def _remove_key(
        self, interaction: discord.Interaction[Any], guild_id: int, provider: Provider
    ) -> None:
        before = self._keyring.of(guild_id).get(provider.id)
        if not await self._keyring.remove(guild_id, interaction.user.id, provider.id):
            raise Refused(
                _("This server has no key of its own for {provider}. Nothing changed.").format(
                    provider=provider.label
                )
            )
        await say(interaction, key_change(provider.label, before, None))


def keyed_providers(catalog: Catalog) -> list[Provider]:
    """Give the providers for which a guild can enter a key, in the catalog's order."""
    return [
        provider
        for provider in catalog.providers.values()
        if provider.id == OWN or (provider.needs_key and catalog.base_url(provider))
    ]


def keyed_provider(catalog: Catalog, name: str) -> Provider:
    """Give the provider of this id or label; raises Refused when none takes a key."""
    wanted = name.strip().casefold()
    for provider in keyed_providers(catalog):
        if wanted in (provider.id, provider.label.casefold()):
            return provider
    raise Refused(
        _("There is no provider “{name}” that takes a key. Choose one from the list.").format(
            name=plain(cut(name, 100))
        )
    )


def key_form(provider: Provider) -> discord.ui.Modal:
    """Lay out the form that asks for a key."""
    hint = _("It is tried now and kept sealed; nobody sees more of it than its last four.")
    title = _("Key for {provider}").format(provider=provider.label)
    key = field("key", _("Key"), hint=hint, most=KEY_MAX, required=True)
    return form(f"vidi:key:{provider.id}", title, key)


def _named(provider: Provider, key: GuildKey | None) -> str:
    if key is None:
        return cut(provider.label, 100)
    return _("{provider}: {key}").format(provider=cut(provider.label, 80), key=tail(key))
