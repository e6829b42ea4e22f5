"""Pictures for tests, drawn or forged."""

import io
import struct
import zlib

from PIL import Image


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def photo(width: int, height: int) -> Image.Image:
    """A picture with many colours."""
    edge = max(2, max(width, height) // 8)
    noise = Image.effect_noise((edge, edge), 90)
    bands = [noise, noise.rotate(90), noise.rotate(180)]
    return Image.merge("RGB", bands).resize((width, height), Image.Resampling.BILINEAR)


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = image.convert("RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def quarters(size: int = 64) -> Image.Image:
    """Four coloured quarters, so that every turn and flip looks different."""
    image = Image.new("RGB", (size, size // 2), "red")
    half, low = size // 2, size // 4
    image.paste((0, 128, 0), (half, 0, size, low))
    image.paste((0, 0, 255), (0, low, half, half))
    image.paste((255, 255, 0), (half, low, size, half))
    return image


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int, *, extra: bytes = b"") -> bytes:
    """A few bytes that claim to be a PNG of this size."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0"))
    return b"\x89PNG\r\n\x1a\n" + header + extra + pixels + chunk(b"IEND", b"")
