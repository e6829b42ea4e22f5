"""The composition root: Config in, a running bot out; everything closes in order."""

import asyncio
import datetime as dt
import functools
import logging
import signal
from contextlib import AsyncExitStack

from bot import usage
from bot.client import VidiBot, probe
from bot.config import Config
from bot.core import Core, open_core
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.jobs import Jobs
from cogs._reply import Desk
from cogs.answers import AnswersCog
from cogs.ask import AskCog
from cogs.help import HelpCog
from cogs.mention import MentionCog
from cogs.menus import MenusCog
from cogs.models import ModelsCog
from cogs.privacy import PrivacyCog
from cogs.settings import SettingsCog
from cogs.usage import UsageCog

log = logging.getLogger(__name__)

DRAIN_SECONDS = 20.0  # how long a stopping bot lets answers finish


async def run(config: Config) -> int:
    """Connect to Discord and answer until SIGTERM or SIGINT; raises StartupError."""
    application = await probe(config)
    content = {"on": True, "off": False}.get(config.message_content, application.message_content)
    async with AsyncExitStack() as stack:
        box = SecretBox.load(config.secret_keys, config.data_dir)
        db = await stack.enter_async_context(Database.open(config.database_url, config.data_dir))
        core = await stack.enter_async_context(
            open_core(config, db, box, default_model=config.default_model)
        )
        bot = await stack.enter_async_context(VidiBot(config, message_content=content))
        desk = Desk(bot, core.service, core.settings)
        await _add_cogs(bot, desk, core, message_content=content)
        await _serve(bot, desk, core, config.token or "")
    return 0


async def _add_cogs(bot: VidiBot, desk: Desk, core: Core, *, message_content: bool) -> None:
    catalog, settings, service = core.catalog, core.settings, core.service
    for cog in (
        AskCog(desk),
        MenusCog(desk),
        MentionCog(desk, bot),
        AnswersCog(desk),
        SettingsCog(settings, catalog, service),
        ModelsCog(catalog, service, settings),
        UsageCog(functools.partial(usage.summary, core.db), catalog),
        PrivacyCog(settings, service, catalog),
        HelpCog(service, settings, message_content, dt.datetime.now(dt.UTC)),
    ):
        await bot.add_cog(cog)


async def _serve(bot: VidiBot, desk: Desk, core: Core, token: str) -> None:
    """Answer until a signal or a fatal error of the connection."""
    jobs = Jobs(core.db, core.box, desk.finish, in_flight=core.service.in_flight)
    stopping = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    async with asyncio.TaskGroup() as group:
        connection = group.create_task(bot.start(token))
        clockwork = group.create_task(_run_jobs(bot, jobs))
        stop = group.create_task(stopping.wait())
        await asyncio.wait({connection, stop}, return_when=asyncio.FIRST_COMPLETED)
        clockwork.cancel()
        stop.cancel()
        if stopping.is_set():
            log.info("stopping: answers under way have %d s to finish", DRAIN_SECONDS)
            await desk.close(DRAIN_SECONDS)
            await bot.close()


async def _run_jobs(bot: VidiBot, jobs: Jobs) -> None:
    await bot.wait_until_ready()
    log.info("ready as %s in %d servers", bot.user, len(bot.guilds))
    await jobs.reap()
    await jobs.run()
