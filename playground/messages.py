"""Messages and attachments: what is stored, and the JSON object made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.clock import iso
from playground.users import Json, User, text_of

if TYPE_CHECKING:
    from playground.channels import Channel
    from playground.guilds import Role
    from playground.interactions import Interaction

DEFAULT, REPLY, CHAT_INPUT, CONTEXT_MENU = 0, 19, 20, 23
SUPPRESS_EMBEDS, HAS_SNAPSHOT, EPHEMERAL, LOADING, V2 = 1 << 2, 1 << 14, 1 << 6, 1 << 7, 1 << 15
SPOILER = 1 << 3


@dataclass(frozen=True, slots=True)
class File:
    """A picture or other file that somebody uploads."""

    filename: str
    data: bytes = field(repr=False)
    description: str | None = None
    spoiler: bool = False
    content_type: str | None = None


@dataclass(slots=True, eq=False)
class Attachment:
    """A stored upload."""

    id: int
    channel: Channel
    filename: str
    data: bytes = field(repr=False)
    description: str | None
    content_type: str | None
    width: int | None
    height: int | None
    spoiler: bool = False
    ephemeral: bool = False

    @property
    def url(self) -> str:
        """Sign a fresh CDN link."""
        return self.channel.world.cdn.url(self.channel.id, self.id, self.filename)

    @property
    def proxy_url(self) -> str:
        """Sign a fresh link to the media proxy."""
        return self.channel.world.cdn.proxy_url(self.channel.id, self.id, self.filename)

    def json(self) -> Json:
        """Give the attachment object with fresh links."""
        body: Json = {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.data),
            "url": self.url,
            "proxy_url": self.proxy_url,
        }
        if self.content_type:
            body["content_type"] = self.content_type
        if self.width:
            body |= {"width": self.width, "height": self.height, "placeholder_version": 1}
        if self.description:
            body["description"] = self.description
        if self.spoiler:
            body["flags"] = SPOILER
        if self.ephemeral:
            body["ephemeral"] = True
        return body


@dataclass(frozen=True, slots=True)
class Edit:
    """What a message said before an edit, and when that ended (seconds since 1970)."""

    content: str
    at: float


@dataclass(slots=True, eq=False)
class Message:
    """One message in a channel."""

    id: int
    channel: Channel
    author: User
    created: float
    content: str = ""
    type: int = DEFAULT
    flags: int = 0
    tts: bool = False
    nonce: str | None = None
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    reply_to: Message | None = None
    forwarded: Message | None = None
    mentions: tuple[User, ...] = ()
    mention_roles: tuple[Role, ...] = ()
    mention_everyone: bool = False
    interaction: Interaction | None = None
    ephemeral_to: User | None = None
    edited_at: float | None = None
    edits: list[Edit] = field(default_factory=list[Edit])
    late_edits: int = 0
    deleted: bool = False

    @property
    def thinking(self) -> bool:
        """Tell whether this is a deferred answer that still shows “is thinking…”."""
        return bool(self.flags & LOADING)

    @property
    def url(self) -> str:
        """Give the jump link."""
        guild = "@me" if self.channel.guild is None else str(self.channel.guild.id)
        return f"https://discord.com/channels/{guild}/{self.channel.id}/{self.id}"

    @property
    def buttons(self) -> list[str]:
        """List the buttons' labels, in order; an emoji stands for a missing label."""
        return [label(part) for part in parts(self.components) if part["type"] == 2]

    @property
    def withheld(self) -> bool:
        """Tell whether the bot may not read this without the message-content intent."""
        bot = self.channel.world.bot
        direct = self.channel.guild is None and bot in self.channel.recipients
        return not (self.author is bot or direct or bot in self.mentions)

    @property
    def _listed(self) -> list[Attachment]:
        """List attachments as the API does: components name theirs alone (api-docs#8277)."""
        return [] if self.flags & V2 else self.attachments

    def visible_to(self, user: User) -> bool:
        """Tell whether a user sees this message."""
        return self.ephemeral_to is None or self.ephemeral_to is user

    def json(self, *, whole: bool = True, nested: bool = False) -> Json:
        """Give the message object; `whole` is False for a bot without the content intent."""
        shown = whole or not self.withheld
        body: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.json,
            "type": self.type,
            "flags": self.flags,
            "tts": self.tts,
            "pinned": False,
            "timestamp": iso(self.created),
            "edited_timestamp": None if self.edited_at is None else iso(self.edited_at),
            "content": self.content if shown else "",
            "attachments": [a.json() for a in self._listed] if shown else [],
            "embeds": self.embeds if shown else [],
            "components": self.components if shown else [],
            "mentions": [self._mention_json(user) for user in self.mentions],
            "mention_roles": [str(role.id) for role in self.mention_roles],
            "mention_everyone": self.mention_everyone,
        }
        if self.nonce is not None:
            body["nonce"] = self.nonce
        if self.author.webhook:
            body["webhook_id"] = str(self.author.id)
        if self.interaction is not None:
            body |= self.interaction.signature()
        return body | self._reference_json(whole=whole, shown=shown, nested=nested)

    def event(self, *, whole: bool = True) -> Json:
        """Give the object as MESSAGE_CREATE carries it: with the guild and the author's member."""
        body = self.json(whole=whole)
        guild = self.channel.guild
        if guild is None or self.ephemeral_to is not None:
            return body
        body["guild_id"] = str(guild.id)
        if (member := guild.members.get(self.author.id)) and self.interaction is None:
            body["member"] = member.json()
        return body

    def _mention_json(self, user: User) -> Json:
        guild = self.channel.guild
        member = guild.members.get(user.id) if guild else None
        return {**user.json, "member": member.json()} if member else user.json

    def _reference_json(self, *, whole: bool, shown: bool, nested: bool) -> Json:
        source = self.forwarded or self.reply_to
        if source is None:
            return {}
        body: Json = {"message_reference": reference(source, kind=1 if self.forwarded else 0)}
        if self.forwarded:
            body["message_snapshots"] = [{"message": snapshot(source)}] if shown else []
        elif not nested:
            gone = source.deleted
            body["referenced_message"] = None if gone else source.json(whole=whole, nested=True)
        return body


def reference(message: Message, *, kind: int = 0) -> Json:
    """Point at a message as replies and forwards do."""
    body: Json = {
        "type": kind,
        "message_id": str(message.id),
        "channel_id": str(message.channel.id),
    }
    if message.channel.guild is not None:
        body["guild_id"] = str(message.channel.guild.id)
    return body


def snapshot(message: Message) -> Json:
    """Copy the parts of a message that a forward carries: no author, no links to people."""
    whole = message.json(nested=True)
    kept = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags")
    return {key: whole[key] for key in (*kept, "mentions", "mention_roles", "components")}


def parts(components: list[Json]) -> list[Json]:
    """Flatten a component tree: every component at any depth, top to bottom."""
    found: list[Json] = []
    for component in components:
        found.append(component)
        children: list[Any] = list(component.get("components", ()))
        children += [component[key] for key in ("accessory", "component") if key in component]
        found += parts(children)
    return found


def label(component: Json) -> str:
    """Give what a person sees on a button or select: its label, emoji or placeholder."""
    return (
        text_of(component, "label")
        or text_of(component, "placeholder")
        or text_of(component, "emoji", "name")
    )
