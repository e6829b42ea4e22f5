"""Joining and leaving guilds: what that means for what is kept of them."""

import discord
from discord.ext import commands

from bot.guilds.keyring import Keyring
from bot.guilds.membership import Guilds
from bot.owner.book import OwnerBook


class GuildsCog(commands.Cog):
    """Listens to guilds that come and go; the keyring forgets the keys that are erased."""

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        guilds: Guilds,
        owner: OwnerBook,
        keyring: Keyring,
    ) -> None:
        self._bot = bot
        self._guilds = guilds
        self._owner = owner
        self._keyring = keyring

    async def cog_load(self) -> None:
        """Read which guilds know who receives pictures."""
        await self._guilds.load()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Catch up with what happened while the bot was away.

        Discord lists guilds in an outage, too, so what isn't there has removed the bot."""
        present = {guild.id for guild in self._bot.guilds}
        gone = await self._guilds.compare(present, operator_keys=self._owner.rules.new_guilds)
        for guild_id in gone:
            self._keyring.drop(guild_id)
        await self._owner.load()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Write down a new guild, and whether the operator pays for it."""
        await self._guilds.joined(guild.id, operator_keys=self._owner.rules.new_guilds)
        await self._owner.load()

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Erase the keys of a guild that removed the bot; the rest follows after 30 days.

        Discord.py calls this for removals alone, not when a guild is unavailable."""
        await self._guilds.left(guild.id)
        self._keyring.drop(guild.id)
