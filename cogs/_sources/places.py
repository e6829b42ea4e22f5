"""What a channel lies in, from what Discord has told already; no request is made."""

import discord


def around(guild: discord.Guild | None, channel_id: int, channel: object) -> tuple[int, ...]:
    """Give the ids of what a channel lies in, nearest first: a thread's channel, the category.

    `channel` is as an event brought it, for what the guild doesn't know."""
    here = (guild.get_channel_or_thread(channel_id) if guild else None) or channel
    if not isinstance(here, discord.Thread):
        return _category(here)
    parent = guild.get_channel(here.parent_id) if guild else None
    return (here.parent_id, *_category(parent))


def _category(channel: object) -> tuple[int, ...]:
    if not isinstance(channel, discord.abc.GuildChannel) or channel.category_id is None:
        return ()
    return (channel.category_id,)
