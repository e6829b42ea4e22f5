"""/settings model, test and screen: who answers, whether it sees, which guard looks first."""

from dataclasses import replace
from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.choices import GuildSettings
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_
from bot.service import VisionService
from bot.settings import SettingsBook
from bot.sight.proof import Sight
from cogs._changing.changing import Changer
from cogs._changing.checking import Checker
from cogs._changing.choosing import (
    parse_also,
    parse_guard,
    parse_model,
    suggest_also,
    suggest_guard,
    suggest_model,
)
from cogs._panels import guild_of

Choices = list[app_commands.Choice[str]]


class ModelCommands(commands.Cog):
    """The commands of /settings that are about models."""

    def __init__(
        self, settings: SettingsBook, catalogs: GuildCatalogs, service: VisionService, sight: Sight
    ) -> None:
        self._settings = settings
        self._catalogs = catalogs
        self._service = service
        self._checker = Checker(sight, catalogs)
        self._changer = Changer(settings, catalogs, service, self._checker)

    @app_commands.command(description=N_("Choose the model that answers, and others to choose"))
    @app_commands.describe(
        model=N_("The model that answers questions here"),
        also=N_("Models that members may choose besides, separated by commas; “none” for none"),
    )
    async def model(
        self,
        interaction: discord.Interaction[Any],
        model: str | None = None,
        also: str | None = None,
    ) -> None:
        """Set the guild's model, prove that it sees, and set what members may choose besides."""
        after = self._current(interaction)
        if model is not None:
            after = replace(after, model_id=parse_model(model, self._catalog(interaction)))
        if also is not None:
            after = replace(after, also=parse_also(also, after.also, self._catalog(interaction)))
        others = tuple(model_id for model_id in after.also if model_id != after.model_id)
        await self._changer.change(interaction, replace(after, also=others), part="model")

    @model.autocomplete("model")
    async def _complete_model(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        seen = self._changer.seen(guild_of(interaction))
        return suggest_model(current, self._catalog(interaction), seen)

    @model.autocomplete("also")
    async def _complete_also(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        return suggest_also(current, self._catalog(interaction))

    @app_commands.command(description=N_("Test now whether a model sees pictures"))
    @app_commands.describe(
        model=N_("The model to test; the one that answers here if none is named")
    )
    async def test(self, interaction: discord.Interaction[Any], model: str | None = None) -> None:
        """Prove a model now, with how long it took and what it cost."""
        answering = self._service.model_of(guild_of(interaction))
        tested = parse_model(model, self._catalog(interaction)) if model else None
        await self._checker.check(
            interaction, self._catalog(interaction).resolve(tested or answering.id)
        )

    @test.autocomplete("model")
    async def _complete_test(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        seen = self._changer.seen(guild_of(interaction))
        return suggest_model(current, self._catalog(interaction), seen)

    @app_commands.command(
        description=N_("Have a guard look at each question before the model does")
    )
    @app_commands.describe(
        model=N_("The guard; “off” for none"),
        when_it_fails=N_("What happens to questions while the guard can't look"),
    )
    async def screen(
        self,
        interaction: discord.Interaction[Any],
        model: str | None = None,
        when_it_fails: Literal["refuse", "let through"] | None = None,
    ) -> None:
        """Set the guard, and what happens without it."""
        after = self._current(interaction)
        if model is not None:
            after = replace(after, screen_model=parse_guard(model, self._catalog(interaction)))
        if when_it_fails is not None:
            after = replace(after, screen_lenient=when_it_fails == "let through")
        await self._changer.change(interaction, after, part="guard")

    @screen.autocomplete("model")
    async def _complete_screen(
        self, interaction: discord.Interaction[Any], current: str
    ) -> Choices:
        return suggest_guard(current, self._catalog(interaction))

    def _catalog(self, interaction: discord.Interaction[Any]) -> Catalog:
        return self._catalogs.of(guild_of(interaction))

    def _current(self, interaction: discord.Interaction[Any]) -> GuildSettings:
        return self._settings.of(guild_of(interaction))
