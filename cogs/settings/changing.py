"""Changing a guild's settings and undoing it, told in the same words."""

import re
from dataclasses import replace
from typing import Any

import discord

from bot.catalog.catalog import Catalog
from bot.errors import ModelUnavailable
from bot.i18n import _
from bot.notices import ending_of
from bot.service import VisionService
from bot.settings import Change, GuildSettings, SettingsBook
from cogs._endings import adopt_button, ending_text
from cogs._facts import model_name
from cogs._panels import buttons, fit, guild_of, require_moderator, say
from cogs.settings.describe import changes, shown

UNDO = re.compile(r"vidi:undo:(\d{1,18})")


class Changer:
    """Makes changes, says what was and what is, and offers to undo them."""

    def __init__(self, settings: SettingsBook, catalog: Catalog, service: VisionService) -> None:
        self._settings = settings
        self._catalog = catalog
        self._service = service

    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Say every setting, and whether the model in force works."""
        guild_id = guild_of(interaction)
        lines = shown(self._settings.of(guild_id), self._catalog)
        ending = ending_of(self._service.model_of(guild_id), self._catalog)
        await say(
            interaction,
            fit([*lines, *self._in_force(guild_id)]),
            adopt_button(interaction, ending),
        )

    async def adopt(self, interaction: discord.Interaction[Any], model_id: str) -> None:
        """Let this model answer instead of one that ends."""
        require_moderator(interaction)
        current = self._settings.of(guild_of(interaction))
        model = self._catalog.resolve(model_id)
        also = tuple(other for other in current.also if other != model.id)
        await self.change(interaction, replace(current, model_id=model.id, also=also))

    async def change(self, interaction: discord.Interaction[Any], after: GuildSettings) -> None:
        """Put new settings in force."""
        guild_id = guild_of(interaction)
        if after == self._settings.of(guild_id):
            await say(interaction, fit([_("Nothing changed."), *shown(after, self._catalog)]))
            return
        change = await self._settings.change(guild_id, interaction.user.id, after)
        await self._tell(interaction, _("Changed."), change)

    async def undo(self, interaction: discord.Interaction[Any], change_id: int) -> None:
        """Take a change back; a second time nothing happens, and that is said."""
        require_moderator(interaction)
        change = await self._settings.undo(change_id, guild_of(interaction), interaction.user.id)
        if change is None:
            await say(
                interaction,
                _("That is undone already, or was changed again since. Nothing changed now."),
            )
            return
        await self._tell(interaction, _("Undone."), change)

    async def _tell(
        self, interaction: discord.Interaction[Any], headline: str, change: Change
    ) -> None:
        lines = changes(change.before, change.after, self._catalog)
        if change.before.model_id != change.after.model_id:
            lines += self._in_force(change.guild_id)
        await say(interaction, fit([headline, *lines]), _undo_button(interaction, change.id))

    def _in_force(self, guild_id: int) -> list[str]:
        model = self._service.model_of(guild_id)
        lines = [_("Questions go to {model} now.").format(model=model_name(model))]
        try:
            self._catalog.resolve(model.id)
        except ModelUnavailable as problem:
            return [*lines, problem.sentence]
        if model.provider.kind == "local":
            lines.append(_("It only reads the text in pictures; it can't say what they show."))
        if ending := ending_of(model, self._catalog):
            lines.append(ending_text(ending, self._catalog))
        if not model.proven:
            lines.append(_("Nobody has proven yet that it sees pictures: watch its first answers."))
        return lines


def _undo_button(interaction: discord.Interaction[Any], change_id: int) -> discord.ui.View | None:
    # Discord lets a server give /settings to others; the button is for moderators all the same.
    if not interaction.permissions.manage_guild:
        return None
    return buttons(discord.ui.Button(label=_("Undo"), custom_id=f"vidi:undo:{change_id}"))
