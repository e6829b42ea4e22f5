"""A conversation as a person reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playground.markup import chosen, readable
from playground.messages import V2, label
from playground.users import Json, items, text_of

if TYPE_CHECKING:
    from playground.channels import Channel
    from playground.interactions import Interaction
    from playground.messages import Attachment, Message
    from playground.users import User


def render(channel: Channel, as_user: User | None = None) -> str:
    """Write a channel down, one block a message; times are UTC."""
    title = f"#{channel.name}" if channel.guild else f"Direct messages with {channel.name}"
    seen = [m for m in channel.messages if as_user is None or m.visible_to(as_user)]
    return "\n".join((title, *(_block(message) for message in seen)))


def _block(message: Message) -> str:
    listed = [] if message.flags & V2 else message.attachments  # components show their own
    body = [*_text(message), *(_file(a) for a in listed)]
    for embed in message.embeds:
        body += _embed(embed)
    body += _components(message)
    return "\n".join((_head(message), *(f"  {line}" for line in body)))


def _head(message: Message) -> str:
    time = datetime.fromtimestamp(message.created, UTC).strftime("%H:%M")
    head = f"{message.author.name}  {time}"
    if message.ephemeral_to:
        head += f"  · only {message.ephemeral_to.name} sees this"
    if message.interaction is not None:
        head += f"  · {message.interaction.user.name} used {used(message.interaction)}"
    if message.reply_to is not None:
        head += f"  · replying to {_summary(message.reply_to)}"
    return head


def used(interaction: Interaction) -> str:
    """Name what somebody used to bring about a message: `/ask`, `Describe image`, a button."""
    while interaction.trigger is not None:
        interaction = interaction.trigger
    if "name" not in interaction.data:
        return "a button"
    names = [interaction.data["name"]]
    options = items(interaction.data, "options")
    while options and options[0]["type"] in (1, 2):
        names.append(options[0]["name"])
        options = items(options[0], "options")
    prefix = "/" if interaction.data["type"] == 1 else ""
    return prefix + " ".join(names)


def _text(message: Message) -> list[str]:
    if message.thinking:
        return [f"{message.author.name} is thinking…"]
    if message.forwarded is not None:
        return [
            "[forwarded]",
            *_text(message.forwarded),
            *map(_file, message.forwarded.attachments),
        ]
    return readable(message.content, message.channel.world).split("\n") if message.content else []


def _summary(message: Message) -> str:
    if message.deleted:
        return "a deleted message"
    text = readable(message.content, message.channel.world)
    if not text and message.attachments:
        text = message.attachments[0].filename
    first = text.split("\n", 1)[0]
    short = first if len(first) <= 40 else first[:39] + "…"
    return f'{message.author.name}: "{short}"'


def _file(attachment: Attachment) -> str:
    size = f"{max(1, round(len(attachment.data) / 1024))} kB"
    if attachment.width:
        size = f"{attachment.width}×{attachment.height}, {size}"
    alt = f' "{attachment.description}"' if attachment.description else ""
    return f"📎 {attachment.filename} ({size}){alt}"


def _embed(embed: Json) -> list[str]:
    texts = [embed.get("title"), embed.get("description")]
    for field in embed.get("fields") or ():
        texts.append(f"{field['name']}: {field['value']}")
    texts.append(text_of(embed, "footer", "text"))
    return [f"│ {line}" for text in texts if text for line in text.split("\n")]


def _components(message: Message) -> list[str]:
    lines = [line for component in message.components for line in _component(component)]
    return [readable(line, message.channel.world) for line in lines]


def _component(component: Json) -> list[str]:
    if component["type"] == 1:
        return [" ".join(_control(each) for each in component["components"])]
    if component["type"] == 10:
        return component["content"].split("\n")
    lines = [line for each in component.get("components") or () for line in _component(each)]
    if "accessory" in component:
        lines += _component({"type": 1, "components": [component["accessory"]]})
    if url := text_of(component, "file", "url"):
        lines.append(f"📎 {url.partition('?')[0].rpartition('/')[2]}")
    for item in component.get("items") or ():
        lines.append(f"🖼 {item.get('description') or 'picture'}")
    return lines


def _control(component: Json) -> str:
    if component["type"] != 2:
        return f"[{', '.join(chosen(component)) or component.get('placeholder') or 'select'} ▾]"
    text = label(component)
    return f"({text})" if component.get("disabled") else f"[{text}]"
