"""Attachments: which of them are pictures, by Discord's own facts; nothing is opened."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import discord

from bot.i18n import _
from bot.types import ImageRef, LeftOut, Origin

MAX_PICTURES = 10
_SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".avif", ".heic", ".heif", ".bmp")


@dataclass(frozen=True, slots=True)
class Pictures:
    """What somebody pointed at: pictures, and what had to be left out of them."""

    images: tuple[ImageRef, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def __add__(self, other: "Pictures") -> "Pictures":
        """Put both together; the same picture counts once, those past the tenth are left out."""
        unique = {image.url: image for image in (*self.images, *other.images)}
        images = tuple(unique.values())
        beyond = tuple(
            LeftOut(image.filename, _("one question takes {count} pictures").format(count=10))
            for image in images[MAX_PICTURES:]
        )
        return Pictures(images[:MAX_PICTURES], self.left_out + other.left_out + beyond)


def from_attachments(
    attachments: Iterable[discord.Attachment],
    *,
    author_id: int | None = None,
    channel_id: int = 0,
    message_id: int = 0,
) -> Pictures:
    """Give the pictures among attachments; with the ids of their message they can be refreshed."""
    listed = list(attachments)
    seen = [item for item in listed if _looks_like_picture(item)]
    images = (
        _image(item, author_id, Origin(channel_id, message_id, item.id) if message_id else None)
        for item in seen
    )
    others = (LeftOut(item.filename, _("not a picture")) for item in listed if item not in seen)
    return Pictures(tuple(images), tuple(others)) + Pictures()


def expiry(url: str) -> dt.datetime | None:
    """Give when a signed link stops working; None for links that carry no date."""
    try:
        return dt.datetime.fromtimestamp(int(parse_qs(urlsplit(url).query)["ex"][0], 16), dt.UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def _looks_like_picture(attachment: discord.Attachment) -> bool:
    if attachment.content_type:
        return attachment.content_type.startswith("image/")
    return attachment.filename.lower().endswith(_SUFFIXES)


def _image(
    attachment: discord.Attachment, author_id: int | None, origin: Origin | None
) -> ImageRef:
    return ImageRef(
        url=attachment.url,
        filename=attachment.filename,
        content_type=attachment.content_type,
        size=attachment.size,
        width=attachment.width,
        height=attachment.height,
        alt=attachment.description,
        spoiler=attachment.is_spoiler(),
        origin=origin,
        author_id=author_id,
        expires_at=expiry(attachment.url),
    )
