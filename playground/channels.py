"""Channels of every kind, and what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground import permissions
from playground.clock import iso
from playground.transcript import render
from playground.users import Json, User

if TYPE_CHECKING:
    from playground.guilds import Guild
    from playground.messages import Message
    from playground.state import World

TEXT, DM, THREAD = 0, 1, 11


class Channel:
    """A text channel, a thread or a direct-message channel."""

    def __init__(
        self,
        world: World,
        name: str,
        *,
        kind: int = TEXT,
        guild: Guild | None = None,
        parent: Channel | None = None,
        recipients: tuple[User, ...] = (),
        nsfw: bool = False,
    ) -> None:
        self.world = world
        self.id = world.clock.aged_snowflake()
        self.name = name
        self.kind = kind
        self.guild = guild
        self.parent = parent
        self.recipients = recipients
        self.nsfw = nsfw
        self.overwrites: dict[int, tuple[int, int]] = {}
        self.history: dict[int, Message] = {}
        self.nonces: dict[str, Message] = {}
        self.typed: list[float] = []
        self.last_message_id: int | None = None

    @property
    def messages(self) -> list[Message]:
        """List what stands in the channel, oldest first, ephemeral messages included."""
        return list(self.history.values())

    @property
    def mention(self) -> str:
        """Give the text that links to this channel."""
        return f"<#{self.id}>"

    @property
    def visible_to_bot(self) -> bool:
        """Tell whether the bot may look into this channel."""
        return permissions.can(self, self.world.bot, "view_channel")

    def transcript(self, as_user: User | None = None) -> str:
        """Write the conversation down as a person reads it; others' ephemeral messages hidden."""
        return render(self, as_user)

    def keep(self, message: Message) -> None:
        """Store a new message."""
        self.history[message.id] = message
        self.last_message_id = message.id

    def drop(self, message: Message) -> None:
        """Remove a message; whoever holds it sees `deleted`."""
        message.deleted = True
        del self.history[message.id]
        for attachment in message.attachments:
            self.world.cdn.delete(self.id, attachment.id)

    def thread(self, name: str) -> Channel:
        """Open a public thread here."""
        assert self.guild is not None, "threads are opened in a guild's channel"
        thread = Channel(
            self.world, name, kind=THREAD, guild=self.guild, parent=self, nsfw=self.nsfw
        )
        self.world.channels[thread.id] = thread
        self.guild.channels.append(thread)
        self.world.tell_guild("THREAD_CREATE", self.guild, thread.json())
        return thread

    def deny(self, user: User, *names: str) -> None:
        """Take permissions away from one user in this channel."""
        allow, deny = self.overwrites.get(user.id, (0, 0))
        self.overwrites[user.id] = (allow, deny | permissions.bits(names))
        if self.guild and self.guild.has_bot:
            self.world.tell_guild("CHANNEL_UPDATE", self.guild, self.json())

    def json(self) -> Json:
        """Give the channel object."""
        body: Json = {
            "id": str(self.id),
            "type": self.kind,
            "flags": 0,
            "last_message_id": None if self.last_message_id is None else str(self.last_message_id),
        }
        if self.guild is None:
            others = [user.json for user in self.recipients if user is not self.world.bot]
            return {**body, "recipients": others}
        body |= {
            "guild_id": str(self.guild.id),
            "name": self.name,
            "nsfw": self.nsfw,
            "rate_limit_per_user": 0,
            "parent_id": None if self.parent is None else str(self.parent.id),
        }
        return {**body, **(self._thread_json() if self.kind == THREAD else self._text_json())}

    def _thread_json(self) -> Json:
        assert self.guild is not None
        return {
            "owner_id": str(self.guild.owner.id),
            "message_count": len(self.history),
            "total_message_sent": len(self.history),
            "member_count": 1,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": iso(self.world.clock.now()),
                "locked": False,
                "create_timestamp": iso(self.world.clock.now()),
            },
        }

    def _text_json(self) -> Json:
        return {
            "topic": None,
            "position": 0,
            "permission_overwrites": [
                {"id": str(target), "type": 1, "allow": str(allow), "deny": str(deny)}
                for target, (allow, deny) in self.overwrites.items()
            ],
        }

    def __repr__(self) -> str:
        return f"<Channel {self.name}>"
