"""/models: what can be asked, what it can do, what it costs, and whether it works here."""

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.i18n import N_, _
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs._facts import abilities, model_name, price_text, standing
from cogs._panels import MESSAGE_LIMIT, buttons, cut, everywhere, home, pressed, say

PAGE = re.compile(r"vidi:models:(\d{1,6}):(.*)", re.DOTALL)
PAGE_SIZE = 8
# The rest is for the lines above the entries.
PAGE_LIMIT = MESSAGE_LIMIT - 200
ENTRY_LIMIT = 600
# The search travels in the custom_id of the buttons, which holds 100 characters.
SEARCH_LIMIT = 60


class ModelsCog(commands.Cog):
    """The /models command and the buttons that turn its pages."""

    def __init__(self, catalog: Catalog, service: VisionService, settings: SettingsBook) -> None:
        self._catalog = catalog
        self._service = service
        self._settings = settings

    @app_commands.command(description=N_("Browse the models: abilities, prices, what works here"))
    @app_commands.describe(search=N_("Part of a model's or a provider's name"))
    @everywhere
    async def models(
        self,
        interaction: discord.Interaction[Any],
        search: app_commands.Range[str, 1, SEARCH_LIMIT] | None = None,
    ) -> None:
        """Show the first page."""
        text, view = self._page(home(interaction), search or "", 0)
        await say(interaction, text, view)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page when one of its buttons was pressed, also after a restart."""
        if match := pressed(interaction, PAGE):
            text, view = self._page(home(interaction), match[2], int(match[1]))
            await interaction.response.edit_message(content=text, view=view)

    def _page(
        self, guild_id: int | None, search: str, wanted: int
    ) -> tuple[str, discord.ui.View | None]:
        offered = [model.id for model in self._service.offered(guild_id)]
        pages = paged(entries(self._catalog, search, offered))
        if not pages:
            return _("No model is called anything like “{search}”.").format(
                search=cut(search, SEARCH_LIMIT)
            ), None
        number = min(wanted, len(pages) - 1)
        headline = _("Models, page {page} of {pages}").format(page=number + 1, pages=len(pages))
        lines = [headline, *self._unchosen(guild_id), *pages[number]]
        return "\n".join(lines), _turning(number, len(pages), search)

    def _unchosen(self, guild_id: int | None) -> list[str]:
        if guild_id is None or self._settings.of(guild_id).model_id is not None:
            return []
        return [_("No moderator has chosen a model here yet: the bot's default answers.")]


def entries(catalog: Catalog, search: str, offered: Sequence[str]) -> list[str]:
    """Describe each model that fits the search, the most usable first, those that are gone last."""
    words = search.casefold().split()
    found = [model for model in catalog.models.values() if _fits(model, words)]
    ranked = [(*standing(model, catalog, offered), model) for model in found]
    ranked.sort(key=lambda entry: entry[0])
    return [_entry(model, state) for _rank, state, model in ranked]


def _fits(model: Model, words: Sequence[str]) -> bool:
    text = f"{model.id} {model_name(model)}".casefold()
    return all(word in text for word in words)


def _entry(model: Model, state: str) -> str:
    line = _("**{name}** (`{model_id}`): {abilities}; {price}. {state}").format(
        name=model_name(model),
        model_id=model.id,
        abilities="; ".join(abilities(model)),
        price=price_text(model.price),
        state=state,
    )
    return cut(line, ENTRY_LIMIT)


def paged(lines: Sequence[str]) -> list[list[str]]:
    """Spread lines over pages of at most eight, none over a message's limit."""
    pages: list[list[str]] = []
    room = 0
    for line in lines:
        room -= len(line) + 1
        if room < 0 or len(pages[-1]) == PAGE_SIZE:
            pages.append([])
            room = PAGE_LIMIT - len(line) - 1
        pages[-1].append(line)
    return pages


def _turning(number: int, pages: int, search: str) -> discord.ui.View | None:
    turns: list[discord.ui.Button[Any]] = []
    if number:
        turns.append(_turn(_("Previous"), number - 1, search))
    if number < pages - 1:
        turns.append(_turn(_("Next"), number + 1, search))
    return buttons(*turns) if turns else None


def _turn(label: str, page: int, search: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, custom_id=f"vidi:models:{page}:{search}")
