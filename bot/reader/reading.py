"""What the reader saw in one picture, made of what its child process says."""

from dataclasses import dataclass

import msgspec

from bot.catalog.types import ImageFormat
from bot.errors import PictureRefused
from bot.i18n import _
from bot.images.decode import REFUSALS, Reason
from bot.reader.layout import Place, Point, in_reading_order, is_legible

_FORMATS: dict[ImageFormat, str] = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "gif": "GIF"}
_TELLING_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Reading:
    """The text line by line, and what can be said of the picture. Size in pixels, upright."""

    lines: tuple[str, ...]
    width: int
    height: int
    format: str
    colours: tuple[str, ...]
    """English names of the dominant colours, the commonest first."""
    unreadable_script: bool
    """Whether a good part of what looks like text is in a script that it can't read."""


class _Seen(msgspec.Struct, frozen=True):
    corners: tuple[Point, Point, Point, Point]
    text: str
    score: float


class _Reply(msgspec.Struct, frozen=True):
    refused: Reason | None = None
    width: int = 0
    height: int = 0
    colours: tuple[str, ...] = ()
    places: tuple[_Seen, ...] = ()


def parse(reply: bytes, kind: ImageFormat) -> Reading:
    """Give the reading in a child's reply; raises PictureRefused or msgspec.DecodeError."""
    said = msgspec.json.decode(reply, type=_Reply)
    if said.refused:
        raise PictureRefused(_(REFUSALS[said.refused]))
    places = [Place(seen.corners, seen.text, seen.score) for seen in said.places]
    legible = [place for place in places if is_legible(place)]
    room = sum(place.width * place.height for place in places)
    illegible = room - sum(place.width * place.height for place in legible)
    return Reading(
        lines=in_reading_order(legible),
        width=said.width,
        height=said.height,
        format=_FORMATS[kind],
        colours=said.colours,
        unreadable_script=illegible > _TELLING_SHARE * room,
    )
