"""Reading one word in large plain letters off a picture, as a model that sees would."""

import base64
import io
from collections.abc import Iterator
from functools import cache
from string import ascii_uppercase

import aiohttp
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps, ImageStat

_CELL = (24, 24)
_INK = 110  # darker than this is ink
_ALIKE = 45  # mean difference of two cells, of 255, up to which they are one letter


def read(data: bytes) -> str:
    """Give the word on a picture; nothing where there are no clear letters."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            ink = picture.convert("L").point([255] * _INK + [0] * (256 - _INK))
    except (OSError, ValueError, SyntaxError):
        return ""
    return "".join(_letter(glyph) for glyph in _glyphs(ink))


def read_inline(link: str) -> str:
    """Give the word on the picture in a data URI; nothing for a link."""
    head, _comma, data = link.partition(",")
    return read(base64.b64decode(data)) if head.endswith(";base64") else ""


async def look(http: aiohttp.ClientSession, link: str) -> str:
    """Give the word on the picture behind a link or in a data URI."""
    if link.startswith("data:"):
        return read_inline(link)
    async with http.get(link) as response:
        return read(await response.read())


def _glyphs(ink: Image.Image) -> Iterator[Image.Image]:
    """Give each letter cut out: runs of columns that have ink."""
    row = ink.resize((ink.width, 1), Image.Resampling.BOX).tobytes()
    start = None
    for column, value in enumerate([*row, 0]):
        if value and start is None:
            start = column
        elif not value and start is not None:
            yield _cut(ink.crop((start, 0, column, ink.height)))
            start = None


def _cut(ink: Image.Image) -> Image.Image:
    """Give one glyph in the middle of a cell, as wide to its height as it is."""
    glyph = ink.crop(ink.getbbox())
    return ImageOps.pad(glyph, _CELL, color=0)


def _letter(glyph: Image.Image) -> str:
    apart = {letter: _difference(glyph, known) for letter, known in _alphabet().items()}
    nearest = min(apart, key=apart.__getitem__)
    return nearest if apart[nearest] < _ALIKE else ""


def _difference(one: Image.Image, other: Image.Image) -> float:
    return ImageStat.Stat(ImageChops.difference(one, other)).mean[0]


@cache
def _alphabet() -> dict[str, Image.Image]:
    font = ImageFont.load_default(130)
    known: dict[str, Image.Image] = {}
    for letter in ascii_uppercase:
        image = Image.new("L", (200, 200))
        ImageDraw.Draw(image).text((30, 100), letter, font=font, fill=255, anchor="lm")
        known[letter] = _cut(image)
    return known
