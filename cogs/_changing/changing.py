"""Changing a guild's settings and undoing it, told in the same words."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.choices import UNPROVEN_MAX, GuildSettings
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.notices import ending_of
from bot.i18n import _
from bot.service import VisionService
from bot.settings import Change, SettingsBook
from cogs._changing.checking import Checker
from cogs._changing.choosing import Seen
from cogs._changing.describe import VALUE_LIMIT, changes, shown
from cogs._changing.rows import Part, Row, line
from cogs._endings import adopt_button, ending_text
from cogs._facts import model_name
from cogs._panels import buttons, fit, guild_of, require_moderator, say

UNDO = re.compile(r"vidi:undo:(\d{1,18})")


class Changer:
    """Makes changes, says what was and what is, and offers to undo them."""

    def __init__(
        self,
        settings: SettingsBook,
        catalogs: GuildCatalogs,
        service: VisionService,
        checker: Checker,
    ) -> None:
        self._settings = settings
        self._catalogs = catalogs
        self._service = service
        self._checker = checker

    def seen(self, guild_id: int) -> Seen:
        """Give what tells whether a model was seen looking at a picture."""
        return self._checker.seen(guild_id)

    async def show(
        self, interaction: discord.Interaction[Any], besides: Sequence[Row] = ()
    ) -> None:
        """Say whether the model in force works, then every setting and what is `besides`."""
        await self._show(interaction, None, besides=besides)

    async def adopt(self, interaction: discord.Interaction[Any], model_id: str) -> None:
        """Let this model answer instead of one that ends."""
        require_moderator(interaction)
        guild_id = guild_of(interaction)
        current, model = self._settings.of(guild_id), self._catalogs.of(guild_id).resolve(model_id)
        also = tuple(other for other in current.also if other != model.id)
        await self.change(interaction, replace(current, model_id=model.id, also=also))

    async def accept(self, interaction: discord.Interaction[Any], model_id: str) -> None:
        """Let this model answer although nobody could prove that it sees."""
        require_moderator(interaction)
        guild_id = guild_of(interaction)
        current = self._settings.of(guild_id)
        accepted = (*current.unproven, self._catalogs.of(guild_id).resolve(model_id).id)
        after = replace(current, unproven=tuple(dict.fromkeys(accepted))[-UNPROVEN_MAX:])
        await self.change(interaction, after)

    async def change(
        self,
        interaction: discord.Interaction[Any],
        after: GuildSettings,
        notes: Sequence[str] = (),
        *,
        part: Part | None = None,
    ) -> None:
        """Put new settings in force, made from those in force as this is called.

        `notes` are said before what was and what is; where nothing changes, what is in force of
        this part, or of all, is said."""
        guild_id = guild_of(interaction)
        before = self._settings.of(guild_id)
        if after == before:
            await self._show(interaction, part, _("Nothing changed."), *notes)
            return
        change = await self._settings.change(guild_id, interaction.user.id, after, before)
        await self._tell(interaction, _("Changed."), change, notes)

    async def undo(self, interaction: discord.Interaction[Any], change_id: int) -> None:
        """Take a change back; a second time nothing happens, and that is said."""
        require_moderator(interaction)
        change = await self._settings.undo(change_id, guild_of(interaction), interaction.user.id)
        if change is None:
            await say(interaction, undone_already())
            return
        await self._tell(interaction, _("Undone."), change)

    async def _show(
        self,
        interaction: discord.Interaction[Any],
        part: Part | None,
        *first: str,
        besides: Sequence[Row] = (),
    ) -> None:
        guild_id = guild_of(interaction)
        model, catalog = self._service.model_of(guild_id), self._catalogs.of(guild_id)
        values = shown(self._settings.of(guild_id), catalog, part)
        if part not in (None, "model"):
            await say(interaction, fit([*first, *values]))
            return
        answering = [*in_force(model, catalog), *self._sight_of(model, guild_id)]
        adopt = adopt_button(interaction, ending_of(model, catalog))
        more = [line(row, VALUE_LIMIT) for row in besides]
        await say(interaction, fit([*first, *answering, *more, *values]), adopt)

    async def _tell(
        self,
        interaction: discord.Interaction[Any],
        headline: str,
        change: Change,
        notes: Sequence[str] = (),
    ) -> None:
        catalog = self._catalogs.of(change.guild_id)
        lines = [headline, *notes, *told(change, catalog)]
        undo = _undo_button(interaction, change.id)
        if change.before.model_id == change.after.model_id:
            await say(interaction, fit(lines), buttons(undo) if undo else None)
            return
        model = self._service.model_of(change.guild_id)
        lines += in_force(model, catalog)
        if self._checker.due(model, change.guild_id):
            await self._checker.check(interaction, model, lines, undo)
            return
        lines += self._sight_of(model, change.guild_id)
        await say(interaction, fit(lines), buttons(undo) if undo else None)

    def _sight_of(self, model: Model, guild_id: int) -> list[str]:
        usable = self._catalogs.of(guild_id).usable(model)
        return self._checker.known(model, guild_id) if usable else []


def told(change: Change, catalog: Catalog) -> list[str]:
    """Say what is different now."""
    lines = changes(change.before, change.after, catalog)
    if change.dropped_key:
        lines.append(_("The endpoint's key was for the old address: it is erased."))
    return lines


def undone_already() -> str:
    """Say that a change can't be taken back any more."""
    return _("That is undone already, or was changed again since. Nothing changed now.")


def in_force(model: Model, catalog: Catalog) -> list[str]:
    """Say which model answers, then whatever is wrong with it."""
    lines = [_("Questions go to {model} now.").format(model=model_name(model))]
    if problem := catalog.refusal(model):
        return [*lines, problem]
    if model.provider.kind == "local":
        lines.append(_("It only reads the text in pictures; it can't say what they show."))
    if ending := ending_of(model, catalog):
        lines.append(ending_text(ending, catalog))
    return lines


def _undo_button(
    interaction: discord.Interaction[Any], change_id: int
) -> discord.ui.Button[discord.ui.View] | None:
    # Discord lets a server give /settings to others; the button is for moderators all the same.
    if not interaction.permissions.manage_guild:
        return None
    return discord.ui.Button(label=_("Undo"), custom_id=f"vidi:undo:{change_id}")
