"""Everything this Discord knows, and the one place that tells of its changes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from playground.cdn import Cdn
from playground.channels import DM, Channel
from playground.clock import Clock
from playground.commands import Commands
from playground.errors import ApiError, Code
from playground.events import Event, plain
from playground.guilds import Guild, Role
from playground.interactions import Interaction
from playground.mentions import Pings
from playground.messages import Message
from playground.people import Person
from playground.users import Json, User

_U = TypeVar("_U", bound=User)
CONTENT_FLAG = 1 << 18  # the application's flag: the message-content intent is switched on


@dataclass(frozen=True, slots=True)
class Ping:
    """Somebody whom a message or an edit by the bot would have notified."""

    message: Message
    pings: Pings


class World:
    """The state behind REST, gateway and CDN."""

    def __init__(self, *, message_content: bool, name: str, base_url: Callable[[], str]) -> None:
        self.clock = Clock()
        self.message_content = message_content
        self.token = f"{secrets.token_urlsafe(18)}.play.{secrets.token_urlsafe(27)}"
        self.cdn = Cdn(base_url, self.clock.now)
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.directs: dict[frozenset[int], Channel] = {}
        self.interactions: dict[str, Interaction] = {}
        self.installed_by: set[int] = set()
        self.pings: list[Ping] = []
        self.violations: list[str] = []
        self.publish: Callable[[Event], None] = lambda event: None
        self.bot = self.add(User(self, name, bot=True))
        self.owner = self.add(Person(self, "owner"))
        self.application_id = self.bot.id
        self.team: list[Json] = []
        self.commands = Commands(self.clock, self.application_id)
        self._changed = asyncio.Event()

    def add(self, user: _U) -> _U:
        """Register an account."""
        self.users[user.id] = user
        return user

    def role(self, role_id: int) -> Role | None:
        """Find a role of any guild."""
        roles = (role for guild in self.guilds.values() for role in guild.roles)
        return next((role for role in roles if role.id == role_id), None)

    def direct(self, one: User, other: User) -> Channel:
        """Give the direct-message channel of two users."""
        pair = frozenset((one.id, other.id))
        if pair not in self.directs:
            channel = Channel(self, one.name, kind=DM, recipients=(one, other))
            self.directs[pair] = self.channels[channel.id] = channel
        return self.directs[pair]

    def channel_for_bot(self, channel_id: int) -> Channel:
        """Find a channel the bot knows of; ApiError 10003 or 50001."""
        channel = self.channels.get(channel_id)
        if channel is None or (channel.guild is None and self.bot not in channel.recipients):
            raise ApiError.of(Code.UNKNOWN_CHANNEL)
        if channel.guild is not None and not channel.guild.has_bot:
            raise ApiError.of(Code.MISSING_ACCESS)
        return channel

    def note_ping(self, message: Message, pings: Pings) -> None:
        """Remember that the bot would have notified somebody."""
        self.pings.append(Ping(message, pings))

    def tell_guild(self, name: str, guild: Guild, data: Json) -> None:
        """Tell of something in a guild, if the bot is there."""
        if guild.has_bot:
            self.publish(plain(name, guild, data))
        self.changed()

    def tell_message(self, name: str, message: Message) -> None:
        """Tell of a message that came or changed; ephemeral ones come like direct messages."""
        guild = None if message.ephemeral_to else message.channel.guild
        if self._hears(message):
            self.publish(Event(name, guild, lambda whole: message.event(whole=whole)))
        self.changed()

    def tell_deletion(self, message: Message) -> None:
        """Tell that a message is gone."""
        guild = None if message.ephemeral_to else message.channel.guild
        data: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if guild is not None:
            data["guild_id"] = str(guild.id)
        if self._hears(message):
            self.publish(plain("MESSAGE_DELETE", guild, data))
        self.changed()

    def changed(self) -> None:
        """Wake whoever waits for a change of state."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def next_change(self, timeout: float) -> None:
        """Wait for a change of state, or for `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return

    def _hears(self, message: Message) -> bool:
        channel = message.channel
        if channel.guild is None:
            return self.bot in channel.recipients
        return channel.guild.has_bot and channel.visible_to_bot
