"""Where the bot itself may write."""

import discord

from bot.i18n import _

Writable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


def may_write(channel: Writable) -> bool:
    """Tell whether the bot may post in a channel of a guild, by what Discord told it."""
    allowed = channel.permissions_for(channel.guild.me)
    may_send = allowed.send_messages
    if isinstance(channel, discord.Thread):
        may_send = allowed.send_messages_in_threads and not (channel.locked or channel.archived)
    return allowed.view_channel and may_send


def writable(guild: discord.Guild, channel_id: int) -> Writable | None:
    """Give a channel of this guild if the bot may post there."""
    channel = guild.get_channel_or_thread(channel_id)
    return channel if isinstance(channel, Writable) and may_write(channel) else None


def cannot_write(channel: str) -> str:
    """Say that the bot can't post there, and what helps."""
    return _(
        "I can't write in {channel}. Allow me View Channel and Send Messages there, "
        "or choose another."
    ).format(channel=channel)
