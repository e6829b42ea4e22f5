"""Permission bits by discord.py's names, and what a user may do in a channel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.channels import Channel
    from playground.users import User

BITS = {
    "kick_members": 1 << 1,
    "ban_members": 1 << 2,
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "change_nickname": 1 << 26,
    "manage_nicknames": 1 << 27,
    "manage_roles": 1 << 28,
    "manage_webhooks": 1 << 29,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
    "moderate_members": 1 << 40,
    "use_external_apps": 1 << 50,
}
EVERYTHING = (1 << 51) - 1


def bits(names: Iterable[str]) -> int:
    """Add up named permissions; KeyError for a name Discord hasn't."""
    return sum(BITS[name] for name in set(names))


MEMBER = bits(
    (
        "view_channel",
        "send_messages",
        "send_messages_in_threads",
        "create_public_threads",
        "read_message_history",
        "attach_files",
        "embed_links",
        "add_reactions",
        "use_external_emojis",
        "change_nickname",
        "use_application_commands",
        "use_external_apps",
    )
)
DIRECT = MEMBER & ~bits(("send_messages_in_threads", "create_public_threads", "change_nickname"))


def permissions_in(channel: Channel, user: User) -> int:
    """Work out a user's permissions in a channel; 0 for one who isn't in its guild."""
    guild = channel.guild
    if guild is None:
        return DIRECT if user in channel.recipients else 0
    member = guild.members.get(user.id)
    if member is None:
        return 0
    granted = guild.everyone
    for role in member.roles:
        granted |= role.permissions
    if user is guild.owner or granted & BITS["administrator"]:
        return EVERYTHING
    allow, deny = (channel.parent or channel).overwrites.get(user.id, (0, 0))
    return (granted & ~deny) | allow


def in_interaction(channel: Channel, bot: User) -> int:
    """Give an interaction's app_permissions, which a bot has even where it is no member."""
    return permissions_in(channel, bot) or DIRECT


def can(channel: Channel, user: User, name: str) -> bool:
    """Tell whether a user has one named permission in a channel."""
    return bool(permissions_in(channel, user) & BITS[name])
