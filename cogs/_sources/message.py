"""A message: its pictures, wherever in it they are, and who wrote it where."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import discord
from discord.components import Component

from bot.types import Asker, ImageRef, Origin, Place
from cogs._sources.attachments import Pictures, expiry, from_attachments
from cogs._sources.places import around

_PICTURE_EMBEDS = frozenset({"image", "gifv", "rich"})


def pictures_of(message: discord.Message) -> Pictures:
    """Give the pictures of a message: attachments, embeds, galleries, stickers, forwards.

    They are its author's, except for those of a forward: `Authors` finds out whose these are."""
    author_id = message.author.id
    found = _pictures_in(message, message.channel.id, message.id)
    found = replace(found, images=tuple(replace(i, author_id=author_id) for i in found.images))
    for snapshot in message.message_snapshots:
        found += _pictures_in(snapshot, message.channel.id, message.id)
    return found


def replied_to(message: discord.Message) -> discord.Message | None:
    """Give the message that this one replies to, unless it is gone."""
    resolved = message.reference.resolved if message.reference else None
    return resolved if isinstance(resolved, discord.Message) else None


def says_nothing(message: discord.Message) -> bool:
    """Tell whether Discord withheld the message: without the intent it has no content at all."""
    return not (
        message.content
        or message.attachments
        or message.embeds
        or message.components
        or message.stickers
        or message.message_snapshots
    )


def question_text(message: discord.Message, bot_id: int) -> str:
    """Give what a message asks, without the mention that addresses the bot."""
    return re.sub(rf"<@!?{bot_id}>", "", message.content).strip()


def asker_of(message: discord.Message) -> Asker:
    """Give who wrote a message; without an interaction only the guild's language is known."""
    author, guild = message.author, message.guild
    if guild is None or not isinstance(author, discord.Member):
        return Asker(user_id=author.id)
    return Asker(
        user_id=author.id,
        locale=guild.preferred_locale.value,
        is_moderator=author.guild_permissions.manage_guild,
        role_ids=tuple(role.id for role in author.roles if not role.is_default()),
    )


def place_of(message: discord.Message) -> Place:
    """Give where a message was written."""
    guild, channel = message.guild, message.channel
    return Place(guild.id if guild else None, channel.id, around(guild, channel.id, channel))


def _pictures_in(
    part: discord.Message | discord.MessageSnapshot, channel_id: int, message_id: int
) -> Pictures:
    attached = from_attachments(part.attachments, channel_id=channel_id, message_id=message_id)
    shown = (
        *_from_embeds(part.embeds),
        *_from_components(part.components, channel_id, message_id),
        *_from_stickers(part.stickers),
    )
    return attached + Pictures(shown)


def _from_embeds(embeds: Iterable[discord.Embed]) -> Iterator[ImageRef]:
    for embed in embeds:
        if embed.type not in _PICTURE_EMBEDS:
            continue
        shown = embed.image if embed.image.proxy_url else embed.thumbnail
        # Only Discord's own copy: who posted the link must not learn who asks about it.
        if shown.proxy_url:
            yield ImageRef(
                url=shown.proxy_url,
                filename=_filename(shown.url or shown.proxy_url),
                width=shown.width,
                height=shown.height,
                expires_at=expiry(shown.proxy_url),
            )


def _from_components(
    components: Iterable[Component], channel_id: int, message_id: int
) -> Iterator[ImageRef]:
    for component in components:
        match component:
            case discord.MediaGalleryComponent():
                for item in component.items:
                    yield from _from_media(item, channel_id, message_id)
            case discord.components.ThumbnailComponent():
                yield from _from_media(component, channel_id, message_id)
            case discord.Container():
                yield from _from_components(component.children, channel_id, message_id)
            case discord.SectionComponent():
                yield from _from_components([component.accessory], channel_id, message_id)
            case _:
                pass


def _from_media(
    shown: discord.MediaGalleryItem | discord.components.ThumbnailComponent,
    channel_id: int,
    message_id: int,
) -> Iterator[ImageRef]:
    media = shown.media
    if media.content_type and not media.content_type.startswith("image/"):
        return
    attached = media.attachment_id
    url = media.url if attached else media.proxy_url
    if url:
        yield ImageRef(
            url=url,
            filename=_filename(media.url),
            content_type=media.content_type,
            width=media.width,
            height=media.height,
            alt=shown.description,
            spoiler=shown.spoiler,
            origin=Origin(channel_id, message_id, attached) if attached else None,
            expires_at=expiry(url),
        )


def _from_stickers(stickers: Iterable[discord.StickerItem]) -> Iterator[ImageRef]:
    for sticker in stickers:
        if sticker.format is not discord.StickerFormatType.lottie:
            yield ImageRef(
                url=sticker.url,
                filename=f"{sticker.name}.{sticker.format.file_extension}",
                alt=sticker.name,
            )


def _filename(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2][:100] or "picture"
