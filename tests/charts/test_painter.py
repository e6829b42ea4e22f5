import asyncio
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from bot.charts.painter import Painter
from bot.charts.types import Chart, Kind, Panel
from bot.errors import Refused

LONG = "a model whose name is much too long for any legend, at a provider with a name like $x_1$"


def chart(kind: Kind, lines: int, columns: int, scale: float = 0.001) -> Chart:
    counts = tuple(
        tuple(float((line * 7 + column * 3) % 11) for column in range(columns))
        for line in range(lines)
    )
    money = tuple(tuple(count * scale for count in row) for row in counts)
    return Chart(
        kind,
        "Cost and questions, 2026-10-24 to 2026-11-22",
        tuple(f"{column:02}" for column in range(columns)),
        "Day (UTC)",
        tuple(f"{line} {LONG}" for line in range(lines)),
        (Panel("Cost (USD)", "usd", money, "Free"), Panel("Questions", "count", counts, "")),
    )


@pytest.fixture
async def painter() -> AsyncIterator[Painter]:
    async with Painter() as opened:
        yield opened


@pytest.mark.parametrize(
    "wanted",
    [
        chart("stacked", 8, 31),
        chart("stacked", 1, 1),
        chart("stacked", 2, 7, scale=0),
        chart("ranked", 1, 12),
        chart("ranked", 1, 1),
        chart("ranked", 1, 3, scale=0),
        chart("heatmap", 7, 24),
        chart("heatmap", 7, 24, scale=0),
        chart("heatmap", 7, 24, scale=1e-9),
    ],
    ids=lambda wanted: f"{wanted.kind} {len(wanted.series)} × {len(wanted.ticks)}",
)
async def test_a_chart_is_an_opaque_png_with_something_on_it(
    painter: Painter, wanted: Chart
) -> None:
    with Image.open(io.BytesIO(await painter.draw(wanted))) as picture:
        assert picture.format == "PNG"
        assert 1000 <= picture.width <= 2000
        assert 300 <= picture.height <= 2000
        pixels = picture.convert("RGBA")
    assert pixels.getchannel("A").getextrema() == (255, 255)
    colours = pixels.convert("RGB").getcolors(1 << 24) or []
    assert max(colours)[1] == (255, 255, 255)
    assert len(colours) > 10


async def test_one_process_draws_all_charts_and_ends_when_idle() -> None:
    async with Painter(idle=0.05) as painter:
        await painter.draw(chart("ranked", 1, 2))
        pid = painter.pid
        assert pid is not None
        async with asyncio.timeout(5):
            while psutil.pid_exists(pid):  # noqa: ASYNC110 - nobody tells when a process is gone
                await asyncio.sleep(0.02)
        assert await painter.draw(chart("ranked", 1, 2))
        assert painter.pid != pid


async def test_a_killed_child_costs_one_chart(painter: Painter) -> None:
    await painter.draw(chart("ranked", 1, 2))
    pid = painter.pid
    assert pid is not None
    drawing = asyncio.create_task(painter.draw(chart("stacked", 8, 31)))
    await asyncio.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Refused, match="could not be drawn"):
        await drawing
    assert await painter.draw(chart("ranked", 1, 2))


async def test_the_event_loop_goes_on_while_a_chart_is_drawn(painter: Painter) -> None:
    drawing = asyncio.create_task(painter.draw(chart("stacked", 8, 31)))
    turns = 0
    while not drawing.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert await drawing
    assert turns > 5


def test_the_parent_never_imports_matplotlib() -> None:
    script = "import bot.app, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], timeout=30).returncode == 0


async def test_matplotlib_writes_only_into_a_folder_that_is_gone_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with Painter() as painter:
        await painter.draw(chart("stacked", 1, 1))
        (folder,) = tmp_path.iterdir()
        assert [file.name.partition("-")[0] for file in folder.iterdir()] == ["fontlist"]
    assert not any(tmp_path.iterdir())
