"""An interaction: who asks, where, and what its options point at."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

import discord

from bot.errors import Refused
from bot.i18n import _
from bot.types import Asker, Delivery, ImageRef, Place
from cogs._panels import home
from cogs._sources.attachments import Pictures, expiry
from cogs._sources.places import around

_DISCORD_SITES = frozenset({"discord.com", "ptb.discord.com", "canary.discord.com"})
_DISCORD_FILES = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_AVATAR = re.compile(r"/+(?:guilds/+\d+/+users/+(\d{1,20})/+)?avatars/+(\d{1,20})?", re.ASCII)


def asker_of(interaction: discord.Interaction[Any]) -> Asker:
    """Give who uses a command, a menu or a button."""
    user = interaction.user
    roles = user.roles if isinstance(user, discord.Member) else []
    return Asker(
        user_id=user.id,
        locale=interaction.locale.value,
        is_moderator=interaction.permissions.manage_guild,
        role_ids=tuple(role.id for role in roles if not role.is_default()),
    )


def place_of(interaction: discord.Interaction[Any]) -> Place:
    """Give where it happens; the guild only if the bot is a member there."""
    channel_id = interaction.channel_id or 0
    within = around(interaction.guild, channel_id, interaction.channel)
    return Place(home(interaction), channel_id, within)


def delivery_of(interaction: discord.Interaction[Any]) -> Delivery:
    """Give what ends the “thinking…” of this interaction if the process dies meanwhile."""
    return Delivery(
        channel_id=interaction.channel_id or 0,
        token=interaction.token,
        application_id=interaction.application_id,
    )


def from_link(link: str | None, *, author_id: int | None = None) -> Pictures:
    """Give the picture behind a link; raises Refused for what can't be one.

    It is `author_id`'s, but for an avatar: that is whose it shows."""
    if not link:
        return Pictures()
    try:
        parts = urlsplit(link.strip("<> "))
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable:
        raise Refused(_("That link is none I can use. It must begin with https://."))
    if parts.hostname in _DISCORD_SITES and parts.path.startswith("/channels/"):
        raise Refused(
            _(
                "I don't open links to messages. Right-click the message → Apps → "
                "“Ask about image…” instead."
            )
        )
    url = parts.geturl()
    name = parts.path.rpartition("/")[2][:100] or parts.hostname or "picture"
    avatar = _AVATAR.match(unquote(parts.path)) if parts.hostname in _DISCORD_FILES else None
    whose = avatar and (avatar[1] or avatar[2])
    image = ImageRef(
        url=url,
        filename=name,
        foreign=True,
        author_id=int(whose) if whose else author_id,
        expires_at=expiry(url),
    )
    return Pictures((image,))


def from_avatar(user: discord.User | discord.Member | None) -> Pictures:
    """Give somebody's avatar as it shows here; such links don't expire."""
    if user is None:
        return Pictures()
    avatar = user.display_avatar.replace(size=1024, static_format="png", format="png")
    name = _("avatar of {name}").format(name=user.display_name)
    image = ImageRef(
        url=avatar.url,
        filename="avatar.png",
        content_type="image/png",
        alt=name,
        author_id=user.id,
    )
    return Pictures((image,))
