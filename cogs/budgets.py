"""Tells the channel that moderators chose when a budget reaches its share, and when it is spent."""

import asyncio
import logging

import discord
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.clock import utcnow
from bot.errors import StorageBusy
from bot.guilds.budgets import BudgetEvent, BudgetNotices
from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_, _, use_locale
from bot.money import dollars, rounded
from bot.settings import SettingsBook
from bot.text import plain
from cogs._facts import name_of
from cogs._forecast import ForecastOf, forecast_lines
from cogs._panels import fit
from cogs._reply.pace import FAILURES
from cogs._writing import Writable, writable

log = logging.getLogger(__name__)

_HEADLINES = {
    ("day", "share"): N_("**{percent} % of today's budget is used: {spent} of {limit}.**"),
    ("month", "share"): N_("**{percent} % of this month's budget is used: {spent} of {limit}.**"),
    ("day", "full"): N_(
        "**Today's budget no longer covers a question: {spent} of {limit} is used.**"
    ),
    ("month", "full"): N_(
        "**This month's budget no longer covers a question: {spent} of {limit} is used.**"
    ),
}


class BudgetsCog(commands.Cog):
    """Posts each notice once a day or month."""

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        settings: SettingsBook,
        catalogs: GuildCatalogs,
        notices: BudgetNotices,
        forecast: ForecastOf,
    ) -> None:
        self._bot = bot
        self._settings = settings
        self._catalogs = catalogs
        self._notices = notices
        self._forecast = forecast
        self._telling: set[asyncio.Task[None]] = set()

    def notify(self, event: BudgetEvent) -> None:
        """Tell about an event while the question that met it goes on."""
        task = asyncio.create_task(self.tell(event))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def tell(self, event: BudgetEvent) -> None:
        """Post what happened into the chosen channel, unless that was done before."""
        channel = self._channel(event.guild_id)
        if channel is None:
            return
        use_locale(channel.guild.preferred_locale.value)
        try:
            if not await self._notices.claim(event):
                return
            if not await self._post(channel, event):
                await self._notices.release(event)
        except StorageBusy:
            log.warning("the notice of a budget waits for the database; the next question tells it")

    async def _post(self, channel: Writable, event: BudgetEvent) -> bool:
        budget = self._settings.of(event.guild_id).budget
        lines = notice(event, self._catalogs.of(event.guild_id))
        try:
            ahead = await self._forecast(event.guild_id, budget, utcnow())
            await channel.send(
                fit([*lines, *forecast_lines(ahead)]),
                suppress_embeds=True,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except (*FAILURES, StorageBusy) as failure:
            log.warning("the notice of a budget could not be posted: %s", failure)
            return False
        return True

    def _channel(self, guild_id: int) -> Writable | None:
        """Give the channel to tell, None where there is none that can be written to."""
        guild, channel_id = self._bot.get_guild(guild_id), self._chosen(guild_id)
        if guild is None or channel_id is None:
            return None
        # Asked of the guild, not of the bot: settings can be imported from another guild's file.
        channel = writable(guild, channel_id)
        if channel is None:
            log.warning("guild %d: its budget's channel can't be written to", guild_id)
        return channel

    def _chosen(self, guild_id: int) -> int | None:
        return self._settings.of(guild_id).budget.channel_id

    async def cog_unload(self) -> None:
        """Let notices under way end."""
        if self._telling:
            await asyncio.wait(self._telling, timeout=5)


def notice(event: BudgetEvent, catalog: Catalog) -> list[str]:
    """Say what happened to a budget, what happens now, and when it starts anew."""
    limit = max(event.limit_nano, 1)
    headline = _(_HEADLINES[event.period, event.level]).format(
        percent=min(100, event.spent_nano * 100 // limit),
        spent=rounded(event.spent_nano),
        limit=dollars(event.limit_nano),
    )
    return [headline, _now(event, catalog)]


def _now(event: BudgetEvent, catalog: Catalog) -> str:
    if event.level == "full":
        said = _(
            "Questions that cost money are refused until it starts anew {when}. "
            "Moderators can change it with /limits budget."
        )
    elif event.cheaper is None:
        said = _("Questions are answered until it is used up; it starts anew {when}.")
    else:
        said = _("From now on {model} answers; the budget starts anew {when}.")
    model = name_of(event.cheaper, catalog) if event.cheaper else ""
    when = f"<t:{int(event.resets_at.timestamp())}:R>"
    return said.format(model=plain(model), when=when)
