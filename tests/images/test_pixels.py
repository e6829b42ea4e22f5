import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from bot.images.pixels import normalise, open_picture, upright

from .pictures import chunk, encoded, opened, photo, pixel, png_claiming, quarters

Facts = dict[str, Any]


def _normalise(data: bytes, kind: str = "png", **wanted: object) -> tuple[Facts, Image.Image]:
    facts, result = _answer(data, kind, **wanted)
    return facts, opened(result)


def _answer(data: bytes, kind: str = "png", **wanted: object) -> tuple[Facts, bytes]:
    defaults: Facts = {
        "kind": kind,
        "max_pixels": 40_000_000,
        "max_edge": 1568,
        "max_bytes": 2_900_000,
        "formats": ["jpeg", "png"],
    }
    return normalise(defaults | wanted, data)


def _with_orientation(image: Image.Image, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)  # GPS latitude
    exif[0x010F] = "SecretCameraMaker"
    return encoded(image, "JPEG", exif=exif, quality=95, comment=b"SecretComment")


# How a camera held in each way stores an upright scene: the inverse of what EXIF asks for.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_comes_out_upright(orientation: int) -> None:
    scene, turn = quarters(), STORED[orientation]
    stored = scene.transpose(turn) if turn is not None else scene
    facts, result = _normalise(_with_orientation(stored, orientation), "jpeg", max_edge=64)
    assert result.size == scene.size == facts["size"]
    for at in ((4, 4), (60, 4), (4, 28), (60, 28)):
        assert pixel(result, *at) == pytest.approx(pixel(scene, *at), abs=24)


def test_an_orientation_is_kept_when_the_picture_is_shrunk() -> None:
    stored = quarters(1024).transpose(Image.Transpose.ROTATE_90)
    _facts, result = _normalise(_with_orientation(stored, 6), "jpeg", max_edge=128)
    assert result.size == (128, 64)
    assert pixel(result, 8, 8) == pytest.approx((255, 0, 0), abs=24)


def test_place_camera_comment_and_profile_are_gone() -> None:
    data = _with_orientation(photo(64, 64), 1)
    assert b"SecretCameraMaker" in data
    _facts, result = _answer(data, "jpeg")
    assert b"Secret" not in result
    assert b"Exif" not in result
    assert not opened(result).getexif()
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SecretComment")
    png = encoded(quarters(), pnginfo=notes, icc_profile=b"SecretProfile" * 20)
    for formats in (["png"], ["jpeg"]):
        _facts, result = _answer(png, formats=formats)
        assert b"Secret" not in result
        assert b"iCCP" not in result
    end = png.rindex(b"IEND") - 4
    late = png[:end] + chunk(b"tEXt", b"Comment\0SecretLateComment") + png[end:]
    assert b"Secret" not in _answer(late, formats=["png"])[1]


def test_a_picture_is_decoded_before_it_is_handed_on() -> None:
    data = encoded(photo(300, 300), "JPEG")
    with pytest.raises(OSError, match="truncated"):
        upright(open_picture(data[: len(data) // 2], "jpeg", 10**6), 300)


def test_what_hangs_behind_a_picture_is_gone() -> None:
    data = encoded(photo(40, 40), "JPEG") + b"<script>alert(1)</script>PK\x03\x04"
    _facts, result = _answer(data, "jpeg")
    assert b"<script>" not in result


WHITE, GREY = (255, 255, 255), (128, 128, 128)


def _palette_with_transparency() -> bytes:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([10, 20, 30] * 256)
    return encoded(image, transparency=0)


@pytest.mark.parametrize(
    ("data", "kind", "colour"),
    [
        (encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0))), "png", WHITE),
        (encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 127))), "png", GREY),
        (encoded(Image.new("LA", (8, 8), (0, 127))), "png", GREY),
        (_palette_with_transparency(), "png", WHITE),
        (encoded(Image.new("RGB", (8, 8), (1, 2, 3)), transparency=(1, 2, 3)), "png", WHITE),
        (encoded(Image.new("I;16", (8, 8), 0x8080)), "png", GREY),
        (encoded(Image.new("L", (8, 8), 128)), "png", GREY),
        (encoded(Image.new("1", (8, 8), 1)), "png", WHITE),
        (encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 127)), "JPEG"), "jpeg", GREY),
        (encoded(Image.new("L", (8, 8), 128), "JPEG"), "jpeg", GREY),
        (encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "WEBP", lossless=True), "webp", WHITE),
        (encoded(Image.new("P", (8, 8), 0), "GIF", transparency=0), "gif", WHITE),
    ],
)
def test_every_kind_of_pixel_becomes_rgb_over_white(
    data: bytes, kind: str, colour: tuple[int, int, int]
) -> None:
    _facts, result = _normalise(data, kind)
    assert result.mode == "RGB"
    assert pixel(result, 4, 4) == pytest.approx(colour, abs=3)


