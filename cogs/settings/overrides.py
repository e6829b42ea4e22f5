"""/settings override: another model for a channel or a role."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import AppCommandChannel, AppCommandThread
from discord.ext import commands

from bot.choices import OVERRIDES_MAX, Override
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_, _
from bot.settings import SettingsBook
from cogs._changing.changing import Changer
from cogs._changing.choosing import CHOICES, DEFAULT, NONE, suggest_model
from cogs._changing.rules import override_order
from cogs._panels import guild_of

Overrides = tuple[Override, ...]


class OverrideCommands(commands.Cog):
    """The command of /settings that is about other models for channels and roles."""

    _settings: SettingsBook
    _catalogs: GuildCatalogs
    _changer: Changer

    @app_commands.command(description=N_("Choose another model for a channel or a role"))
    @app_commands.describe(
        model=N_("The model; “none” takes away what was set, all of it if nothing else is named"),
        channel=N_("Questions asked here: a channel, a thread or a whole category"),
        role=N_("Questions by members who have it"),
    )
    async def override(
        self,
        interaction: discord.Interaction[Any],
        model: str,
        channel: AppCommandChannel | AppCommandThread | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Set or remove the model for a channel, a role, or both."""
        guild_id = guild_of(interaction)
        current, word = self._settings.of(guild_id), model.strip()
        model_id = None if word.lower() == NONE else self._catalogs.of(guild_id).resolve(word).id
        overrides = current.overrides
        if channel is None and role is None:
            if model_id is not None:
                raise Refused(_("Name a channel or a role too; /settings model is for everybody."))
            overrides = ()
        if channel is not None:
            overrides = with_override(overrides, "channel", channel.id, model_id)
        if role is not None:
            overrides = with_override(overrides, "role", some_role(role).id, model_id)
        after = replace(current, overrides=overrides)
        await self._changer.change(interaction, after, [override_order()], part="overrides")

    @override.autocomplete("model")
    async def _complete_override(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        none = app_commands.Choice(name=_("None: take away what was set"), value=NONE)
        guild_id = guild_of(interaction)
        found = suggest_model(current, self._catalogs.of(guild_id), self._changer.seen(guild_id))
        models = [choice for choice in found if choice.value != DEFAULT]
        return ([*models, none] if current.strip() else [none, *models])[:CHOICES]


def with_override(overrides: Overrides, scope: str, number: int, model_id: str | None) -> Overrides:
    """Give the list with this model for this role or channel, in its old place if it had one.

    Raises Refused when there are too many."""
    kept = [each for each in overrides if (each.scope, each.id) != (scope, number)]
    if model_id is None:
        return tuple(kept)
    place = next(
        (i for i, each in enumerate(overrides) if (each.scope, each.id) == (scope, number)),
        len(kept),
    )
    new = Override("role" if scope == "role" else "channel", number, model_id)
    if len(kept) == OVERRIDES_MAX:
        raise Refused(
            _("{limit} channels and roles have models of their own: take one away first.").format(
                limit=OVERRIDES_MAX
            )
        )
    return (*kept[:place], new, *kept[place:])


def some_role(role: discord.Role) -> discord.Role:
    """Give the role; raises Refused for the one that everybody has."""
    if role.is_default():
        raise Refused(_("Everybody has that role. Choose one that only some members have."))
    return role
