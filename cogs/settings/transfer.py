"""/settings export, import and reset: the settings as a whole."""

import asyncio
from io import BytesIO
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.choices import GuildSettings
from bot.errors import Refused
from bot.guilds.catalogs import GuildCatalogs
from bot.guilds.keyring import Keyring
from bot.guilds.mistakes import Mistake
from bot.guilds.transfer import BYTES_MAX, dump, load
from bot.i18n import N_, _, ngettext
from bot.settings import SettingsBook
from bot.text import plain
from cogs._changing.changing import Changer
from cogs._changing.foreign import fitted, unusable
from cogs._panels import cut, fit, guild_of

FETCH_SECONDS = 10.0
PLACE_LIMIT = 80


class TransferCommands(commands.Cog):
    """The commands of /settings that are about all of them at once."""

    _settings: SettingsBook
    _catalogs: GuildCatalogs
    _changer: Changer
    _keyring: Keyring

    @app_commands.command(description=N_("Get everything that is set here as a file, without keys"))
    async def export(self, interaction: discord.Interaction[Any]) -> None:
        """Hand over the settings as a file that `import` reads."""
        current = self._settings.of(guild_of(interaction))
        lines = [_("What is set in this server, without keys. /settings import reads it again.")]
        if current.endpoint is not None:
            lines.append(_("The address of your own endpoint is in it."))
        await interaction.response.send_message(
            "\n".join(lines),
            file=discord.File(BytesIO(dump(current)), "vidi-settings.json"),
            ephemeral=True,
        )

    @app_commands.command(name="import", description=N_("Set everything as a file says"))
    @app_commands.describe(file=N_("A file from /settings export"))
    async def import_(
        self, interaction: discord.Interaction[Any], file: discord.Attachment
    ) -> None:
        """Put the settings of a file in force, unless there is a mistake in it."""
        guild_id = guild_of(interaction)
        if file.size > BYTES_MAX:
            raise Refused(_("This file is too large for settings: they take 64 KiB at most."))
        await interaction.response.defer(ephemeral=True, thinking=True)
        content = await _content(file)
        current = self._settings.of(guild_id)
        read = load(content, endpoint=current.endpoint)
        if isinstance(read, list):
            raise Refused(_refusal(read))
        if read.endpoint != current.endpoint:
            raise Refused(
                _(
                    "The file names another endpoint than this server has, so nothing was changed. "
                    "Set it with /settings endpoint first, or take “endpoint” out of the file."
                )
            )
        after, notes = fitted(read, interaction.guild)
        notes += unusable(after, self._catalogs.of(guild_id))
        await self._changer.change(interaction, after, notes)

    @app_commands.command(description=N_("Forget everything that was set here; offers Undo"))
    async def reset(self, interaction: discord.Interaction[Any]) -> None:
        """Go back to the defaults at once; what has a key of its own stays."""
        guild_id = guild_of(interaction)
        endpoint = self._settings.of(guild_id).endpoint
        notes: list[str] = []
        if endpoint is not None:
            notes.append(_("The endpoint stays: /settings endpoint takes it away."))
        if self._keyring.of(guild_id):
            notes.append(_("Keys stay: /settings key takes them away."))
        await self._changer.change(interaction, GuildSettings(endpoint=endpoint), notes)


async def _content(file: discord.Attachment) -> bytes:
    try:
        return await asyncio.wait_for(file.read(), FETCH_SECONDS)
    except (TimeoutError, discord.HTTPException, aiohttp.ClientError) as error:
        raise Refused(_("Discord didn't hand the file over. Send it once more.")) from error


def _refusal(mistakes: list[Mistake]) -> str:
    count = len(mistakes)
    head = ngettext(
        "Nothing was changed: there is {count} mistake in the file.",
        "Nothing was changed: there are {count} mistakes in the file.",
        count,
    ).format(count=count)
    return fit([head, *(f"- {_mistake(mistake)}" for mistake in mistakes)])


def _mistake(mistake: Mistake) -> str:
    if not mistake.place:
        return mistake.problem
    place = cut(plain(mistake.place).replace("`", "'"), PLACE_LIMIT)
    return _("`{place}`: {problem}").format(place=place, problem=mistake.problem)
