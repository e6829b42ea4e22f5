"""All servers at a glance: who they are, who pays, what they asked."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import discord

from bot.catalog.catalog import Catalog
from bot.clock import day_of, month_of
from bot.i18n import _, ngettext
from bot.money import rounded
from bot.owner.book import OwnerBook
from bot.usage import UsageRow, UsageSummary
from bot.usage.guilds import GuildStanding, GuildSums
from cogs._facts import name_of
from cogs._owner.describe import Named, label
from cogs._panels import buttons, cut, fit
from cogs._usage.sums import questions

PAGE = 7
TOP = 10
LIST_LIMIT = 850


class Summary(Protocol):
    """`bot.usage.summary` with its database bound."""

    def __call__(
        self, *, guild_id: int | None, user_id: int | None, since: dt.datetime
    ) -> Awaitable[UsageSummary]:
        """Sum up what was asked since a moment; (None, None) is everything."""
        ...


class Sums(Protocol):
    """`bot.usage.guilds.guild_sums` with its database bound."""

    def __call__(self, *, since: dt.datetime) -> Awaitable[tuple[GuildSums, ...]]:
        """Sum up what was asked since a moment by server."""
        ...


@dataclass(frozen=True, slots=True)
class Figures:
    """Where the figures of all servers come from."""

    summary: Summary
    sums: Sums
    standings: Callable[[], Awaitable[tuple[GuildStanding, ...]]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; `number` counts from 0."""

    text: str
    number: int
    of: int


