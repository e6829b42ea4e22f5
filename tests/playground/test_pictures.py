import io
import time

import pytest
from PIL import Image, ImageStat

from playground.pictures import (
    Inspected,
    chart_screenshot,
    inspect,
    photo,
    receipt,
    receipt_lines,
)


def test_the_receipt_is_a_jpeg_of_a_photographs_shape():
    assert inspect(receipt()) == Inspected("image/jpeg", 900, 1200)


def test_the_receipt_is_the_same_every_time():
    assert receipt() == receipt()


def test_the_receipt_has_dark_ink_on_bright_paper_on_a_dark_table():
    with Image.open(io.BytesIO(receipt())) as picture:
        paper = picture.convert("L").crop((200, 300, 700, 900))
        table = picture.convert("L").crop((0, 0, 80, 1200))
    assert any(paper.histogram()[:70])
    assert ImageStat.Stat(paper).median[0] > 200
    assert ImageStat.Stat(table).mean[0] < 130


def test_the_receipt_adds_up():
    prices = [float(line.split()[-1]) for line in receipt_lines() if " x " in line]
    assert f"TOTAL EUR {sum(prices):.2f}" in receipt_lines()
    assert len(prices) == 4


def test_the_chart_is_a_screenshot():
    assert inspect(chart_screenshot()) == Inspected("image/png", 1080, 720)


def test_a_photograph_of_twelve_megapixels_is_quick_and_heavy():
    begin = time.perf_counter()
    data = photo(4000, 3000)
    assert time.perf_counter() - begin < 4
    assert inspect(data) == Inspected("image/jpeg", 4000, 3000)
    assert 1 << 20 < len(data) < 10 << 20


def test_photographs_differ_by_seed_only():
    assert photo(64, 48, seed=1) == photo(64, 48, seed=1)
    assert photo(64, 48, seed=1) != photo(64, 48, seed=2)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"<svg/>", photo(9, 9)[:99]])
def test_what_is_no_picture_has_no_type(data):
    assert inspect(data) == Inspected()


def test_the_other_formats_are_told_apart():
    for kind in ("GIF", "WEBP", "BMP"):
        out = io.BytesIO()
        Image.new("RGB", (7, 5)).save(out, kind)
        assert inspect(out.getvalue()) == Inspected(f"image/{kind.lower()}", 7, 5)


def test_a_picture_too_large_to_decode_still_has_a_size():
    out = io.BytesIO()
    Image.new("1", (12_000, 9_000)).save(out, "PNG")
    assert inspect(out.getvalue()) == Inspected("image/png", 12_000, 9_000)
