"""Small things that every panel needs: one private answer, within Discord's limits."""

import re
from collections.abc import Iterable
from typing import Any, TypeVar

import discord
from discord import app_commands
from discord.utils import MISSING

from bot.errors import Refused
from bot.i18n import _, ngettext, use_locale

MESSAGE_LIMIT = 2000

_Command = TypeVar("_Command")


def everywhere(command: _Command) -> _Command:
    """Let a command be used in guilds and direct messages, however the app was installed."""
    installs = app_commands.allowed_installs(guilds=True, users=True)
    contexts = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    return installs(contexts(command))


def home(interaction: discord.Interaction[Any]) -> int | None:
    """Give the guild whose settings count; None in direct messages and where we are no member."""
    return interaction.guild_id if interaction.is_guild_integration() else None


def guild_of(interaction: discord.Interaction[Any]) -> int:
    """Give the guild whose settings count; raises Refused where there is none."""
    guild_id = home(interaction)
    if guild_id is None:
        raise Refused(_("That works only in a server that has me as a member."))
    return guild_id


def require_moderator(interaction: discord.Interaction[Any]) -> None:
    """Raise Refused for who may not manage this server."""
    if not interaction.permissions.manage_guild:
        raise Refused(_("Only moderators who may manage this server can do that."))


def require_reader(interaction: discord.Interaction[Any]) -> None:
    """Raise Refused for who presses what wasn't shown to them alone, unless they moderate.

    A private message is from a command that Discord let them use."""
    message = interaction.message
    if message is None or not message.flags.ephemeral:
        require_moderator(interaction)


async def say(
    interaction: discord.Interaction[Any], text: str, view: discord.ui.View | None = None
) -> None:
    """Answer an interaction so that only its author sees it; nobody is pinged."""
    if interaction.response.is_done():  # it was deferred: this takes the place of “thinking…”
        await interaction.followup.send(
            text,
            view=view or MISSING,
            ephemeral=True,
            suppress_embeds=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        return
    await interaction.response.send_message(
        text,
        view=view or MISSING,
        ephemeral=True,
        suppress_embeds=True,
        allowed_mentions=discord.AllowedMentions.none(),
    )


def pressed(interaction: discord.Interaction[Any], name: re.Pattern[str]) -> re.Match[str] | None:
    """Match the custom_id of a pressed button, however old its message is.

    A match puts the language of whoever pressed it in force; commands have the tree for that."""
    if interaction.type is not discord.InteractionType.component or interaction.data is None:
        return None
    match = name.fullmatch(str(interaction.data.get("custom_id", "")))
    if match is not None:
        use_locale(interaction.locale.value)
    return match


def buttons(*items: discord.ui.Button[discord.ui.View]) -> discord.ui.View:
    """Lay out buttons that a listener answers by their custom_id, so they outlive a restart."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()  # a finished view is sent all the same, and discord.py keeps no copy of it
    return view


def fit(lines: Iterable[str], limit: int = MESSAGE_LIMIT, at_most: int | None = None) -> str:
    """Join lines within `limit` characters; whole lines at the end give way to “… and 12 more”."""
    rows = list(lines)
    kept = rows[:at_most]
    while kept:
        text = "\n".join([*kept, *_more(len(rows) - len(kept))])
        if len(text) <= limit:
            return text
        kept.pop()
    return cut(rows[0], limit) if rows else ""


def _more(count: int) -> list[str]:
    if not count:
        return []
    return [ngettext("… and {count} more", "… and {count} more", count).format(count=count)]


def cut(text: str, limit: int) -> str:
    """Put text on one line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
