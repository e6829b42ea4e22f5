"""The reader's child process: finds text in a picture with the models in rapidocr's wheel.

`python -m bot.reader.recognise` serves; about 400 MB of memory once the models are loaded."""

import os
from functools import cache
from typing import Any

import numpy as np
from PIL import Image
from rapidocr import RapidOCR

from bot.childside import serve
from bot.images.pixels import open_picture, refusal, upright
from bot.reader.colours import dominant

_MAX_EDGE = 2000  # what rapidocr itself shrinks to
_MEMORY = (
    1600 * 1024 * 1024
)  # measured: 1,000 MB for a photograph, 1,320 MB for a full page of text
_CPU_SECONDS = 60


@cache
def _engine() -> RapidOCR:
    """Load the models once. Any other language than the default would be downloaded."""
    threads = min(2, os.cpu_count() or 1)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def recognise(image: Image.Image) -> list[dict[str, object]]:
    """Give every place that looks like text: its corners, what was read (maybe nothing), how sure.

    The steps of the engine one by one: its own call leaves out the places where nothing was
    read, and these tell of scripts it doesn't know."""
    engine = _engine()
    pixels = np.asarray(image)[:, :, ::-1]  # OpenCV's order
    shrunk, record = engine.preprocess_img(pixels)
    found, _turned, read, _crops = engine.run_ocr_steps(shrunk, record)
    if found.boxes is None:
        return []
    corners = found.boxes.tolist()  # four points each, clockwise from the text's top left
    texts, scores = read.txts or [""] * len(corners), read.scores or [0.0] * len(corners)
    return [
        {"corners": four, "text": text, "score": float(score)}
        for four, text, score in zip(corners, texts, scores, strict=True)
    ]


def answer(head: dict[str, Any], data: bytes) -> tuple[dict[str, object], bytes]:
    """Answer one request; a refusal is a reply with `refused` set to its reason."""
    try:
        original = open_picture(data, head["kind"], head["max_pixels"])
        width, height = original.size
        image = upright(original, _MAX_EDGE)
    except Exception as error:
        return refusal(error), b""
    if (width > height) != (image.width > image.height):
        width, height = height, width  # it was turned
    facts: dict[str, object] = {
        "width": width,
        "height": height,
        "colours": dominant(image),
        "places": recognise(image),
    }
    return facts, b""


if __name__ == "__main__":
    serve(answer, memory=_MEMORY, cpu_seconds=_CPU_SECONDS)
