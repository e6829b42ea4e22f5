"""/privacy: what is kept, for how long, and who receives pictures."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.i18n import N_, _, ngettext
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs._facts import model_name
from cogs._panels import everywhere, fit, home, say

RECEIVERS_LIMIT = 1000


@everywhere
class PrivacyCog(
    commands.GroupCog, group_name="privacy", group_description=N_("What I keep and who sees it")
):
    """The /privacy commands."""

    def __init__(self, settings: SettingsBook, service: VisionService, catalog: Catalog) -> None:
        self._settings = settings
        self._service = service
        self._catalog = catalog

    @app_commands.command(description=N_("What is kept, for how long, and who receives pictures"))
    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Show what holds in this place."""
        guild_id = home(interaction)
        receivers = [
            _("- {model}: {receiver}").format(
                model=model_name(model), receiver=self._receiver(model)
            )
            for model in self._service.offered(guild_id)
        ]
        if guard := self._guard(guild_id):
            first = _("- {guard}, which looks first: {receiver}").format(
                guard=model_name(guard), receiver=self._receiver(guard)
            )
            receivers.insert(0, first)
        lines = [
            _("**Who receives pictures and questions**"),
            fit(receivers, RECEIVERS_LIMIT),
            _("**What is kept**"),
            _kept_text(self._settings.of(guild_id).retention_hours),
            _(
                "- Who asked when and where, which model answered, how many pictures and tokens, "
                "and what it cost: for the usage figures."
            ),
            _(
                "- An answer that is not yet in its channel: encrypted, at most 15 minutes, so "
                "that a restart doesn't lose it."
            ),
            _("- What moderators set, and who changed it when."),
            _("**What is never kept**"),
            _("- Pictures. They are looked at in memory or only passed on as a link."),
            _("- Messages that don't ask me anything."),
        ]
        await say(interaction, fit(lines))

    def _guard(self, guild_id: int | None) -> Model | None:
        model_id = self._settings.of(guild_id).screen_model
        return self._catalog.find(model_id) if model_id else None

    def _receiver(self, model: Model) -> str:
        if model.provider.kind == "local":
            return _("nobody, it runs on the machine of this bot")
        endpoint = self._catalog.endpoint(model.provider)
        if endpoint is None:
            return _("nobody, it isn't set up")
        return _("{company}, at {host}").format(company=model.provider.company, host=endpoint.host)


def _kept_text(hours: int) -> str:
    if not hours:
        return _("- Questions and answers: not at all, so answers can't be followed up here.")
    return ngettext(
        "- Questions and answers, and the links of their pictures: encrypted, for {hours} hour, "
        "so that answers can be followed up. Delete on an answer erases them at once.",
        "- Questions and answers, and the links of their pictures: encrypted, for {hours} hours, "
        "so that answers can be followed up. Delete on an answer erases them at once.",
        hours,
    ).format(hours=hours)
