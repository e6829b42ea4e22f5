"""The panel itself: draws its message, and puts what is pressed in force."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.choices import GuildSettings
from bot.clock import utcnow
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.keyring import Keyring
from bot.i18n import _
from bot.service import VisionService
from bot.settings import Change, SettingsBook
from bot.text import plain
from cogs._changing.changing import in_force, told, undone_already
from cogs._changing.checking import Checker
from cogs._forecast import ForecastOf, forecast_lines
from cogs._panels import cut, fit, guild_of, require_moderator, say
from cogs.settings.panel import keys, model
from cogs.settings.panel.controls import Page, lay_out
from cogs.settings.panel.drawing import UNDO, overview_page, part_page, sub_page
from cogs.settings.panel.part import Here
from cogs.settings.panel.press import Press
from cogs.settings.panel.registry import PARTS

TYPED = 300
"""Characters repeated of what was typed."""


class Panel:
    """Draws panels and answers what is pressed on them; knows nothing about any of them."""

    def __init__(
        self,
        settings: SettingsBook,
        catalogs: GuildCatalogs,
        service: VisionService,
        checker: Checker,
        keyring: Keyring,
        forecast: ForecastOf | None,
    ) -> None:
        self._settings = settings
        self._catalogs = catalogs
        self._service = service
        self._checker = checker
        self._keyring = keyring
        self._forecast = forecast

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with a panel that only its reader sees."""
        here = self._here(interaction)
        page = overview_page(here, self._standing(here, guild_of(interaction)))
        await say(interaction, fit(page.lines), lay_out(page.rows))

    async def answer(self, interaction: discord.Interaction[Any], press: Press) -> None:
        """Do what was pressed, and draw the panel as things are then."""
        part = press.part if press.part in PARTS else None
        if part is None or not press.control:
            await self._draw(interaction, part)
        else:
            await self._do(interaction, part, press)

    async def _do(self, interaction: discord.Interaction[Any], part: str, press: Press) -> None:
        if PARTS[part].guarded:
            require_moderator(interaction)
        if press.control[0] == UNDO:
            await self._undo(interaction, part, int(press.control[1]))
        elif (part, press.control[0]) == (model.NAME, model.TEST):
            here = self._here(interaction)
            await self._checker.check(interaction, here.catalog.resolve(here.model.id))
        elif (part, press.control[0]) == (keys.NAME, keys.FORGET):
            await self._forget(interaction, "".join(press.values))
        else:
            await self._change(interaction, part, press)

    async def _change(self, interaction: discord.Interaction[Any], part: str, press: Press) -> None:
        here = self._here(interaction)
        try:
            outcome = PARTS[part].changed(here, press)
            if isinstance(outcome, GuildSettings):
                await self._put(interaction, part, here, outcome)
            elif isinstance(outcome, Page):
                await self._show(interaction, sub_page(part, outcome))
            else:
                await interaction.response.send_modal(outcome)
        except Refused as refusal:
            await self._draw(interaction, part, [refusal.sentence, *_typed(press)])

    async def _put(
        self,
        interaction: discord.Interaction[Any],
        part: str,
        here: Here,
        after: GuildSettings,
    ) -> None:
        if after == here.settings:
            await self._draw(interaction, part, [_("Nothing changed.")])
            return
        guild_id, user_id = guild_of(interaction), interaction.user.id
        change = await self._settings.change(guild_id, user_id, after, here.settings)
        await self._tell(interaction, part, _("Changed."), change)

    async def _undo(self, interaction: discord.Interaction[Any], part: str, change_id: int) -> None:
        guild_id, user_id = guild_of(interaction), interaction.user.id
        change = await self._settings.undo(change_id, guild_id, user_id)
        if change is None:
            await self._draw(interaction, part, [undone_already()])
        else:
            await self._tell(interaction, part, _("Undone."), change)

    async def _forget(self, interaction: discord.Interaction[Any], provider_id: str) -> None:
        here, guild_id = self._here(interaction), guild_of(interaction)
        await self._keyring.remove(guild_id, interaction.user.id, provider_id)
        await self._draw(interaction, keys.NAME, [keys.forgotten(here, provider_id)])

    async def _tell(
        self,
        interaction: discord.Interaction[Any],
        part: str,
        headline: str,
        change: Change,
    ) -> None:
        lines = [headline, *told(change, self._catalogs.of(change.guild_id))]
        await self._draw(interaction, part, lines, change.id)

    async def _draw(
        self,
        interaction: discord.Interaction[Any],
        part: str | None,
        told: Sequence[str] = (),
        change_id: int | None = None,
    ) -> None:
        """Draw a part as things are now, the overview for None, below what is to be told."""
        here, guild_id = self._here(interaction), guild_of(interaction)
        if part is None:
            page = overview_page(here, [*told, *self._standing(here, guild_id)])
        else:
            page = part_page(here, part, told, await self._facts(here, part, guild_id), change_id)
        await self._show(interaction, page)

    async def _facts(self, here: Here, part: str, guild_id: int) -> list[str]:
        if part == model.NAME:
            return self._standing(here, guild_id)
        if part in ("budget", "rate") and self._forecast is not None:
            ahead = await self._forecast(guild_id, here.settings.budget, utcnow())
            return forecast_lines(ahead)
        return []

    def _standing(self, here: Here, guild_id: int) -> list[str]:
        """Say which model answers and whether it works; where it doesn't, that comes first."""
        goes, *notes = in_force(here.model, here.catalog)
        if here.catalog.refusal(here.model):
            return [*notes, goes]
        return [goes, *notes, *self._checker.known(here.model, guild_id)]

    async def _show(self, interaction: discord.Interaction[Any], page: Page) -> None:
        await interaction.response.edit_message(
            content=fit(page.lines),
            view=lay_out(page.rows),
            allowed_mentions=discord.AllowedMentions.none(),
        )

    def _here(self, interaction: discord.Interaction[Any]) -> Here:
        guild_id = guild_of(interaction)
        return Here(
            settings=self._settings.of(guild_id),
            catalog=self._catalogs.of(guild_id),
            model=self._service.model_of(guild_id),
            receivers=self._service.receivers(guild_id),
            guild=interaction.guild,
            keys=self._keyring.of(guild_id),
            seen=self._checker.seen(guild_id),
        )


def _typed(press: Press) -> list[str]:
    """Repeat what was typed into a form, so that it needn't be remembered."""
    texts = [plain(text) for text in press.texts.values() if text]
    return [cut(_("You typed: {texts}").format(texts="; ".join(texts)), TYPED)] if texts else []
