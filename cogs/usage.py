"""/usage: how much was asked, and what it cost."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, Protocol

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.catalog.prices import usd
from bot.i18n import N_, _, ngettext
from bot.usage import UsageRow, UsageSummary
from cogs._facts import name_of
from cogs._panels import cut, everywhere, fit, guild_of, require_moderator, say

Days = Literal["today", "7", "30"]
PERIOD = N_("Today, or the last 7 or 30 days")

# Two lists and the totals fit into one message.
LIST_LIMIT = 850
ROWS = 10
NAME_LIMIT = 120


class Summary(Protocol):
    """`bot.usage.summary` with its database bound."""

    def __call__(
        self, *, guild_id: int | None, user_id: int | None, since: dt.datetime
    ) -> Awaitable[UsageSummary]:
        """Add up what was asked since a moment, of a guild, of a person, or of both."""
        ...


@everywhere
class UsageCog(
    commands.GroupCog, group_name="usage", group_description=N_("How much was asked and paid")
):
    """The /usage commands."""

    def __init__(self, summary: Summary, catalog: Catalog) -> None:
        self._add_up = summary
        self._catalog = catalog

    @app_commands.command(description=N_("For moderators: what this server asked and paid"))
    @app_commands.describe(days=PERIOD)
    async def summary(self, interaction: discord.Interaction[Any], days: Days = "7") -> None:
        """Show the guild's usage, by model and by member."""
        guild_id = guild_of(interaction)
        require_moderator(interaction)
        since = start_of(days, interaction.created_at)
        usage = await self._add_up(guild_id=guild_id, user_id=None, since=since)
        headline = _("**Usage in this server, {period}**").format(period=_period(days))
        models = _list(_("By model"), usage.by_model, self._model)
        members = _list(_("By member"), usage.by_member, _member)
        lines = [headline, *totals(usage), *_proofs(usage), *models, *members]
        await say(interaction, "\n".join(lines))

    @app_commands.command(description=N_("What you asked, and what it cost"))
    @app_commands.describe(days=PERIOD)
    async def mine(self, interaction: discord.Interaction[Any], days: Days = "7") -> None:
        """Show the asker's own usage, wherever it was."""
        since = start_of(days, interaction.created_at)
        usage = await self._add_up(guild_id=None, user_id=interaction.user.id, since=since)
        headline = _("**What you asked anywhere, {period}**").format(period=_period(days))
        models = _list(_("By model"), usage.by_model, self._model)
        await say(interaction, "\n".join([headline, *totals(usage), *models]))

    def _model(self, row: UsageRow) -> str:
        return name_of(row.key, self._catalog) if row.key else _("no model")


def start_of(days: Days, now: dt.datetime) -> dt.datetime:
    """Give the midnight (UTC) at which the period begins; today counts as one of the days."""
    earlier = 0 if days == "today" else int(days) - 1
    midnight = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - dt.timedelta(days=earlier)


def totals(usage: UsageSummary) -> list[str]:
    """Give the sums as lines."""
    if not usage.questions:
        return [_("Nothing was asked.")]
    return [
        _("{questions}, {answered} answered.").format(
            questions=_questions(usage.questions), answered=usage.answered
        ),
        _("{input:,} tokens in, {output:,} tokens out.").format(
            input=usage.input_tokens, output=usage.output_tokens
        ),
        _("Cost: {cost}.").format(cost=_cost(usage.cost_nano_usd, usage.unpriced)),
    ]


def _proofs(usage: UsageSummary) -> list[str]:
    proofs = usage.proofs
    if not proofs.requests:
        return []
    line = _("Proofs of sight: {count:,}, for {cost}.")
    if proofs.unpriced:
        line = _("Proofs of sight: {count:,}, for {cost} and {unknown:,} at unknown cost.")
    if proofs.unpriced and not proofs.cost_nano_usd:
        line = _("Proofs of sight: {count:,}, cost unknown.")
    cost = usd(proofs.cost_nano_usd)
    return [line.format(count=proofs.requests, cost=cost, unknown=proofs.unpriced)]


def _list(title: str, rows: Sequence[UsageRow], name: Callable[[UsageRow], str]) -> list[str]:
    lines = [
        _("- {name}: {questions}, {tokens:,} tokens, {cost}").format(
            name=cut(name(row), NAME_LIMIT),
            questions=_questions(row.questions),
            tokens=row.input_tokens + row.output_tokens,
            cost=_cost(row.cost_nano_usd, row.unpriced),
        )
        for row in rows
    ]
    return [fit([title, *lines], LIST_LIMIT, ROWS + 1)] if lines else []


def _member(row: UsageRow) -> str:
    return f"<@{row.key}>"


def _questions(count: int) -> str:
    return ngettext("{count:,} question", "{count:,} questions", count).format(count=count)


def _cost(nano_usd: int, unpriced: int) -> str:
    if not unpriced:
        return usd(nano_usd)
    unknown = ngettext(
        "{count:,} question of unknown cost", "{count:,} questions of unknown cost", unpriced
    ).format(count=unpriced)
    if not nano_usd:
        return unknown
    return _("{cost} and {unknown}").format(cost=usd(nano_usd), unknown=unknown)


def _period(days: Days) -> str:
    return _("today") if days == "today" else _("the last {days} days").format(days=days)
