"""/help and /status: how to ask, and how the bot is doing."""

import datetime as dt
import math
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import __version__
from bot.catalog.types import Model
from bot.errors import StorageBusy
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.notices import ending_of
from bot.i18n import N_, _, ngettext
from bot.owner.book import OwnerBook
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs._endings import ending_text
from cogs._facts import model_name
from cogs._panels import everywhere, fit, home, say
from cogs._ways import ways_to_ask


class HelpCog(commands.Cog):
    """The /help and /status commands."""

    def __init__(
        self,
        service: VisionService,
        settings: SettingsBook,
        catalogs: GuildCatalogs,
        owner: OwnerBook,
        message_content: bool,
        started: dt.datetime,
    ) -> None:
        self._service = service
        self._settings = settings
        self._catalogs = catalogs
        self._owner = owner
        self._message_content, self._started = message_content, started

    @app_commands.command(description=N_("How to ask about a picture"))
    @everywhere
    async def help(self, interaction: discord.Interaction[Any]) -> None:
        """Show every way to ask, and what moderators can set."""
        settings = self._settings.of(home(interaction))
        lines = [
            _("**Ask about a picture**"),
            *ways_to_ask(interaction, settings, message_content=self._message_content),
            _("**Good to know**"),
            _("- /models: what can be asked and what it costs. /usage mine: what you asked."),
            _("- /why: which rules answered or refused your last question."),
            _("- /privacy show: what is kept, and who receives pictures."),
            *_for_moderators(interaction),
        ]
        await say(interaction, fit(lines))

    @app_commands.command(description=N_("How I am doing"))
    @everywhere
    async def status(self, interaction: discord.Interaction[Any]) -> None:
        """Show version, connection, model and database; nothing secret."""
        model = self._service.model_of(home(interaction))
        in_flight, told = len(self._service.in_flight()), self._owner.announcement()
        lines = [
            _("Vidi {version}, running since {since}.").format(
                version=__version__, since=discord.utils.format_dt(self._started, "R")
            ),
            _latency_line(interaction.client.latency),
            _content_line(self._message_content),
            _("Questions go to {model} here.").format(model=model_name(model)),
            *self._ending_lines(interaction, model),
            ngettext(
                "{count} question is being answered.",
                "{count} questions are being answered.",
                in_flight,
            ).format(count=in_flight),
            await self._database_line(),
            *([_("Whoever runs me says: {text}").format(text=told)] if told else []),
        ]
        await say(interaction, fit(lines))

    def _ending_lines(self, interaction: discord.Interaction[Any], model: Model) -> list[str]:
        moderates = home(interaction) is not None and interaction.permissions.manage_guild
        catalog = self._catalogs.of(home(interaction))
        ending = ending_of(model, catalog) if moderates else None
        return [] if ending is None else [ending_text(ending, catalog)]

    async def _database_line(self) -> str:
        try:
            # No question has this id: the read only proves that the database answers.
            await self._service.receipt(0)
        except StorageBusy:
            return _("Database: it doesn't answer at the moment; questions are refused.")
        return _("Database: in order.")


def _for_moderators(interaction: discord.Interaction[Any]) -> list[str]:
    if home(interaction) is None or not interaction.permissions.manage_guild:
        return []
    return [
        _(
            "- You moderate: /settings panel has everything in one place; /limits says how often "
            "one may ask and what it may cost; /usage summary shows what was asked and paid."
        )
    ]


def _content_line(message_content: bool) -> str:
    if message_content:
        return _("Message content: on. Replies to somebody else's picture work.")
    return _(
        "Message content: off. Replies to somebody else's picture don't work; "
        "the right-click menus do."
    )


def _latency_line(seconds: float) -> str:
    if not math.isfinite(seconds):
        return _("Connection to Discord: not measured yet.")
    return _("Connection to Discord: {ms} ms.").format(ms=round(seconds * 1000))
