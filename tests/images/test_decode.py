import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
from PIL import Image

from bot.errors import PictureRefused
from bot.images.decode import Decoder, Picture

from .pictures import encoded, opened, photo, png_claiming, quarters

LARGE = encoded(Image.new("RGBA", (8000, 5000)), compress_level=1)  # a second's work for a child


async def _until_gone(pid: int) -> None:
    async with asyncio.timeout(3):
        while psutil.pid_exists(pid):  # noqa: ASYNC110 - nobody tells when a process is gone
            await asyncio.sleep(0.01)


def _proc(pid: int, name: str) -> bytes:
    return Path(f"/proc/{pid}/{name}").read_bytes()


async def _normalise(decoder: Decoder, data: bytes) -> Picture:
    return await decoder.normalise(
        data, max_edge=1568, max_bytes=2_900_000, formats=("jpeg", "png")
    )


async def test_a_picture_comes_back_small_upright_and_described(decoder: Decoder) -> None:
    picture = await _normalise(decoder, encoded(photo(2000, 1000), "WEBP"))
    assert (picture.width, picture.height) == opened(picture.data).size == (1568, 784)
    assert picture.media_type == "image/jpeg"
    assert (picture.original_format, picture.original_size) == ("webp", (2000, 1000))
    assert not picture.animated


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a picture"),
        (b"<html>", "not a picture"),
        (b"%PDF-1.7", "not a picture"),
        (encoded(Image.new("RGB", (8, 8)), "TIFF"), "not a picture"),
        (png_claiming(50_000, 50_000), "40 megapixels"),
        (encoded(photo(300, 300), "JPEG")[:3000], "damaged"),
    ],
)
async def test_a_file_that_cannot_be_used_gets_its_sentence(
    decoder: Decoder, data: bytes, sentence: str
) -> None:
    with pytest.raises(PictureRefused, match=sentence):
        await _normalise(decoder, data)


async def test_what_is_no_picture_starts_no_child(decoder: Decoder) -> None:
    with pytest.raises(PictureRefused):
        await _normalise(decoder, b"<html>")
    assert decoder.pids == ()


async def test_twelve_megapixels_fit_into_256_mebibytes(decoder: Decoder) -> None:
    image = photo(4000, 3000)
    for data in (encoded(image, "JPEG"), encoded(image, compress_level=1)):
        assert max((await _normalise(decoder, data)).original_size) == 4000
    (pid,) = decoder.pids
    if sys.platform == "linux":
        lines = _proc(pid, "status").decode().splitlines()
        peak = next(line for line in lines if line.startswith("VmPeak"))
        assert int(peak.split()[1]) < 256 * 1024


async def test_forty_megapixels_with_transparency_fit_into_the_limit(decoder: Decoder) -> None:
    picture = await _normalise(decoder, LARGE)
    assert (picture.width, picture.height) == (1568, 980)


async def test_a_killed_child_costs_one_picture_and_the_next_works(decoder: Decoder) -> None:
    small = encoded(quarters())
    await _normalise(decoder, small)
    (pid,) = decoder.pids
    task = asyncio.create_task(_normalise(decoder, LARGE))
    await asyncio.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(PictureRefused, match="could not be read"):
        await task
    assert (await _normalise(decoder, small)).width == 64
    assert pid not in decoder.pids


async def test_a_child_that_died_while_it_rested_is_replaced_unnoticed(decoder: Decoder) -> None:
    await _normalise(decoder, encoded(quarters()))
    (pid,) = decoder.pids
    os.kill(pid, signal.SIGKILL)
    await _until_gone(pid)
    assert (await _normalise(decoder, encoded(quarters()))).width == 64


async def test_a_cancelled_decode_ends_its_child_and_the_next_works(decoder: Decoder) -> None:
    await _normalise(decoder, encoded(quarters()))
    (pid,) = decoder.pids
    task = asyncio.create_task(_normalise(decoder, LARGE))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(pid)
    assert (await _normalise(decoder, encoded(quarters()))).width == 64


async def test_many_pictures_at_once_share_two_children(decoder: Decoder) -> None:
    data = encoded(photo(400, 400), "JPEG")
    pictures = await asyncio.gather(*(_normalise(decoder, data) for _one in range(12)))
    assert len(pictures) == 12
    assert len(decoder.pids) == 2


async def test_an_idle_child_ends_and_none_outlives_the_decoder() -> None:
    async with Decoder(idle=0.1) as decoder:
        await _normalise(decoder, encoded(quarters()))
        (first,) = decoder.pids
        await _until_gone(first)
        await _normalise(decoder, encoded(quarters()))
        (second,) = decoder.pids
    assert not psutil.pid_exists(second)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_child_knows_no_key_and_has_its_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "canary-token")
    async with Decoder() as decoder:
        await _normalise(decoder, encoded(quarters()))
        (pid,) = decoder.pids
        assert b"canary-token" not in _proc(pid, "environ")
        assert str(512 * 1024 * 1024).encode() in _proc(pid, "limits")
        assert b"aiohttp" not in _proc(pid, "maps")
