"""/usage: how much was asked, and what it cost."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.charts.painter import Painter
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_, _
from bot.settings import SettingsBook
from bot.usage.book import UsageBook
from bot.usage.buckets import By
from cogs._facts import name_of
from cogs._forecast import forecast_lines
from cogs._panels import everywhere, fit, guild_of, require_moderator, say
from cogs._usage.delivering import begin, deliver_export, deliver_plot, deliver_text
from cogs._usage.periods import PERIOD, Days, period, start_of
from cogs._usage.plotting import Span, plot
from cogs._usage.sums import NOTHING, by_member, by_model, proofs, totals

Left = Callable[[discord.Interaction[Any]], Awaitable[list[str]]]
"""What is left of the asker's own limits, as lines; none where nothing limits them."""


async def nothing_limits(_interaction: discord.Interaction[Any]) -> list[str]:
    """Give no lines."""
    return []


@everywhere
class UsageCog(
    commands.GroupCog, group_name="usage", group_description=N_("How much was asked and paid")
):
    """The /usage commands."""

    def __init__(
        self,
        usage: UsageBook,
        painter: Painter,
        settings: SettingsBook,
        catalogs: GuildCatalogs,
        left: Left = nothing_limits,
    ) -> None:
        self._usage = usage
        self._painter = painter
        self._settings = settings
        self._catalogs = catalogs
        self._left = left

    @app_commands.command(description=N_("For moderators: what this server asked and paid"))
    @app_commands.describe(days=PERIOD)
    async def summary(self, interaction: discord.Interaction[Any], days: Days = "7") -> None:
        """Show the guild's usage, by model and by member, and how far its budgets are used."""
        guild_id = guild_of(interaction)
        require_moderator(interaction)
        now = interaction.created_at
        found = await self._usage.summary(
            guild_id=guild_id, user_id=None, since=start_of(days, now)
        )
        budget = self._settings.of(guild_id).budget
        outlook = forecast_lines(await self._usage.forecast(guild_id, budget, now))
        models = by_model(found.by_model, self._names(guild_id))
        members = by_member(found.by_member)
        lines = [_headline(days), *totals(found), *outlook, *proofs(found), *models, *members]
        await say(interaction, fit(lines))

    @app_commands.command(description=N_("What you asked, and what it cost"))
    @app_commands.describe(days=PERIOD)
    async def mine(self, interaction: discord.Interaction[Any], days: Days = "7") -> None:
        """Show the asker's own usage, wherever it was, and what is left of their limits here."""
        since = start_of(days, interaction.created_at)
        found = await self._usage.summary(guild_id=None, user_id=interaction.user.id, since=since)
        headline = _("**What you asked anywhere, {period}**").format(period=period(days))
        models = by_model(found.by_model, self._names(interaction.guild_id))
        left = await self._left(interaction)
        await say(interaction, fit([headline, *totals(found), *left, *models]))

    @app_commands.command(description=N_("For moderators: cost and questions as a picture"))
    @app_commands.describe(what=N_("What is counted: days, members, hours"), days=PERIOD)
    async def chart(
        self, interaction: discord.Interaction[Any], what: By = "days", days: Days = "30"
    ) -> None:
        """Draw the guild's usage, with the same figures as a table."""
        guild_id = guild_of(interaction)
        require_moderator(interaction)
        await begin(interaction)
        since = start_of(days, interaction.created_at)
        headline = _headline(days)
        found = await self._usage.buckets(what, guild_id=guild_id, since=since)
        if not found:
            await deliver_text(interaction, "\n".join([headline, _(NOTHING)]))
            return
        span = Span(since.date(), interaction.created_at.date())
        picture = plot(what, found, span, self._names(guild_id))
        png = await self._painter.draw(picture.chart)
        await deliver_plot(interaction, [headline], picture, png)

    @app_commands.command(description=N_("For moderators: every question of this server as CSV"))
    @app_commands.describe(days=PERIOD)
    async def export(self, interaction: discord.Interaction[Any], days: Days = "30") -> None:
        """Give the guild's questions as a file, exact to the nano-dollar."""
        guild_id = guild_of(interaction)
        require_moderator(interaction)
        await begin(interaction)
        now = interaction.created_at
        file = await self._usage.export(guild_id=guild_id, since=start_of(days, now), until=now)
        await deliver_export(interaction, _headline(days), file)

    def _names(self, guild_id: int | None) -> Callable[[str], str]:
        catalog = self._catalogs.of(guild_id)
        return lambda model_id: name_of(model_id, catalog) if model_id else _("no model")


def _headline(days: Days) -> str:
    return _("**Usage in this server, {period}**").format(period=period(days))
