"""Colours, letters and smooth shapes that pictures of conversations are made of.

Every part of a picture is an RGBA image of its own, stacked with the others.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Block = Image.Image

PAGE: Colour = (23, 25, 33)
BAR: Colour = (29, 32, 42)
CARD: Colour = (33, 36, 47)
WELL: Colour = (15, 16, 22)
INSET: Colour = (44, 48, 62)
EDGE: Colour = (58, 63, 80)
GREY: Colour = (62, 67, 84)
TEXT: Colour = (219, 222, 231)
STRONG: Colour = (246, 247, 251)
QUIET: Colour = (152, 158, 177)
ACCENT: Colour = (82, 112, 232)
LINK: Colour = (132, 172, 255)
MENTION: Colour = (50, 60, 106)
PRIVATE: Colour = (31, 35, 58)
GREEN: Colour = (40, 124, 88)
RED: Colour = (184, 60, 70)

BODY, SMALL, TINY = 21, 17, 13  # sizes of letters in pixels
_FINE = 4  # shapes are drawn so many times larger, then reduced
_NEAR = str.maketrans("×–—−•→\n\r\t\v\f", "x---·›     ") | {ord("€"): "EUR"}


@cache
def font(size: float) -> ImageFont.FreeTypeFont:
    """Give the font that Pillow ships; it has ASCII and some typographic characters."""
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont), "this Pillow was built without FreeType"
    return found


@cache
def drawable(char: str) -> bool:
    """Tell whether the font has a character."""
    return _glyph(char) != _glyph("\uffff")


def _glyph(char: str) -> bytes:
    picture = Image.new("L", (2 * BODY, 2 * BODY))
    ImageDraw.Draw(picture).text((0, 0), char, 255, font(BODY))
    return picture.tobytes()


def typeset(text: str) -> str:
    """Replace what the font lacks: accents go, emoji vanish, unknown letters are `?`."""
    return "".join(c if drawable(c) else _nearest(c) for c in text.translate(_NEAR))


def _nearest(char: str) -> str:
    plain = "".join(filter(drawable, unicodedata.normalize("NFKD", char)))
    return plain or ("?" if unicodedata.category(char) in ("Ll", "Lu", "Lo", "Nd") else "")


def blank(width: int, height: int) -> Block:
    """Give a transparent block; its hidden colour keeps the edges of letters clean."""
    return Image.new("RGBA", (width, max(1, height)), (*TEXT, 0))


def plate(width: int, height: int, radius: int, colour: Colour) -> Block:
    """Give a filled rectangle with smooth round corners."""
    block = Image.new("RGBA", (width, height), colour)
    block.putalpha(rounded(width, height, radius))
    return block


def framed(width: int, height: int, radius: int, colour: Colour) -> Block:
    """Give a rectangle with round corners, a colour inside and a thin edge."""
    block = plate(width, height, radius, EDGE)
    block.alpha_composite(plate(width - 2, height - 2, radius - 1, colour), (1, 1))
    return block


def rounded(width: int, height: int, radius: int) -> Image.Image:
    """Give the mask of a rectangle with smooth round corners."""
    mask = Image.new("L", (width * _FINE, height * _FINE))
    box = (0, 0, mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius * _FINE, fill=255)
    return mask.reduce(_FINE)


def strokes(width: int, height: int, points: Sequence[tuple[int, int]], colour: Colour) -> Block:
    """Give a block with a smooth line two pixels thick through the points."""
    mask = Image.new("L", (width * _FINE, height * _FINE))
    path = [(x * _FINE, y * _FINE) for x, y in points]
    ImageDraw.Draw(mask).line(path, fill=255, width=2 * _FINE, joint="curve")
    block = Image.new("RGBA", (width, height), colour)
    block.putalpha(mask.reduce(_FINE))
    return block


def write(
    block: Block,
    at: tuple[float, float],
    text: str,
    size: int,
    colour: Colour = TEXT,
    *,
    bold: bool = False,
    anchor: str = "ls",
) -> float:
    """Write one line onto a block, by default on a baseline; gives its width."""
    text = typeset(text)
    ImageDraw.Draw(block).text(
        at, text, colour, font(size), anchor=anchor, stroke_width=0.4 if bold else 0
    )
    return font(size).getlength(text)


def measure(text: str, size: int) -> float:
    """Give the width of one line in pixels."""
    return font(size).getlength(typeset(text))


def stack(blocks: Iterable[Block], gap: int = 0) -> Block:
    """Put blocks below one another."""
    rows = list(blocks)
    height = sum(row.height for row in rows) + gap * max(0, len(rows) - 1)
    whole, y = blank(max((row.width for row in rows), default=1), height), 0
    for row in rows:
        whole.alpha_composite(row, (0, y))
        y += row.height + gap
    return whole


def beside(blocks: Iterable[Block], width: int, gap: int = 8) -> Block:
    """Put blocks beside one another, in further rows when they need more than `width`."""
    rows: list[list[Block]] = []
    room = 0
    for block in blocks:
        if not rows or block.width > room:
            rows.append([])
            room = width
        rows[-1].append(block)
        room -= block.width + gap
    return stack((_row(row, gap) for row in rows), gap)


def _row(blocks: Sequence[Block], gap: int) -> Block:
    width = sum(each.width for each in blocks) + gap * (len(blocks) - 1)
    whole, x = blank(width, max(each.height for each in blocks)), 0
    for each in blocks:
        whole.alpha_composite(each, (x, 0))
        x += each.width + gap
    return whole


def padded(block: Block, left: int, top: int = 0, right: int = 0, bottom: int = 0) -> Block:
    """Give a block with room around it."""
    whole = blank(block.width + left + right, block.height + top + bottom)
    whole.alpha_composite(block, (left, top))
    return whole
