"""/owner: what whoever runs the bot decides, in direct messages with it."""

import re
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.catalog import Catalog
from bot.errors import Refused
from bot.i18n import N_, _
from bot.owner.book import OwnerBook
from bot.owner.decisions import ANNOUNCEMENT_MAX, REASON_MAX, Block, Kind
from cogs._owner.deciding import decide, show_blocks, undo
from cogs._owner.describe import names
from cogs._owner.listing import Figures, days_ago, guild_page, turning, usage_text
from cogs._owner.reading import Answer, allowance_of, announcement_of, block_of, id_of, keys_of
from cogs._panels import pressed, say

UNDO = re.compile(r"vidi:owner-undo:(\d{1,18})")
GUILDS = re.compile(r"vidi:owner-guilds:(\d{1,5})")


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=False, dms=True, private_channels=False)
class OwnerCog(
    commands.GroupCog, group_name="owner", group_description=N_("For whoever runs this bot")
):
    """The /owner commands. Discord shows them to everybody who writes to the bot directly."""

    def __init__(
        self, book: OwnerBook, figures: Figures, catalog: Catalog, owner_ids: frozenset[int]
    ) -> None:
        self._book = book
        self._figures = figures
        self._catalog = catalog
        self._owner_ids = owner_ids

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Refuse everybody else every command."""
        try:
            self._require_owner(interaction)
        except Refused as refused:
            raise app_commands.AppCommandError from refused
        return True

    @app_commands.command(description=N_("List all servers: who pays, what they asked"))
    async def guilds(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page of all servers."""
        page = await guild_page(self._figures, self._book, interaction, 0)
        await say(interaction, page.text, turning(page))

    @app_commands.command(description=N_("Keep a server or a user out, at once"))
    @app_commands.describe(id=N_("The id, or a user's mention"), reason=N_("Only you see it"))
    async def block(
        self,
        interaction: discord.Interaction[Any],
        kind: Kind,
        id: str,
        reason: app_commands.Range[str, 1, REASON_MAX] | None = None,
    ) -> None:
        """Block somebody; a blocked server isn't left."""
        block = block_of(interaction.client, self._owner_ids, kind, id, reason)
        await decide(interaction, self._book, block)

    @app_commands.command(description=N_("Let a blocked server or user back in; lists blocks"))
    @app_commands.describe(id=N_("The id, or a user's mention; lists all if left out"))
    async def unblock(
        self,
        interaction: discord.Interaction[Any],
        kind: Kind | None = None,
        id: str | None = None,
    ) -> None:
        """Lift a block, or list all of them."""
        if kind is None or id is None:
            await show_blocks(interaction, self._book)
        else:
            await decide(interaction, self._book, Block(kind, id_of(kind, id), blocked=False))

    @app_commands.command(description=N_("Limit what each server may cost on your keys"))
    @app_commands.describe(
        day=N_("US dollars like 0.50, or none"), month=N_("US dollars like 5, or none")
    )
    async def budget(
        self,
        interaction: discord.Interaction[Any],
        day: str | None = None,
        month: str | None = None,
    ) -> None:
        """Set the budget of each server, or show it."""
        await decide(interaction, self._book, allowance_of(self._book.rules.budget, day, month))

    @app_commands.command(description=N_("Choose which servers may use your keys"))
    @app_commands.describe(
        new=N_("Servers yet to join"),
        guild=N_("The id of one server"),
        use=N_("Whether that one may"),
    )
    async def keys(
        self,
        interaction: discord.Interaction[Any],
        new: Answer | None = None,
        guild: str | None = None,
        use: Answer | None = None,
    ) -> None:
        """Set who may use the operator's keys, or show it."""
        decision = keys_of(interaction.client, self._book.rules.new_guilds, new, guild, use)
        await decide(interaction, self._book, decision)

    @app_commands.command(description=N_("What all servers asked and paid"))
    @app_commands.describe(days=N_("How many days, today among them; 30 if left out"))
    async def usage(
        self, interaction: discord.Interaction[Any], days: app_commands.Range[int, 1, 366] = 30
    ) -> None:
        """Show sums, the dearest servers and the models."""
        since = days_ago(interaction.created_at, days - 1)
        named = names(interaction.client)
        await say(interaction, await usage_text(self._figures, since, days, self._catalog, named))

    @app_commands.command(description=N_("Tell everybody something below answers; ends it"))
    @app_commands.describe(
        text=N_("What everybody reads; without it the announcement ends"),
        hours=N_("How long; until you end it if left out"),
    )
    async def announce(
        self,
        interaction: discord.Interaction[Any],
        text: app_commands.Range[str, 1, ANNOUNCEMENT_MAX] | None = None,
        hours: app_commands.Range[int, 1, 720] | None = None,
    ) -> None:
        """Announce something, or end what is announced."""
        announcement = announcement_of(text, hours, interaction.created_at)
        await decide(interaction, self._book, announcement)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the buttons of these commands, also after a restart."""
        if match := pressed(interaction, UNDO):
            self._require_owner(interaction)
            await undo(interaction, self._book, int(match[1]))
        elif match := pressed(interaction, GUILDS):
            self._require_owner(interaction)
            page = await guild_page(self._figures, self._book, interaction, int(match[1]))
            await interaction.response.edit_message(content=page.text, view=turning(page))

    def _require_owner(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.user.id not in self._owner_ids:
            raise Refused(_("Only whoever runs this bot can do that."))
