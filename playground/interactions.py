"""Interactions: what a member did, how the bot answered, and the object the gateway carries."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from playground import permissions
from playground.commands import context_of
from playground.messages import EPHEMERAL, Message, parts
from playground.users import Json, User

if TYPE_CHECKING:
    from playground.channels import Channel
    from playground.state import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
ACK_WITHIN = 3.0
TOKEN_LIFETIME = 15 * 60.0
USER_INSTALL_FOLLOWUPS = 5
_ATTACHMENT_LIMIT = 10 * 1024 * 1024

Kind = Literal["message", "deferred", "update", "deferred_update", "modal", "choices"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One suggestion of an autocompletion."""

    name: str
    value: str | int | float


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a modal."""

    type: int
    custom_id: str
    label: str
    value: str
    style: int | None
    required: bool
    max_length: int | None
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Modal:
    """A form that the bot opened."""

    title: str
    custom_id: str
    inputs: tuple[Input, ...]
    components: tuple[Json, ...] = field(repr=False)


@dataclass(slots=True, eq=False)
class Interaction:
    """One use of a command, component or modal, and everything the bot answered."""

    world: World
    type: int
    user: User
    channel: Channel
    data: Json
    owners: dict[str, str]
    message: Message | None = None
    trigger: Interaction | None = None
    id: int = 0
    token: str = ""
    sent_at: float = 0.0
    expires: float = 0.0
    ack_after: float | None = None
    kind: Kind | None = None
    response: Message | None = None
    followups: list[Message] = field(default_factory=list[Message])
    followups_sent: int = 0
    modal: Modal | None = None
    choices: tuple[Choice, ...] = ()
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acknowledged(self) -> bool:
        """Tell whether the bot acknowledged in time."""
        return self.ack_after is not None

    @property
    def ephemeral(self) -> bool:
        """Tell whether only the user sees the response."""
        return self.response is not None and bool(self.response.flags & EPHEMERAL)

    @property
    def origin(self) -> Interaction:
        """Give the interaction that began this: a modal's trigger, else itself."""
        return self.trigger.origin if self.trigger is not None else self

    @property
    def expired(self) -> bool:
        """Tell whether the token is dead."""
        return self.world.clock.now() >= self.expires

    @property
    def user_install_only(self) -> bool:
        """Tell whether only the user's own installation brought this about."""
        return "0" not in self.owners

    @property
    def forced_ephemeral(self) -> bool:
        """Tell whether the server hides what user-installed apps answer."""
        guild = self.channel.guild
        allowed = permissions.can(self.channel, self.user, "use_external_apps")
        return guild is not None and self.user_install_only and not allowed

    def expire(self) -> None:
        """Let the token die now."""
        self.expires = self.world.clock.now()

    def start(self) -> None:
        """Give it id, token and clock: it is about to be sent."""
        self.id = self.world.clock.snowflake()
        self.token = secrets.token_urlsafe(96)
        self.sent_at = time.monotonic()
        self.expires = self.world.clock.now() + TOKEN_LIFETIME
        self.world.interactions[self.token] = self

    def acknowledge(self, kind: Kind) -> None:
        """Note how and when the bot acknowledged."""
        self.kind = kind
        self.ack_after = time.monotonic() - self.sent_at
        self.answered.set()

    def json(self) -> Json:
        """Give the object as INTERACTION_CREATE carries it."""
        body: Json = {
            "id": str(self.id),
            "application_id": str(self.world.application_id),
            "type": self.type,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel": self._channel_json(),
            "channel_id": str(self.channel.id),
            "locale": self.user.locale,
            "app_permissions": str(permissions.in_interaction(self.channel, self.world.bot)),
            "authorizing_integration_owners": self.owners,
            "context": context_of(self.channel),
            "entitlements": [],
            "attachment_size_limit": _ATTACHMENT_LIMIT,
        }
        if self.message is not None:
            body["message"] = self.message.json()
        return body | self._who()

    def signature(self) -> Json:
        """Give the fields that mark a message as an answer to this."""
        return {
            "application_id": str(self.world.application_id),
            "webhook_id": str(self.world.application_id),
            "interaction_metadata": self.metadata(),
        }

    def metadata(self) -> Json:
        """Give the interaction_metadata object."""
        body: Json = {
            "id": str(self.id),
            "type": self.type,
            "user": self.user.json,
            "authorizing_integration_owners": self.owners,
        }
        if self.type == COMMAND:
            body |= {"name": self.data["name"], "command_type": self.data["type"]}
        if self.type == COMMAND and self.data["type"] == 3:
            body["target_message_id"] = self.data["target_id"]
        if self.type == COMMAND and self.data["type"] == 2:
            body["target_user"] = self.world.users[int(self.data["target_id"])].json
        if self.type == COMPONENT and self.message is not None:
            body["interacted_message_id"] = str(self.message.id)
        if self.type == MODAL_SUBMIT and self.trigger is not None:
            body["triggering_interaction_metadata"] = self.trigger.metadata()
        return body

    def _who(self) -> Json:
        guild = self.channel.guild
        if guild is None:
            return {"user": self.user.json}
        member = guild.members[self.user.id].json(user=True)
        member["permissions"] = str(permissions.permissions_in(self.channel, self.user))
        return {
            "member": member,
            "guild_id": str(guild.id),
            "guild": guild.partial_json(),
            "guild_locale": guild.locale,
        }

    def _channel_json(self) -> Json:
        granted = permissions.permissions_in(self.channel, self.user)
        return {**self.channel.json(), "permissions": str(granted)}


def read_modal(data: Json) -> Modal:
    """Read the modal of a callback."""
    return Modal(
        title=data["title"],
        custom_id=data["custom_id"],
        inputs=tuple(_inputs(data["components"])),
        components=tuple(data["components"]),
    )


def _inputs(components: list[Json]) -> list[Input]:
    found: list[Input] = []
    for top in components:
        for part in parts([top]):
            if "custom_id" in part:
                found.append(_input(part, part.get("label") or top.get("label") or ""))
    return found


def _input(part: Json, label: str) -> Input:
    return Input(
        type=part["type"],
        custom_id=part["custom_id"],
        label=label,
        value=part.get("value") or "",
        style=part.get("style"),
        required=part.get("required", True),
        max_length=part.get("max_length"),
        options=tuple((each["label"], each["value"]) for each in part.get("options", ())),
    )
