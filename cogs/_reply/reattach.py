"""The pictures that a public answer shows again, since nobody else saw what /ask was given."""

import asyncio
import logging
from collections.abc import Sequence

from bot.service import VisionService
from bot.types import ImageRef
from cogs._reply.pages import Upload

log = logging.getLogger(__name__)

SHOWN_AGAIN = 4


async def collect(service: VisionService, images: Sequence[ImageRef]) -> tuple[Upload, ...]:
    """Give the first pictures as files to attach; those that can't be had are left away."""
    shown = await asyncio.gather(*(_upload(service, image) for image in images[:SHOWN_AGAIN]))
    return tuple(upload for upload in shown if upload is not None)


async def _upload(service: VisionService, image: ImageRef) -> Upload | None:
    try:
        data = await service.show(image)
    except Exception as error:  # a picture shown again is a courtesy; the answer matters
        log.info("a picture is not shown again: %s", error)
        return None
    if data is None:
        return None
    stem = image.filename.removeprefix("SPOILER_").rpartition(".")[0] or "picture"
    suffix = "png" if data.startswith(b"\x89PNG") else "jpg"
    return Upload(data, f"{stem}.{suffix}", image.alt, image.spoiler, image.author_id)
