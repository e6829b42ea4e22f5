"""/limits: how often members may ask, and what it may cost. Each change can be undone."""

from dataclasses import replace
from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import Refused
from bot.i18n import N_
from cogs._changing.choosing import parse_cheaper
from cogs._panels import guild_of
from cogs._writing import cannot_write, may_write
from cogs.limits.base import LimitsBase
from cogs.limits.rates import Typed, exempted, limited, limited_again
from cogs.limits.spending import Amounts, budgeted, suggest_cheaper

Who = discord.Role | discord.Member | discord.User


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class LimitsCog(
    LimitsBase,
    commands.GroupCog,
    group_name="limits",
    group_description=N_("How often members may ask here, and what it may cost"),
):
    """The /limits commands."""

    @app_commands.command(
        description=N_("Limit how often questions are asked; “none” lifts a limit")
    )
    @app_commands.describe(
        minute=N_("Questions a minute by each member, or by each with the role"),
        day=N_("Questions a day by each member, or by each with the role"),
        server_minute=N_("Questions a minute by all together"),
        server_day=N_("Questions a day by all together"),
        pictures=N_("Pictures in one question, 1 to 10"),
        role=N_("Whose minute and day you set; “default” there: as everybody again"),
        exempt=N_("A role or member to limit no more"),
        unexempt=N_("A role or member to limit again"),
    )
    async def rate(
        self,
        interaction: discord.Interaction[Any],
        minute: str | None = None,
        day: str | None = None,
        server_minute: str | None = None,
        server_day: str | None = None,
        pictures: str | None = None,
        role: discord.Role | None = None,
        exempt: Who | None = None,
        unexempt: Who | None = None,
    ) -> None:
        """Set how often members, roles and all together may ask."""
        current = self._settings.of(guild_of(interaction))
        typed = Typed(minute, day, server_minute, server_day, pictures)
        rate = limited(current.rate, typed, role)
        rate = exempted(rate, exempt) if exempt else rate
        rate = limited_again(rate, unexempt) if unexempt else rate
        await self._change(interaction, replace(current, rate=rate))

    @app_commands.command(
        description=N_("Limit what questions cost, in US dollars; “none” lifts it")
    )
    @app_commands.describe(
        day=N_("What all together may spend a day, like 2 or 0.50"),
        month=N_("What all together may spend a month"),
        member_day=N_("What each member may spend a day"),
        member_month=N_("What each member may spend a month"),
        share=N_("Percent of a budget from which the cheaper model answers"),
        cheaper=N_("The cheaper model; “none” keeps the usual one"),
        channel=N_("The channel that is told when a budget runs short"),
        tell=N_("To have no channel told any more"),
    )
    async def budget(
        self,
        interaction: discord.Interaction[Any],
        day: str | None = None,
        month: str | None = None,
        member_day: str | None = None,
        member_month: str | None = None,
        share: app_commands.Range[int, 1, 100] | None = None,
        cheaper: str | None = None,
        channel: discord.TextChannel | None = None,
        tell: Literal["no channel"] | None = None,
    ) -> None:
        """Set what may be spent, and what happens when that runs short."""
        guild_id = guild_of(interaction)
        current, catalog = self._settings.of(guild_id), self._catalogs.of(guild_id)
        if channel is not None and not may_write(channel):
            raise Refused(cannot_write(channel.mention))
        amounts = Amounts(day, month, member_day, member_month)
        budget = budgeted(current.budget, amounts, share)
        if cheaper:
            asked = self._service.receivers(guild_id)
            budget = replace(budget, cheaper=parse_cheaper(cheaper, catalog, asked))
        if channel is not None or tell is not None:
            budget = replace(budget, channel_id=channel.id if channel and not tell else None)
        await self._change(interaction, replace(current, budget=budget))

    @budget.autocomplete("cheaper")
    async def _complete_cheaper(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        guild_id = guild_of(interaction)
        seen = self._changer.seen(guild_id)
        return suggest_cheaper(current, self._catalogs.of(guild_id), seen)

    @app_commands.command(description=N_("Show every limit and what is used of it now"))
    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Show the limits, what the server and who asks have used, and a forecast."""
        await self._show(interaction)
