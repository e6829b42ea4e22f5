"""Files that go with an answer, and where they hang afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

import discord

from bot.types import ImageRef
from cogs._reply.pages import Upload
from cogs._sources.message import pictures_of


def pictures_on(message: discord.Message, uploads: Sequence[Upload]) -> tuple[ImageRef, ...]:
    """Give the pictures that hang on a message of ours now, as far as they are uploads.

    Their alt text is their uploader's: what an answer wrote there is not passed off as that."""
    hanging = zip(pictures_of(message).images, uploads, strict=False)
    return tuple(
        replace(image, alt=upload.alt, author_id=upload.author_id) for image, upload in hanging
    )


class _File(discord.File):
    """A file that says it is a spoiler: Discord no longer goes by the name discord.py gives it."""

    def to_dict(self, index: int) -> dict[str, Any]:
        return {**super().to_dict(index), "is_spoiler": self.spoiler}


def file_of(upload: Upload) -> discord.File:
    """Give a file to send once; discord.py closes it afterwards."""
    return _File(
        BytesIO(upload.data),
        filename=upload.filename,
        description=upload.alt,
        spoiler=upload.spoiler,
    )
