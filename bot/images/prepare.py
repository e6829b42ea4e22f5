"""Pictures made ready for a model: forwarded as links, or opened here and sent inline."""

import asyncio
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass

from bot.catalog.types import ImageFormat, Model, Transport
from bot.errors import PictureRefused
from bot.i18n import _, ngettext
from bot.images.decode import MAX_PIXELS, NOT_A_PICTURE, TOO_MANY_PIXELS, Decoder
from bot.images.sniff import sniff
from bot.net import Net, too_many_bytes
from bot.provider.types import ImagePart
from bot.types import ImageRef, LeftOut

MAX_COUNT = 10
MAX_BYTES = 32_000_000
"""What is downloaded of one picture at most; the decoder shrinks it to what the model takes."""

_FORMATS: dict[str, ImageFormat] = {
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/png": "png",
    "image/apng": "png",
    "image/webp": "webp",
    "image/gif": "gif",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What goes to the model, what doesn't and why, and what the asker should know."""

    parts: tuple[ImagePart, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    sent_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Ready:
    part: ImagePart
    note: str | None = None


async def prepare(
    images: Sequence[ImageRef], model: Model, *, transport: Transport, net: Net, decoder: Decoder
) -> Prepared:
    """Make the pictures ready as the model takes them.

    Links are judged by what Discord says of them and never opened, except where that tells that
    the model would fail: a format it doesn't take, or too many bytes. The built-in reader gets
    the original bytes. Raises PictureRefused when no picture is left."""
    refusals = _judged(images, min(model.images.max_count, MAX_COUNT))
    fit = [image for image, refusal in zip(images, refusals, strict=True) if refusal is None]
    ready = iter(
        await asyncio.gather(*(_ready(image, model, transport, net, decoder) for image in fit))
    )
    return _gather(images, [refusal or next(ready) for refusal in refusals], model)


def _gather(
    images: Sequence[ImageRef], outcomes: Sequence[_Ready | PictureRefused], model: Model
) -> Prepared:
    ready = [outcome for outcome in outcomes if isinstance(outcome, _Ready)]
    refusals = [
        (image.filename, outcome)
        for image, outcome in zip(images, outcomes, strict=True)
        if isinstance(outcome, PictureRefused)
    ]
    if not ready:
        raise _none_left(refusals)
    leaves = model.provider.kind != "local"
    return Prepared(
        parts=tuple(one.part for one in ready),
        left_out=tuple(LeftOut(filename, refusal.sentence) for filename, refusal in refusals),
        notes=tuple(one.note for one in ready if one.note),
        sent_bytes=sum(len(one.part.data or b"") for one in ready) if leaves else 0,
    )


def _none_left(refusals: Sequence[tuple[str, PictureRefused]]) -> PictureRefused:
    if len(refusals) == 1:
        return refusals[0][1]
    reasons = [
        _("{file}: {reason}").format(file=filename, reason=refusal.sentence)
        for filename, refusal in refusals
    ]
    return PictureRefused(
        _("None of these pictures can be used.\n{reasons}").format(reasons="\n".join(reasons))
    )


def _too_many(limit: int) -> PictureRefused:
    return PictureRefused(
        ngettext(
            "This model looks at one picture at once. Ask about the others again.",
            "This model looks at {limit} pictures at once. Ask about the others again.",
            limit,
        ).format(limit=limit)
    )


def _judged(images: Sequence[ImageRef], limit: int) -> list[PictureRefused | None]:
    """Refuse what is no picture, then what comes after the first `limit` of the others."""
    refusals: list[PictureRefused | None] = []
    for image in images:
        full = refusals.count(None) >= limit
        refusals.append(_refusal(image) or (_too_many(limit) if full else None))
    return refusals


def _refusal(image: ImageRef) -> PictureRefused | None:
    """Judge a picture by what is said of it; what nobody said is let through."""
    kind = _declared_type(image)
    if image.data is None and kind is not None and kind not in _FORMATS:
        return PictureRefused(_(NOT_A_PICTURE))
    if (image.width or 0) * (image.height or 0) > MAX_PIXELS:
        return PictureRefused(_(TOO_MANY_PIXELS))
    size = image.size if image.data is None else len(image.data)
    if (size or 0) > MAX_BYTES:
        return too_many_bytes(MAX_BYTES)
    return None


def _declared_type(image: ImageRef) -> str | None:
    """Give the media type that Discord declares, or else the file's name, as far as it tells."""
    declared = (image.content_type or "").partition(";")[0].strip().lower()
    if declared and declared != "application/octet-stream":
        return declared
    guess = mimetypes.guess_type(image.filename, strict=False)[0]
    # A link's name may end in .php and yet be a picture.
    return None if guess is None or guess.startswith("application/") else guess


def _goes_as_link(image: ImageRef, model: Model, transport: Transport, net: Net) -> bool:
    if transport == "inline" or image.data is not None or model.provider.kind == "local":
        return False
    if image.foreign and not net.is_discords(image.url):
        return False
    kind = _declared_type(image)
    accepted = kind is None or _FORMATS.get(kind) in model.images.formats
    return accepted and (image.size or 0) <= model.images.max_url_bytes


async def _ready(
    image: ImageRef, model: Model, transport: Transport, net: Net, decoder: Decoder
) -> _Ready | PictureRefused:
    if _goes_as_link(image, model, transport, net):
        return _Ready(
            ImagePart(
                url=image.url,
                media_type=_declared_type(image) or "image/jpeg",
                width=image.width,
                height=image.height,
                filename=image.filename,
            )
        )
    try:
        async with decoder.room:
            data = image.data
            if data is None:
                data = await net.fetch_image(image.url, max_bytes=MAX_BYTES)
            if model.provider.kind == "local":
                return _as_it_is(image, data)
            return await _inline(image, data, model, decoder)
    except PictureRefused as refusal:
        return refusal


def _as_it_is(image: ImageRef, data: bytes) -> _Ready:
    kind = sniff(data)
    if kind is None:
        raise PictureRefused(_(NOT_A_PICTURE))
    return _Ready(
        ImagePart(
            data=data,
            media_type=f"image/{kind}",
            width=image.width,
            height=image.height,
            filename=image.filename,
        )
    )


async def _inline(image: ImageRef, data: bytes, model: Model, decoder: Decoder) -> _Ready:
    limits = model.images
    picture = await decoder.normalise(
        data, max_edge=limits.max_edge, max_bytes=limits.max_bytes, formats=limits.formats
    )
    part = ImagePart(
        data=picture.data,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        filename=image.filename,
    )
    if not picture.animated:
        return _Ready(part)
    note = _("{file} moves; only its first frame was looked at.").format(file=image.filename)
    return _Ready(part, note)
