"""Guilds, their roles and their members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground import permissions
from playground.channels import THREAD, Channel
from playground.clock import iso
from playground.users import Json, User

if TYPE_CHECKING:
    from playground.state import World


@dataclass(frozen=True, slots=True)
class Role:
    """A guild's role with its permission bits."""

    id: int
    name: str
    permissions: int
    position: int

    def json(self) -> Json:
        """Give the role object."""
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(slots=True)
class Member:
    """A user in a guild."""

    user: User
    joined: float
    roles: list[Role] = field(default_factory=list[Role])

    def json(self, *, user: bool = False) -> Json:
        """Give the member object; with its user where Discord includes it."""
        body: Json = {
            "roles": [str(role.id) for role in self.roles],
            "joined_at": iso(self.joined),
            "premium_since": None,
            "nick": None,
            "avatar": None,
            "banner": None,
            "pending": False,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        return {**body, "user": self.user.json} if user else body


class Guild:
    """A server: roles, members, channels."""

    def __init__(self, world: World, name: str, *, locale: str, external_apps: bool) -> None:
        self.world = world
        self.id = world.clock.aged_snowflake()
        self.name = name
        self.locale = locale
        self.owner: User = world.owner
        self.everyone = permissions.MEMBER
        if not external_apps:
            self.everyone &= ~permissions.BITS["use_external_apps"]
        self.roles: list[Role] = []
        self.members: dict[int, Member] = {}
        self.channels: list[Channel] = []
        self._add(self.owner)

    @property
    def has_bot(self) -> bool:
        """Tell whether the bot is a member."""
        return self.world.bot.id in self.members

    def role(self, name: str, *allowed: str) -> Role:
        """Make a role with these permissions."""
        role = Role(
            self.world.clock.aged_snowflake(), name, permissions.bits(allowed), len(self.roles) + 1
        )
        self.roles.append(role)
        self.world.tell_guild(
            "GUILD_ROLE_CREATE", self, {"guild_id": str(self.id), "role": role.json()}
        )
        return role

    def join(
        self, user: User, *, permissions: Iterable[str] = (), roles: Iterable[Role] = ()
    ) -> Member:
        """Make a user a member, with permissions through a role of their own."""
        if user is self.world.bot and not self.has_bot:
            self._add(user)
            told = self.json()
            del told["unavailable"]  # it is there only for guilds that were joined before
            self.world.tell_guild("GUILD_CREATE", self, told)
        member = self._add(user)
        member.roles.extend(roles)
        if names := tuple(permissions):
            member.roles.append(self.role(f"{user.name}'s role", *names))
        return member

    def leave(self, user: User) -> None:
        """Remove a member; the bot is told that it lost the guild."""
        if user is self.world.bot:
            self.world.tell_guild("GUILD_DELETE", self, {"id": str(self.id)})
        del self.members[user.id]

    def channel(
        self,
        name: str,
        *,
        nsfw: bool = False,
        deny: Iterable[str] = (),
        bot_permissions: Iterable[str] | None = None,
    ) -> Channel:
        """Make a text channel; `deny` or `bot_permissions` narrow what the bot may do there."""
        channel = Channel(self.world, name, guild=self, nsfw=nsfw)
        denied = permissions.bits(deny)
        if bot_permissions is not None:
            denied |= permissions.EVERYTHING & ~permissions.bits(bot_permissions)
        if denied:
            channel.overwrites[self.world.bot.id] = (0, denied)
        self.channels.append(channel)
        self.world.channels[channel.id] = channel
        self.world.tell_guild("CHANNEL_CREATE", self, channel.json())
        return channel

    def partial_json(self) -> Json:
        """Give the short object that interactions carry."""
        return {"id": str(self.id), "locale": self.locale, "features": []}

    def json(self) -> Json:
        """Give the whole object as GUILD_CREATE carries it; of the members, only the bot."""
        bot = self.members[self.world.bot.id]
        everyone = Role(self.id, "@everyone", self.everyone, 0)
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "owner_id": str(self.owner.id),
            "preferred_locale": self.locale,
            "features": [],
            "roles": [role.json() for role in (everyone, *self.roles)],
            "channels": [c.json() for c in self.channels if c.kind != THREAD],
            "threads": [c.json() for c in self.channels if c.kind == THREAD],
            "members": [bot.json(user=True)],
            "member_count": len(self.members),
            "joined_at": iso(bot.joined),
            "large": False,
            "unavailable": False,
            "emojis": [],
            "stickers": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "system_channel_flags": 0,
            "afk_timeout": 300,
        }

    def _add(self, user: User) -> Member:
        return self.members.setdefault(user.id, Member(user, self.world.clock.now()))

    def __repr__(self) -> str:
        return f"<Guild {self.name}>"
