import pytest
from PIL import Image

from bot.images.sniff import sniff

from .pictures import encoded


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif"])
def test_each_format_is_known_by_its_bytes(kind: str) -> None:
    assert sniff(encoded(Image.new("RGB", (4, 4)), kind.upper())) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"<html><img src=x.png></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"PK\x03\x04",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"II*\0\x08\0\0\0",
        b" \x89PNG\r\n\x1a\n",
        b"\0\0\0\x20ftypheic",
        b"\0\0\0\x20ftypavif",
    ],
)
def test_what_is_no_picture_of_ours_is_none(data: bytes) -> None:
    assert sniff(data) is None


def test_the_riff_length_may_hold_any_byte() -> None:
    assert sniff(b"RIFF\n\n\n\nWEBPVP8 ") == "webp"
