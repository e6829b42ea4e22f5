import asyncio
import io
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from PIL import Image, ImageDraw, ImageFont

from bot.errors import PictureRefused, ReaderMissing
from bot.provider.types import ImagePart, Prompt
from bot.reader import Reader
from bot.types import Finish, Task
from playground.pictures import receipt, receipt_lines

FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
needs_reader = pytest.mark.skipif(not Reader.installed(), reason="the extra `reader` is missing")
shared_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[Reader]:
    async with Reader() as opened:
        yield opened


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    async with Reader() as opened:
        yield opened


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


BLANK = png(Image.new("RGB", (300, 200), "white"))
DAMAGED = receipt()[:2000]


def prompt(*pictures: bytes) -> Prompt:
    parts = tuple(ImagePart(data=data, filename=f"{at}") for at, data in enumerate(pictures))
    return Prompt(system="", text="what is it?", images=parts)


def words(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line]


# These share one child: each start costs seconds.


@needs_reader
@shared_loop
async def test_a_photographed_receipt_is_read_line_by_line(shared: Reader) -> None:
    heard: list[str] = []
    completion = await shared.complete(prompt(receipt()), Task.READ, heard.append)
    assert words(completion.text)[:-1] == list(receipt_lines())
    assert words(completion.text)[-1].startswith("I am the built-in reader")
    assert "".join(heard) == completion.text
    assert completion.finish is Finish.STOP
    assert (completion.input_tokens, completion.output_tokens) == (0, 0)


@needs_reader
@shared_loop
async def test_a_picture_taken_sideways_is_read_upright(shared: Reader) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    sideways = Image.open(io.BytesIO(receipt())).transpose(Image.Transpose.ROTATE_90)
    sideways.save(buffer, "JPEG", exif=exif)
    reading = await shared.read(buffer.getvalue())
    assert (reading.width, reading.height, reading.format) == (900, 1200, "JPEG")
    assert "CORNER BAKERY" in reading.lines


@needs_reader
@shared_loop
async def test_several_pictures_are_numbered_and_heard_one_by_one(shared: Reader) -> None:
    heard: list[str] = []
    completion = await shared.complete(prompt(BLANK, DAMAGED), Task.DESCRIBE, heard.append)
    assert completion.text.startswith(
        "Picture 1:\nA PNG picture, 300 × 200 pixels, mostly white.\n\nNo text found"
    )
    assert "\n\nPicture 2:\nThis picture is damaged." in completion.text
    assert len(heard) == 3


@needs_reader
@shared_loop
@pytest.mark.parametrize("task", [Task.ASK, Task.TRANSLATE])
async def test_what_it_cannot_do_it_says_first(shared: Reader, task: Task) -> None:
    completion = await shared.complete(prompt(BLANK), task, print)
    assert "I can only read." in completion.text.splitlines()[0]
    assert "No text found" in completion.text


@needs_reader
@shared_loop
@pytest.mark.skipif(not FONT.exists(), reason="no font with Cyrillic letters here")
async def test_cyrillic_is_called_unreadable_instead_of_printed(shared: Reader) -> None:
    image = Image.new("RGB", (700, 160), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 34)
    draw.text((30, 30), "Привет, как дела?", "black", font)
    draw.text((30, 90), "Сегодня хорошая погода", "black", font)
    reading = await shared.read(png(image))
    assert (reading.lines, reading.unreadable_script) == ((), True)


@needs_reader
async def test_a_damaged_picture_is_refused_and_no_picture_starts_no_child(reader: Reader) -> None:
    with pytest.raises(PictureRefused, match="not a picture"):
        await reader.complete(prompt(b"<html>"), Task.READ, print)
    assert reader.pid is None
    with pytest.raises(PictureRefused, match="damaged"):
        await reader.complete(prompt(DAMAGED), Task.READ, print)


@needs_reader
async def test_a_cancelled_reading_ends_the_child_and_idle_ends_it_too() -> None:
    async with Reader(idle=0.1) as reader:
        task = asyncio.create_task(reader.read(receipt()))
        while reader.pid is None:  # noqa: ASYNC110 - nobody tells when a process has started
            await asyncio.sleep(0.01)
        first = reader.pid
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not psutil.pid_exists(first)
        with pytest.raises(PictureRefused):
            await reader.read(DAMAGED)
        async with asyncio.timeout(3):
            while reader.pid is not None:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)


async def test_without_the_extra_it_says_how_to_get_it(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    for name in [name for name in sys.modules if name.partition(".")[0] in {"rapidocr"}]:
        monkeypatch.delitem(sys.modules, name)
    assert not Reader.installed()
    with pytest.raises(ReaderMissing, match=r"vidi\[reader\]"):
        await reader.complete(prompt(receipt()), Task.READ, print)


def test_importing_the_reader_loads_neither_its_models_nor_pillow() -> None:
    code = (
        "import sys, bot.reader, bot.images.prepare;"
        "print([m for m in ('rapidocr', 'onnxruntime', 'numpy', 'PIL') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
