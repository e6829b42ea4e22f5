"""/models: what can be asked, what it can do, what it costs, and whether it works here."""

import re
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.guilds.catalogs import GuildCatalogs
from bot.i18n import N_, _
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs._entries import entries, paged
from cogs._filters import Filters, provider_of, suggest_provider
from cogs._panels import buttons, cut, everywhere, home, pressed, say

PAGE = re.compile(r"vidi:models:(\d{1,3}):(.*)", re.DOTALL)
# Search and filters travel in the custom_id of the buttons, which holds 100 characters: 16 for
# whose it is and the page, 12 for the context and marks, 4 between them.
SEARCH_LIMIT = 40
PROVIDER_LIMIT = 20
PRICE_LIMIT = 1000
CONTEXT_LIMIT = 99_999_999


class ModelsCog(commands.Cog):
    """The /models command and the buttons that turn its pages."""

    def __init__(
        self, catalogs: GuildCatalogs, service: VisionService, settings: SettingsBook
    ) -> None:
        self._catalogs = catalogs
        self._service = service
        self._settings = settings

    @app_commands.command(description=N_("Browse the models: abilities, prices, what works here"))
    @app_commands.describe(
        search=N_("Part of a model's or a provider's name"),
        provider=N_("Only this provider's models"),
        max_price=N_("The most that a million tokens may cost, in or out, in USD"),
        context=N_("The least tokens that must fit into a question and its answer"),
        reasoning=N_("Only models that think before they answer, or only those that don't"),
        free=N_("Only models that cost nothing"),
    )
    @everywhere
    async def models(
        self,
        interaction: discord.Interaction[Any],
        search: app_commands.Range[str, 1, SEARCH_LIMIT] | None = None,
        provider: app_commands.Range[str, 1, PROVIDER_LIMIT] | None = None,
        max_price: app_commands.Range[float, 0, PRICE_LIMIT] | None = None,
        context: app_commands.Range[int, 1, CONTEXT_LIMIT] | None = None,
        reasoning: bool | None = None,
        free: bool = False,
    ) -> None:
        """Show the first page."""
        filters = Filters(
            search=search or "",
            provider=provider_of(provider, self._catalogs.of(home(interaction))),
            price=None if max_price is None else round(max_price, 2),
            context=context or 0,
            reasoning=reasoning,
            free=free,
        )
        text, view = self._page(home(interaction), filters, 0)
        await say(interaction, text, view)

    @models.autocomplete("provider")
    async def _complete_provider(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        return suggest_provider(current, self._catalogs.of(home(interaction)))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page when one of its buttons was pressed, also after a restart."""
        if match := pressed(interaction, PAGE):
            text, view = self._page(home(interaction), Filters.unpacked(match[2]), int(match[1]))
            await interaction.response.edit_message(content=text, view=view)

    def _page(
        self, guild_id: int | None, filters: Filters, wanted: int
    ) -> tuple[str, discord.ui.View | None]:
        offered = [model.id for model in self._service.offered(guild_id)]
        pages = paged(entries(self._catalogs.of(guild_id), filters, offered))
        if not pages:
            return _nothing(filters), None
        number = min(wanted, len(pages) - 1)
        headline = _("Models, page {page} of {pages}").format(page=number + 1, pages=len(pages))
        lines = [headline, *self._unchosen(guild_id), *pages[number]]
        return "\n".join(lines), _turning(number, len(pages), filters)

    def _unchosen(self, guild_id: int | None) -> list[str]:
        if guild_id is None or self._settings.of(guild_id).model_id is not None:
            return []
        return [_("No moderator has chosen a model here yet: the bot's default answers.")]


def _nothing(filters: Filters) -> str:
    if filters == Filters(search=filters.search):
        return _("No model is called anything like “{search}”.").format(
            search=cut(filters.search, SEARCH_LIMIT)
        )
    return _("No model fits. Take fewer filters: an unknown price or context fits no limit.")


def _turning(number: int, pages: int, filters: Filters) -> discord.ui.View | None:
    turns: list[discord.ui.Button[Any]] = []
    if number:
        turns.append(_turn(_("Previous"), number - 1, filters))
    if number < pages - 1:
        turns.append(_turn(_("Next"), number + 1, filters))
    return buttons(*turns) if turns else None


def _turn(label: str, page: int, filters: Filters) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, custom_id=f"vidi:models:{page}:{filters.packed()}")
