"""The limits in force in words, with what is used of them now."""

import discord

from bot.catalog.catalog import Catalog
from bot.choices import Budget, GuildSettings
from bot.i18n import _, ngettext
from bot.money import dollars, rounded
from bot.policy.limits import of_asker
from bot.policy.types import Scope, Window
from bot.types import Asker
from bot.usage.standing import Standing, Sums
from cogs._changing.rows import line
from cogs._changing.rules import budget_rows, rate_rows
from cogs._forecast import forecast_lines
from cogs._writing import cannot_write, writable

WORDS = 150
"""Characters for one setting: all of them and the figures fit into one message."""


def shown(settings: GuildSettings, catalog: Catalog, standing: Standing, asker: Asker) -> list[str]:
    """Give every limit, and what the guild and who asks have used."""
    rate, budget = settings.rate, settings.budget
    rows = [*rate_rows(rate), *budget_rows(budget, catalog)]
    guild_most = (rate.guild_minute, rate.guild_day, budget.day, budget.month)
    own_most = (*_own_rate(settings, asker), budget.member_day, budget.member_month)
    return [
        *(line(row, WORDS) for row in rows),
        _so_far(_("This server so far"), standing.guild, guild_most),
        _so_far(_("You so far"), standing.member, own_most),
        _("Days start anew <t:{day}:R>, months <t:{month}:R>.").format(
            day=int(standing.day_resets_at.timestamp()),
            month=int(standing.month_resets_at.timestamp()),
        ),
        *forecast_lines(standing.forecast),
    ]


def operator_line(budget: Budget, used: Sums) -> list[str]:
    """Say how far the budget is used that the bot's owner gives each server, if there is one."""
    if budget.day is None and budget.month is None:
        return []
    line = _("**The bot's owner pays:** {today} today, {month} this month.")
    today, month = _money(used.today_nano, budget.day), _money(used.month_nano, budget.month)
    return [line.format(today=today, month=month)]


def unheard(guild: discord.Guild | None, channel_id: int | None) -> list[str]:
    """Say that the chosen channel can't be told, if that is so."""
    if guild is None or channel_id is None or writable(guild, channel_id):
        return []
    return [cannot_write(f"<#{channel_id}>")]


def _own_rate(settings: GuildSettings, asker: Asker) -> tuple[int | None, int | None]:
    own = [each for each in of_asker(settings, asker) if each.scope is Scope.MEMBER]
    most = {each.window: each.most for each in own if not each.money}
    return most.get(Window.MINUTE), most.get(Window.DAY)


def _so_far(
    who: str, used: Sums, most: tuple[int | None, int | None, int | None, int | None]
) -> str:
    minute, day, day_nano, month_nano = most
    return _(
        "**{who}:** {minute} in the last minute and {today} today; "
        "{spent_today} spent today, {spent_month} this month."
    ).format(
        who=who,
        minute=_questions(used.minute, minute),
        today=_questions(used.today, day),
        spent_today=_money(used.today_nano, day_nano),
        spent_month=_money(used.month_nano, month_nano),
    )


def _questions(used: int, most: int | None) -> str:
    if most is not None:
        return _("{used} of {most} questions").format(used=used, most=most)
    return ngettext("{count} question", "{count} questions", used).format(count=used)


def _money(used: int, most: int | None) -> str:
    if most is None:
        return rounded(used)
    return _("{used} of {most}").format(used=rounded(used), most=dollars(most))
