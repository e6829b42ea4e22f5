"""The decoder's child process: opens a picture, gives it back upright, small and bare.

Imports Pillow and little of ours. `python -m bot.images.pixels` serves."""

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import Image

from bot.childside import serve
from bot.images import canary

# Measured: 75 MiB for a JPEG of 12 megapixels, 170 MiB for a PNG, 410 MiB for 40 megapixels with
# transparency.
_MEMORY = 512 * 1024 * 1024
_CPU_SECONDS = 10
_QUALITIES = (85, 70, 55)
_SMALLEST_EDGE = 32
_FEW_COLOURS = 65_536
_BAND = 256  # rows

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class TooManyPixels(Exception):
    """The header claims more than is allowed."""


class Empty(Exception):
    """No width or no height."""


def open_picture(data: bytes, kind: str, max_pixels: int) -> Image.Image:
    """Read the header of a picture of this kind ("jpeg"); pixels stay undecoded.

    Raises TooManyPixels, Empty, or whatever Pillow raises for a damaged file."""
    Image.MAX_IMAGE_PIXELS = max_pixels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd metadata is no reason to refuse pixels
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data), formats=(kind.upper(),))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise TooManyPixels from error
    if image.width * image.height > max_pixels:
        raise TooManyPixels
    if not image.width or not image.height:
        raise Empty
    return image


def upright(image: Image.Image, max_edge: int) -> Image.Image:
    """Give the first frame as RGB over white, turned as its EXIF says, within `max_edge`.

    Nothing but pixels is left: no EXIF, no colour profile, no comment."""
    turn = _UPRIGHT.get(_orientation(image))
    scale = min(1.0, max_edge / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if image.format == "JPEG":
        image.draft(None, size)  # only a target of the right aspect saves memory
    image = _over_white(image)
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if turn is not None:
        image = image.transpose(turn)
    image.info = {}  # Pillow writes a profile and a comment from here
    return image


def _orientation(image: Image.Image) -> int:
    with contextlib.suppress(Exception):  # metadata as broken as it likes: then it stays as it is
        return int(image.getexif().get(_ORIENTATION, 1))
    return 1


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16 bits a sample: `convert` would clip, not scale
        return image.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if not image.has_transparency_data:
        image.load()  # now, while whoever called expects it to fail
        return image if image.mode == "RGB" else image.convert("RGB")
    canvas = Image.new("RGB", image.size, "white")
    for top in range(0, image.height, _BAND):  # in bands, so that no second copy is held
        bottom = min(top + _BAND, image.height)
        band = image.crop((0, top, image.width, bottom)).convert("RGBA")
        canvas.paste(band, (0, top), mask=band)
    return canvas


def encode(
    image: Image.Image, *, flat: bool, formats: list[str], max_bytes: int
) -> tuple[bytes, tuple[int, int]]:
    """Give JPEG or PNG of at most `max_bytes`, and its size: less quality first, then smaller.

    PNG where only that is taken, or where the picture is `flat` (its source was PNG or GIF), has
    few colours and comes out smaller."""
    while True:
        for data in _encodings(image, flat, formats):
            if len(data) <= max_bytes:
                return data, image.size
        if max(image.size) <= _SMALLEST_EDGE:
            raise ValueError("no encoding is small enough")
        width, height = image.size
        image = image.resize((max(1, width * 7 // 10), max(1, height * 7 // 10)))


def _encodings(image: Image.Image, flat: bool, formats: list[str]) -> Iterator[bytes]:
    """Give encodings in the order in which they are wanted."""
    if "jpeg" not in formats and "png" in formats:
        yield _save(image, "PNG")
        return
    best = _save(image, "JPEG", quality=_QUALITIES[0])
    if flat and "png" in formats and image.getcolors(_FEW_COLOURS) is not None:
        png = _save(image, "PNG")
        if len(png) < len(best):
            yield png
    yield best
    for quality in _QUALITIES[1:]:
        yield _save(image, "JPEG", quality=quality)


def _save(image: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def refusal(error: Exception) -> dict[str, object]:
    """Give the reply for a picture that can't be opened; a lack of memory is raised on."""
    match error:
        case MemoryError():
            raise error
        case TooManyPixels():
            return {"refused": "pixels"}
        case Empty():
            return {"refused": "empty"}
        case _:  # Pillow raises anything: SyntaxError, struct.error, zlib.error, ValueError
            return {"refused": "damaged"}


def normalise(head: dict[str, Any], data: bytes) -> tuple[dict[str, object], bytes]:
    """Answer one request; a refusal is a reply with `refused` set to its reason."""
    try:
        image = open_picture(data, head["kind"], head["max_pixels"])
        animated, original_size = bool(getattr(image, "is_animated", False)), image.size
        encoded, size = encode(
            upright(image, head["max_edge"]),
            flat=head["kind"] in {"png", "gif"},
            formats=head["formats"],
            max_bytes=head["max_bytes"],
        )
    except Exception as error:
        return refusal(error), b""
    return {"animated": animated, "original_size": original_size, "size": size}, encoded


def answer(head: dict[str, Any], data: bytes) -> tuple[dict[str, object], bytes]:
    """Answer one request: a word to draw, or a picture to normalise."""
    return ({}, canary.draw(head["word"])) if "word" in head else normalise(head, data)


if __name__ == "__main__":
    serve(answer, memory=_MEMORY, cpu_seconds=_CPU_SECONDS)
