"""The composition root: Config in, a running bot out; everything closes in order."""

import asyncio
import datetime as dt
import functools
import logging
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import discord
from discord.ext import commands

from bot import usage
from bot.charts.painter import Painter
from bot.client import VidiBot, probe
from bot.config import Config
from bot.core import Core, open_core
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.errors import StartupError
from bot.guilds.budgets import BudgetNotices
from bot.guilds.membership import Guilds
from bot.guilds.notices import Notices
from bot.i18n import _
from bot.jobs import Jobs
from bot.settings import SettingsBook
from bot.usage.book import UsageBook
from bot.usage.forecast import forecast_of
from bot.usage.guilds import guild_standings, guild_sums
from bot.usage.standing import standing
from cogs._changing.changing import Changer
from cogs._changing.checking import Checker
from cogs._left import left_to
from cogs._owner.listing import Figures
from cogs._privacy.introduction import Introductions
from cogs._reply import Desk
from cogs._sources.authors import Authors
from cogs.answers import AnswersCog
from cogs.ask import AskCog
from cogs.budgets import BudgetsCog
from cogs.guilds import GuildsCog
from cogs.help import HelpCog
from cogs.limits import LimitsCog
from cogs.mention import MentionCog
from cogs.menus import MenusCog
from cogs.models import ModelsCog
from cogs.notices import NoticesCog
from cogs.owner import OwnerCog
from cogs.privacy import PrivacyCog
from cogs.settings import SettingsCog
from cogs.usage import UsageCog
from cogs.why import WhyCog

log = logging.getLogger(__name__)

DRAIN_SECONDS = 20.0  # how long a stopping bot lets answers finish


@dataclass(frozen=True, slots=True)
class Vidi:
    """A running bot. `connection` ends when the connection to Discord does, with its error."""

    core: Core
    bot: VidiBot
    connection: asyncio.Task[None]


async def run(config: Config) -> int:
    """Connect to Discord and answer until SIGTERM or SIGINT; raises StartupError."""
    stopping = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    async with connected(config) as vidi:
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({vidi.connection, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if vidi.connection.done():
            _raise_cause(vidi.connection)
        log.info("stopping: answers under way have %d s to finish", DRAIN_SECONDS)
    return 0


@asynccontextmanager
async def connected(config: Config, *, drain: float = DRAIN_SECONDS) -> AsyncGenerator[Vidi]:
    """Open everything and connect; at the end answers under way have `drain` seconds to finish."""
    application = await probe(config)
    content = {"on": True, "off": False}.get(config.message_content, application.message_content)
    box = SecretBox.load(config.secret_keys, config.data_dir)
    async with (
        Database.open(config.database_url, config.data_dir) as db,
        open_core(
            config, db, box, default_model=config.default_model, dm_daily=config.dm_daily
        ) as core,
        Painter() as painter,
        VidiBot(config, message_content=content) as bot,
    ):
        core.catalog.default(config.default_model)  # better to fail now than at each question
        desk = Desk(
            bot,
            core.service,
            core.settings,
            Authors(bot, core.service, core.opt_outs),
            Introductions(core.guilds, core.catalogs, core.service),
        )
        owner_ids = config.owner_ids | application.owner_ids
        for cog in _cogs(bot, desk, core, painter, owner_ids, message_content=content):
            await bot.add_cog(cog)
        jobs = Jobs(
            db,
            box,
            desk.finish,
            in_flight=core.service.in_flight,
            erasers=(core.people.fade, functools.partial(_erase_left, core.guilds, core.settings)),
        )
        connection = asyncio.create_task(bot.start(config.token or ""))
        clockwork = [
            asyncio.create_task(run)
            for run in (_run_jobs(bot, jobs), core.discovery.run(), core.sight.run())
        ]
        try:
            yield Vidi(core, bot, connection)
        finally:
            for task in clockwork:
                task.cancel()
            await desk.close(drain)
            await bot.close()
            await asyncio.gather(connection, *clockwork, return_exceptions=True)


def _cogs(
    bot: VidiBot,
    desk: Desk,
    core: Core,
    painter: Painter,
    owner_ids: frozenset[int],
    *,
    message_content: bool,
) -> tuple[commands.Cog, ...]:
    catalog, settings, service = core.catalog, core.settings, core.service
    forecast = functools.partial(forecast_of, core.db)
    changer = Changer(settings, core.catalogs, service, Checker(core.sight, core.catalogs))
    standings = functools.partial(standing, core.db, core.box)
    budgets = BudgetsCog(bot, settings, core.catalogs, BudgetNotices(core.db), forecast)
    service.on_budget = budgets.notify
    return (
        AskCog(desk),
        MenusCog(desk),
        MentionCog(desk, bot),
        AnswersCog(desk, core.catalogs),
        WhyCog(service, settings, core.catalogs),
        SettingsCog(
            settings, core.catalogs, service, core.sight, core.keyring, core.connections, forecast
        ),
        LimitsCog(settings, core.catalogs, service, core.owner, changer, standings),
        budgets,
        ModelsCog(core.catalogs, service, settings),
        UsageCog(
            UsageBook(core.db),
            painter,
            settings,
            core.catalogs,
            functools.partial(left_to, service),
        ),
        PrivacyCog(settings, core.catalogs, service, core.people, core.opt_outs, desk.stop_asker),
        GuildsCog(bot, core.guilds, core.owner, core.keyring),
        NoticesCog(Notices(core.db), service, core.catalogs, core.sight),
        OwnerCog(core.owner, _figures(core.db), catalog, owner_ids),
        HelpCog(
            service, settings, core.catalogs, core.owner, message_content, dt.datetime.now(dt.UTC)
        ),
    )


def _figures(db: Database) -> Figures:
    return Figures(
        functools.partial(usage.summary, db),
        functools.partial(guild_sums, db),
        functools.partial(guild_standings, db),
    )


async def _erase_left(guilds: Guilds, settings: SettingsBook) -> None:
    if await guilds.erase_left():
        await settings.load()


async def _run_jobs(bot: VidiBot, jobs: Jobs) -> None:
    await bot.wait_until_ready()
    log.info("ready as %s in %d servers", bot.user, len(bot.guilds))
    await jobs.reap()
    await jobs.run()


def _raise_cause(connection: asyncio.Task[None]) -> None:
    """Turn the end of the connection into a sentence for the operator."""
    error = connection.exception()
    if isinstance(error, discord.PrivilegedIntentsRequired):
        raise StartupError(
            _(
                "Message content is asked for but switched off. Switch on Message Content Intent "
                "under Bot at https://discord.com/developers/applications, or set "
                "VIDI_MESSAGE_CONTENT=auto."
            )
        ) from error
    if isinstance(error, discord.LoginFailure):
        raise StartupError(_("Discord no longer accepts DISCORD_TOKEN.")) from error
    raise StartupError(_("Discord ended the connection for good.")) from error
