"""What a file really is, by its first bytes."""

import re

from bot.catalog.types import ImageFormat

# A further format is a further row here, its name in `ImageFormat`, and a decoder for it in
# `pixels.py`.
_MAGIC: tuple[tuple[ImageFormat, re.Pattern[bytes]], ...] = (
    ("jpeg", re.compile(rb"\xff\xd8\xff")),
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("gif", re.compile(rb"GIF8[79]a")),
)


def sniff(data: bytes) -> ImageFormat | None:
    """Give the picture's format; None when it is none of ours."""
    return next((name for name, magic in _MAGIC if magic.match(data)), None)