async def guild_page(
    figures: Figures, book: OwnerBook, interaction: discord.Interaction[Any], number: int
) -> Page:
    """Give a page of all servers: the dearest first, those without the bot last."""
    month = month_of(interaction.created_at)
    sums = {each.guild_id: each for each in await figures.sums(since=month)}
    known = {each.guild_id: each for each in await figures.standings()}
    here = {guild.id: guild for guild in interaction.client.guilds}

    def place(guild_id: int) -> tuple[bool, int, int]:
        cost = sums.get(guild_id, GuildSums(guild_id))
        return (guild_id not in here, -cost.operator_nano_usd, -cost.questions)

    ids = sorted(here.keys() | known.keys(), key=place)
    pages = max(1, -(-len(ids) // PAGE))
    number = min(number, pages - 1)
    lines = [
        _entry(
            here.get(id_),
            known.get(id_, GuildStanding(id_)),
            sums.get(id_, GuildSums(id_)),
            book,
        )
        for id_ in ids[number * PAGE : (number + 1) * PAGE]
    ]
    headline = _("**Servers: {count}**, page {page} of {pages}; figures of this month (UTC)")
    title = headline.format(count=len(ids), page=number + 1, pages=pages)
    return Page(fit([title, *lines]), number, pages)


def turning(page: Page) -> discord.ui.View | None:
    """Give the buttons that lead to the other pages."""
    if page.of == 1:
        return None
    back: discord.ui.Button[discord.ui.View] = discord.ui.Button(
        label=_("Back"), custom_id=f"vidi:owner-guilds:{page.number - 1}", disabled=not page.number
    )
    on: discord.ui.Button[discord.ui.View] = discord.ui.Button(
        label=_("Next"),
        custom_id=f"vidi:owner-guilds:{page.number + 1}",
        disabled=page.number + 1 == page.of,
    )
    return buttons(back, on)


async def usage_text(
    figures: Figures, since: dt.datetime, days: int, catalog: Catalog, named: Named
) -> str:
    """Give what was asked and paid everywhere, the dearest servers and the models."""
    usage = await figures.summary(guild_id=None, user_id=None, since=since)
    sums = await figures.sums(since=since)
    title = ngettext(
        "**All servers, today (UTC)**", "**All servers, the last {days} days (UTC)**", days
    ).format(days=days)
    servers = [
        _("- {name}: {figures}").format(name=_whose(each.guild_id, named), figures=_asked(each))
        for each in sums
    ]
    models = [
        _("- {name}: {figures}").format(
            name=cut(name_of(row.key, catalog), 100) if row.key else _("no model"),
            figures=_figures([questions(row.questions), *_cost(row)]),
        )
        for row in usage.by_model
    ]
    lines = [title, *_totals(usage, sums)]
    for heading, rows in ((_("**Servers**"), servers), (_("**Models**"), models)):
        lines += [fit([heading, *rows], LIST_LIMIT, TOP + 1)] if rows else []
    return fit(lines)


def days_ago(now: dt.datetime, days: int) -> dt.datetime:
    """Give the midnight (UTC) that many days before today's."""
    return day_of(now) - dt.timedelta(days=days)


def _totals(usage: UsageSummary, sums: Sequence[GuildSums]) -> list[str]:
    lines = [
        _("{questions}, of which {answered:,} answered.").format(
            questions=questions(usage.questions), answered=usage.answered
        ),
        _("Paid with your keys: {yours}; with servers' own: {own}.").format(
            yours=rounded(sum(each.operator_nano_usd for each in sums)),
            own=rounded(sum(each.own_nano_usd for each in sums)),
        ),
    ]
    if usage.unpriced:
        unknown = questions(usage.unpriced)
        lines.append(_("Nobody knows the cost of {questions}.").format(questions=unknown))
    if usage.proofs.requests:
        lines.append(
            _("Proofs of sight besides: {count:,}, for {cost}.").format(
                count=usage.proofs.requests, cost=rounded(usage.proofs.cost_nano_usd)
            )
        )
    return lines


def _entry(
    guild: discord.Guild | None, standing: GuildStanding, sums: GuildSums, book: OwnerBook
) -> str:
    facts = [f"**{label(guild.name)}** `{guild.id}`" if guild else f"`{standing.guild_id}`"]
    if guild is not None and guild.member_count:
        facts.append(
            ngettext("{count:,} member", "{count:,} members", guild.member_count).format(
                count=guild.member_count
            )
        )
    facts += [*_since(guild, standing), _payer(standing, pays=book.pays_for(standing.guild_id))]
    if standing.guild_id in book.rules.blocked_guilds:
        facts.append(_("**blocked**"))
    return _figures([*facts, _asked(sums)])


def _since(guild: discord.Guild | None, standing: GuildStanding) -> list[str]:
    if guild is None:
        left = standing.left_at
        when = discord.utils.format_dt(left, "d") if left else None
        return [_("left on {day}").format(day=when) if when else _("not there")]
    joined = standing.joined_at or (guild.me.joined_at if guild.me else None)
    return [_("since {day}").format(day=discord.utils.format_dt(joined, "d"))] if joined else []


def _payer(standing: GuildStanding, *, pays: bool) -> str:
    if not pays:
        return _("own keys") if standing.own else _("no keys")
    return _("own keys, else yours") if standing.own else _("your keys")


def _asked(sums: GuildSums) -> str:
    paid: list[str] = []
    if sums.operator_nano_usd:
        paid.append(_("{amount} yours").format(amount=rounded(sums.operator_nano_usd)))
    if sums.own_nano_usd:
        paid.append(_("{amount} its own").format(amount=rounded(sums.own_nano_usd)))
    return _figures([questions(sums.questions), *paid, *_unpriced(sums.unpriced)])


def _cost(row: UsageRow) -> list[str]:
    known = row.cost_nano_usd or not row.unpriced
    return [*([rounded(row.cost_nano_usd)] if known else []), *_unpriced(row.unpriced)]


def _unpriced(count: int) -> list[str]:
    return [_("{count:,} of unknown cost").format(count=count)] if count else []


def _whose(guild_id: int | None, named: Named) -> str:
    return _("outside servers") if guild_id is None else named(guild_id)


def _figures(figures: Sequence[str]) -> str:
    return " · ".join(figures)
