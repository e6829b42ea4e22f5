"""Pictures to post, drawn when needed, and what Discord would say about a picture's bytes."""

import io
import random
import warnings
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]

_RECEIPT = (
    ("2 x Croissant", "5.20"),
    ("1 x Sourdough loaf", "4.80"),
    ("1 x Cinnamon bun", "2.90"),
    ("3 x Espresso", "7.50"),
    ("TOTAL EUR", "20.40"),
    ("VAT 7 % included", "1.33"),
    ("Paid by card", "20.40"),
)
_RECEIPT_HEAD = ("CORNER BAKERY", "12 Mill Street", "14 March 2026 09:26")
_RECEIPT_FOOT = ("Thank you, see you soon!",)
_VISITORS = (("Mon", 120), ("Tue", 98), ("Wed", 143), ("Thu", 131), ("Fri", 210), ("Sat", 305))
_INK: Colour = (38, 36, 40)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What an upload turns out to be; all None when it is no picture."""

    content_type: str | None = None
    width: int | None = None
    height: int | None = None


def inspect(data: bytes) -> Inspected:
    """Give a picture's type and size in pixels from its bytes, without decoding it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as picture:
                return Inspected(Image.MIME.get(picture.format or ""), *picture.size)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Inspected()


def receipt_lines() -> tuple[str, ...]:
    """Give what stands on the receipt, a row each."""
    return (*_RECEIPT_HEAD, *(f"{name} {price}" for name, price in _RECEIPT), *_RECEIPT_FOOT)


def receipt() -> bytes:
    """Give a JPEG that looks like a photograph of a bakery's receipt on a table, 900 x 1200."""
    table = _gradient((900, 1200), (122, 88, 60), (78, 54, 38))
    paper = _paper().rotate(-1.8, Image.Resampling.BICUBIC, expand=True)
    left, top = (900 - paper.width) // 2, (1200 - paper.height) // 2
    shadow = Image.new("L", table.size)
    shadow.paste(140, (left + 14, top + 18), paper.getchannel("A"))
    table.paste((20, 14, 10), mask=shadow.filter(ImageFilter.GaussianBlur(14)))
    table.paste(paper, (left, top), paper)
    lit = ImageChops.multiply(table, _gradient((900, 1200), (255, 252, 244), (212, 206, 200)))
    return _jpeg(_noisy(lit, random.Random(7), 0.05), quality=88)


def chart_screenshot() -> bytes:
    """Give a PNG like a screenshot of a bar chart: visitors by day, each bar with its number."""
    screen = Image.new("RGB", (1080, 720), (250, 250, 252))
    draw = ImageDraw.Draw(screen)
    draw.text((60, 40), "Visitors per day", (30, 32, 38), ImageFont.load_default(44))
    draw.line((60, 640, 1020, 640), (150, 152, 160), 3)
    for index, (day, visitors) in enumerate(_VISITORS):
        left, top = 90 + index * 155, 640 - round(visitors * 1.5)
        draw.rectangle((left, top, left + 100, 638), (72, 118, 214))
        for text, y in ((str(visitors), top - 24), (day, 670)):
            font = ImageFont.load_default(30)
            draw.text((left + 50, y), text, (30, 32, 38), font, anchor="mm")
    out = io.BytesIO()
    screen.save(out, "PNG")
    return out.getvalue()


def photo(width: int, height: int, seed: int = 0) -> bytes:
    """Give a JPEG of soft shapes and grain, as heavy as a photograph of that many pixels."""
    rng = random.Random(seed)
    shapes = Image.frombytes("RGB", (8, 6), rng.randbytes(8 * 6 * 3))
    soft = shapes.resize((width, height), Image.Resampling.BICUBIC)
    return _jpeg(_noisy(soft, rng, 0.12), quality=85)


def _paper() -> Image.Image:
    paper = Image.new("RGBA", (620, 960), (246, 244, 238, 255))
    draw = ImageDraw.Draw(paper)
    y = 70
    for size, text in zip((46, 28, 28), _RECEIPT_HEAD, strict=True):
        draw.text((310, y), text, _INK, ImageFont.load_default(size), anchor="mm")
        y += size + 22
    y = _rule(draw, y)
    for name, price in _RECEIPT:
        if name.startswith("TOTAL"):
            y = _rule(draw, y)
        font = ImageFont.load_default(42 if name.startswith("TOTAL") else 32)
        draw.text((50, y), name, _INK, font, anchor="lm")
        draw.text((570, y), price, _INK, font, anchor="rm")
        y += 68
    y = _rule(draw, y)
    draw.text((310, y + 20), _RECEIPT_FOOT[0], _INK, ImageFont.load_default(30), anchor="mm")
    return paper


def _rule(draw: ImageDraw.ImageDraw, y: int) -> int:
    """Draw a dashed rule and give where the next row goes."""
    for x in range(50, 570, 20):
        draw.line((x, y, x + 10, y), _INK, 2)
    return y + 52


def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def _noisy(picture: Image.Image, rng: random.Random, strength: float) -> Image.Image:
    grain = Image.frombytes("L", picture.size, rng.randbytes(picture.width * picture.height))
    return Image.blend(picture, grain.convert("RGB"), strength)


def _jpeg(picture: Image.Image, *, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()