def test_transparency_is_kept_white_across_bands() -> None:
    image = upright(Image.new("RGBA", (4, 1000), (0, 0, 0, 0)), 1000)
    assert image.getcolors() == [(4000, WHITE)]


def test_a_large_picture_is_shrunk_and_a_small_one_is_not_blown_up() -> None:
    facts, result = _normalise(encoded(photo(2000, 1000), "JPEG"), "jpeg", max_edge=500)
    assert result.size == (500, 250)
    assert facts["original_size"] == (2000, 1000)
    assert _normalise(encoded(quarters(64)), max_edge=500)[1].size == (64, 32)


@pytest.mark.parametrize("size", [(1, 10_000), (30_000, 30)])
def test_a_strip_keeps_at_least_one_pixel(size: tuple[int, int]) -> None:
    _facts, result = _normalise(encoded(Image.new("RGB", size)), max_edge=500)
    assert max(result.size) == 500
    assert min(result.size) >= 1


def test_a_flat_png_stays_png_and_a_photo_becomes_jpeg() -> None:
    flat = Image.new("RGB", (400, 400), "white")
    flat.paste("black", (10, 10, 300, 40))
    assert _normalise(encoded(flat))[1].format == "PNG"
    assert _normalise(encoded(photo(600, 600)))[1].format == "JPEG"
    assert _normalise(encoded(flat), formats=["jpeg"])[1].format == "JPEG"
    assert _normalise(encoded(photo(60, 60), "JPEG"), "jpeg", formats=["png"])[1].format == "PNG"


@pytest.mark.parametrize("formats", [["jpeg"], ["png"], ["jpeg", "png"]])
def test_the_result_never_has_more_bytes_than_allowed(formats: list[str]) -> None:
    data = encoded(photo(1000, 1000), "JPEG", quality=95)
    facts, result = _answer(data, "jpeg", max_bytes=20_000, formats=formats)
    assert 0 < len(result) <= 20_000
    assert opened(result).size == facts["size"]


def test_only_the_first_frame_of_an_animation_is_used() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        facts, result = _normalise(data, kind.lower())
        assert facts["animated"] is True
        red, green, blue = pixel(result, 9, 9)
        assert red > 200
        assert max(green, blue) < 50
    assert _normalise(encoded(frames[0], "GIF"), "gif")[0]["animated"] is False


@pytest.mark.parametrize("size", [(50_000, 50_000), (9_000, 9_000), (2**31 - 1, 1), (1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    data = png_claiming(*size)
    assert len(data) < 80
    facts, result = _answer(data)
    assert (facts, result) == ({"refused": "pixels"}, b"")


@pytest.mark.parametrize("size", [(0, 0), (0, 9), (9, 0)])
def test_a_picture_without_pixels_is_refused(size: tuple[int, int]) -> None:
    assert _answer(png_claiming(*size))[0]["refused"] in {"empty", "damaged"}


def _tiff() -> bytes:
    return encoded(Image.new("RGB", (8, 8)), "TIFF")


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif"])
@pytest.mark.parametrize(
    "data",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"8BPS\0\1" + bytes(40),
        b"SIMPLE  =                    T" + bytes(2850),
        _tiff(),
        encoded(Image.new("RGB", (8, 8)), "BMP"),
        encoded(Image.new("RGB", (16, 16)), "ICO"),
        b"",
    ],
)
def test_no_other_of_pillows_formats_is_ever_opened(data: bytes, kind: str) -> None:
    assert _answer(data, kind)[0] == {"refused": "damaged"}


@pytest.mark.parametrize(
    ("kind", "part"), [("JPEG", 0.5), ("PNG", 0.5), ("WEBP", 0.5), ("GIF", 0.3), ("JPEG", 0.02)]
)
def test_a_truncated_picture_is_damaged(kind: str, part: float) -> None:
    data = encoded(photo(300, 300), kind)
    assert _answer(data[: int(len(data) * part)], kind.lower())[0] == {"refused": "damaged"}


def test_compressed_metadata_bombs_are_harmless() -> None:
    squeezed = zlib.compress(bytes(64 * 1024 * 1024), 9)
    for name in (b"zTXt", b"iCCP"):
        facts, _result = _answer(png_claiming(4, 4, extra=chunk(name, b"x\0\0" + squeezed)))
        assert facts == {"refused": "damaged"}


def test_broken_exif_leaves_the_picture_as_it_is() -> None:
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + b"\xff\xff" + b"\x12\x01" * 40
    data = encoded(quarters(), "JPEG", exif=exif)
    assert _normalise(data, "jpeg")[1].size == (64, 32)


def test_every_single_byte_may_be_wrong() -> None:
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        data = encoded(quarters(), kind)
        for at in range(0, len(data), max(1, len(data) // 60)):
            broken = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
            facts, result = _answer(broken, kind.lower())
            assert facts.get("refused") or Image.open(io.BytesIO(result)).size
