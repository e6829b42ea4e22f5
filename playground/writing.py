"""Turning a request body and its uploads into a stored message, or into a change of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from playground.limits import check_message
from playground.mentions import Pings, pings
from playground.messages import (
    LOADING,
    SUPPRESS_EMBEDS,
    V2,
    Attachment,
    Edit,
    File,
    Message,
    parts,
)
from playground.pictures import inspect
from playground.users import Json, Value

if TYPE_CHECKING:
    from playground.channels import Channel

Payload = Mapping[str, Any]
_KEPT_FLAGS = SUPPRESS_EMBEDS | V2
_UNSAFE = re.compile(r"[^\w.\-]")


def attach(channel: Channel, file: File, *, ephemeral: bool = False) -> Attachment:
    """Store an upload on the CDN and give its attachment."""
    world = channel.world
    seen = inspect(file.data)
    content_type = file.content_type or seen.content_type
    name = _UNSAFE.sub("_", file.filename) or "unknown"
    attachment = Attachment(
        id=world.clock.snowflake(),
        channel=channel,
        filename=name,
        data=file.data,
        description=file.description,
        content_type=content_type,
        width=seen.width,
        height=seen.height,
        spoiler=file.spoiler,  # the name alone has meant nothing since June 2026
        ephemeral=ephemeral,
    )
    world.cdn.put(channel.id, attachment.id, name, file.data, content_type)
    return attachment


def check_new(payload: Payload, uploads: Sequence[File], *, interaction: bool) -> None:
    """Check a message about to be created; ApiError."""
    sizes = [len(file.data) for file in uploads]
    check_message(
        payload,
        files=len(uploads),
        file_sizes=sizes,
        editing=False,
        existing=None,
        interaction=interaction,
    )


def fill(message: Message, payload: Payload, uploads: Sequence[File]) -> None:
    """Put a checked body into a new message."""
    message.content = payload.get("content") or ""
    message.tts = bool(payload.get("tts"))
    message.flags |= payload.get("flags") or 0
    message.attachments = _attachments(message, payload, uploads)
    message.embeds = _embeds(message, payload.get("embeds") or [])
    message.components = _components(message, payload.get("components") or [])
    _note_pings(message, payload)


def change(message: Message, payload: Payload, uploads: Sequence[File]) -> None:
    """Check an edit and carry it out; ApiError leaves the message as it was."""
    check_message(
        payload,
        files=len(uploads),
        file_sizes=[len(file.data) for file in uploads],
        editing=True,
        existing=_existing(message),
    )
    now = message.channel.world.clock.now()
    if not message.thinking:
        message.edits.append(Edit(message.content, now))
    message.flags &= ~LOADING
    message.edited_at = now
    if "content" in payload:
        message.content = payload["content"] or ""
    if payload.get("flags") is not None:
        message.flags = (message.flags & ~SUPPRESS_EMBEDS) | (payload["flags"] & _KEPT_FLAGS)
    if "attachments" in payload or uploads:
        message.attachments = _attachments(message, payload, uploads)
    if "embeds" in payload:
        message.embeds = _embeds(message, payload["embeds"] or [])
    if "components" in payload:
        message.components = _components(message, payload["components"] or [])
    _note_pings(message, payload)


def whom(message: Message, allowed: Payload | None, default: Literal["all", "users"]) -> Pings:
    """Work out whom a message notifies, and fill in its mentions."""
    world, guild = message.channel.world, message.channel.guild
    replied = None
    about = message.reply_to
    # A reply to the answer of a command notifies nobody (discord-api-docs#5395).
    if about and about.author is not message.author and about.interaction is None:
        replied = about.author.id
    text = "\n".join((message.content, *_displayed(message)))
    found = pings(text, allowed, default=default, replied_user=replied)
    message.mentions = tuple(world.users[i] for i in found.users if i in world.users)
    roles = guild.roles if guild else ()
    message.mention_roles = tuple(role for role in roles if role.id in found.roles)
    message.mention_everyone = found.everyone
    return found


def _note_pings(message: Message, payload: Payload) -> None:
    default = "all" if message.interaction is None else "users"
    found = whom(message, payload.get("allowed_mentions"), default)
    if found.any:
        message.channel.world.note_ping(message, found)


def _displayed(message: Message) -> list[str]:
    if not message.flags & V2:
        return []
    return [part["content"] for part in parts(message.components) if part["type"] == 10]


def _existing(message: Message) -> Json:
    return {
        "content": message.content,
        "embeds": message.embeds,
        "components": message.components,
        "flags": message.flags,
        "attachments": [{"id": str(a.id), "filename": a.filename} for a in message.attachments],
    }


def _attachments(message: Message, payload: Payload, uploads: Sequence[File]) -> list[Attachment]:
    """Keep what the body lists, drop what it omits, add what was uploaded."""
    old = {str(attachment.id): attachment for attachment in message.attachments}
    listed = payload.get("attachments")
    if listed is None:
        return [*old.values(), *(attach(message.channel, file) for file in uploads)]
    described = {str(entry["id"]): entry for entry in listed}
    kept = [attachment for key, attachment in old.items() if key in described]
    for attachment in kept:
        attachment.description = described[str(attachment.id)].get(
            "description", attachment.description
        )
    new = [_describe(file, described.get(str(i))) for i, file in enumerate(uploads)]
    return [*kept, *(attach(message.channel, file) for file in new)]


def _describe(file: File, entry: Payload | None) -> File:
    if entry is None:
        return file
    return File(
        entry.get("filename") or file.filename,
        file.data,
        entry.get("description"),
        bool(entry.get("is_spoiler")),
    )


def _embeds(message: Message, embeds: list[Json]) -> list[Json]:
    """Fill in what the server adds to rich embeds."""
    return [{"type": "rich", **_resolved(message, embed)} for embed in embeds]


def _components(message: Message, components: list[Json]) -> list[Json]:
    """Number the components as the server does, depth first from 1."""
    resolved = [_resolved(message, component) for component in components]
    for number, part in enumerate(parts(resolved), 1):
        part.setdefault("id", number)
    return resolved


def _resolved(message: Message, value: Value) -> Value:
    """Copy a tree with `attachment://` links turned into media objects."""
    if isinstance(value, list):
        items = cast("list[Value]", value)
        return [_resolved(message, item) for item in items]
    if not isinstance(value, dict):
        return value
    node = cast("Json", value)
    copy = {key: _resolved(message, child) for key, child in node.items()}
    url = copy.get("url")
    if isinstance(url, str) and url.startswith("attachment://"):
        copy |= _media(message, url.removeprefix("attachment://"))
    return copy


def _media(message: Message, filename: str) -> Json:
    for attachment in message.attachments:
        if attachment.filename == filename:
            return {
                "url": attachment.url,
                "proxy_url": attachment.proxy_url,
                "width": attachment.width,
                "height": attachment.height,
                "content_type": attachment.content_type,
                "attachment_id": str(attachment.id),
            }
    return {}
