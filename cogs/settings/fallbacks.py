"""/settings fallbacks: who answers when the model can't, in which order."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.choices import FALLBACKS_MAX
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_, _
from bot.settings import SettingsBook
from cogs._changing.changing import Changer
from cogs._changing.choosing import parse_also, suggest_also
from cogs._panels import guild_of


class FallbackCommands(commands.Cog):
    """The command of /settings that is about what happens when the model fails."""

    _settings: SettingsBook
    _catalogs: GuildCatalogs
    _changer: Changer

    @app_commands.command(description=N_("Choose who answers when the model can't"))
    @app_commands.describe(
        models=N_("Up to 5 models in this order, separated by commas; “none” for none")
    )
    async def fallbacks(self, interaction: discord.Interaction[Any], models: str) -> None:
        """Set the models that are asked in turn when the model in force fails."""
        guild_id = guild_of(interaction)
        current = self._settings.of(guild_id)
        chosen = parse_fallbacks(models, current.fallbacks, self._catalogs.of(guild_id))
        after = replace(current, fallbacks=chosen)
        await self._changer.change(interaction, after, part="fallbacks")

    @fallbacks.autocomplete("models")
    async def _complete_fallbacks(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        return suggest_also(current, self._catalogs.of(guild_of(interaction)))


def parse_fallbacks(text: str, current: tuple[str, ...], catalog: Catalog) -> tuple[str, ...]:
    """Give the ids in a comma-separated list; one that begins with + adds to `current`.

    Raises ModelUnavailable, and Refused when there are too many."""
    chosen = parse_also(text, current, catalog)
    if len(chosen) > FALLBACKS_MAX:
        raise Refused(
            _("At most {limit} models can stand in for another; these are {count}.").format(
                limit=FALLBACKS_MAX, count=len(chosen)
            )
        )
    return chosen
