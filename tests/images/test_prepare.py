import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from PIL import Image

from bot.catalog.types import ImageLimits, Model, Provider, Transport
from bot.errors import PictureExpired, PictureRefused
from bot.images.decode import Decoder
from bot.images.prepare import Prepared, prepare
from bot.net import Net
from bot.types import ImageRef

from .pictures import encoded, opened, photo, png_claiming, quarters


@dataclass
class Cdn:
    """A loopback server of pictures by name, trusted as Discord's own."""

    net: Net
    origin: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    most_at_once: int = 0
    now: int = 0

    def put(self, name: str, data: bytes, **facts: object) -> ImageRef:
        self.files[name] = data
        return ImageRef(url=f"{self.origin}/{name}", filename=name, size=len(data), **facts)  # pyright: ignore[reportArgumentType] - facts of ImageRef

    async def answer(self, request: web.BaseRequest) -> web.Response:
        name = request.path.strip("/")
        self.asked.append(name)
        self.now += 1
        self.most_at_once = max(self.now, self.most_at_once)
        await asyncio.sleep(0.05)
        self.now -= 1
        if name not in self.files:
            return web.Response(status=404)
        return web.Response(body=self.files[name])


@pytest.fixture
async def cdn() -> AsyncIterator[Cdn]:
    server = web.Server(lambda request: served.answer(request))
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with Net(frozenset({origin}), (), picture_origins=frozenset({origin})) as net:
        served = Cdn(net, origin)
        yield served
    listening.close()
    await server.shutdown(0)


def model(kind: object = "http", **limits: object) -> Model:
    provider = Provider(id="custom", label="Custom", company="somebody", kind=kind)  # pyright: ignore[reportArgumentType] - one of the two kinds
    return Model(
        id="custom/eye",
        name="eye",
        label="Eye",
        provider=provider,
        images=ImageLimits(**limits),  # pyright: ignore[reportArgumentType] - limits by name
        checked=dt.date(2026, 1, 1),
        source="a test",
    )


async def ready(
    cdn: Cdn, decoder: Decoder, *images: ImageRef, transport: Transport, **limits: object
) -> Prepared:
    return await prepare(images, model(**limits), transport=transport, net=cdn.net, decoder=decoder)


def link(name: str, **facts: object) -> ImageRef:
    return ImageRef(url=f"https://cdn.example/{name}", filename=name, **facts)  # pyright: ignore[reportArgumentType] - facts of ImageRef


async def test_links_are_forwarded_and_no_byte_is_touched(cdn: Cdn, decoder: Decoder) -> None:
    image = cdn.put("a.jpg", encoded(photo(90, 60), "JPEG"), width=90, height=60)
    prepared = await ready(cdn, decoder, image, transport="url")
    (part,) = prepared.parts
    assert (part.url, part.data, part.width, part.height) == (image.url, None, 90, 60)
    assert part.media_type == "image/jpeg"
    assert prepared.sent_bytes == 0
    assert cdn.asked == []
    assert decoder.pids == ()


async def test_a_link_about_which_nothing_is_known_is_forwarded(cdn: Cdn, decoder: Decoder) -> None:
    for name in ("photo", "photo.php", "photo.bin", ""):
        prepared = await ready(cdn, decoder, link(name), transport="url")
        assert prepared.parts[0].url == f"https://cdn.example/{name}"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"content_type": "application/pdf"}, "not a picture"),
        ({"content_type": "text/html; charset=utf-8"}, "not a picture"),
        ({"content_type": "image/svg+xml"}, "not a picture"),
        ({"content_type": "image/heic"}, "JPEG, PNG, WebP or GIF"),
        ({"content_type": "video/mp4"}, "not a picture"),
        ({"content_type": "image/png", "width": 50_000, "height": 50_000}, "40 megapixels"),
        ({"content_type": "image/png", "size": 90_000_000}, "up to 32 MB"),
    ],
)
@pytest.mark.parametrize("transport", ["url", "inline"])
async def test_what_discord_says_is_enough_to_refuse(
    cdn: Cdn, decoder: Decoder, facts: dict[str, object], sentence: str, transport: Transport
) -> None:
    with pytest.raises(PictureRefused, match=sentence):
        await ready(cdn, decoder, link("file", **facts), transport=transport)
    assert cdn.asked == []


async def test_a_file_name_tells_where_no_type_is_given(cdn: Cdn, decoder: Decoder) -> None:
    with pytest.raises(PictureRefused, match="not a picture"):
        await ready(cdn, decoder, link("talk.mp4"), transport="url")


async def test_only_the_picture_that_would_fail_as_a_link_goes_inline(
    cdn: Cdn, decoder: Decoder
) -> None:
    fits = cdn.put("fits.jpg", encoded(photo(60, 60), "JPEG"), content_type="image/jpeg")
    webp = cdn.put("other.webp", encoded(photo(60, 60), "WEBP"), content_type="image/webp")
    heavy = cdn.put("heavy.jpg", encoded(photo(900, 900), "JPEG", quality=95))
    assert heavy.size
    prepared = await ready(
        cdn, decoder, fits, webp, heavy, transport="url", max_url_bytes=heavy.size - 1, max_edge=50
    )
    first, second, third = prepared.parts
    assert (first.url, first.data) == (fits.url, None)
    assert second.data
    assert third.data
    assert (third.url, max(opened(third.data).size)) == (None, 50)
    assert prepared.sent_bytes == len(second.data) + len(third.data)
    assert sorted(cdn.asked) == ["heavy.jpg", "other.webp"]


async def test_a_format_that_the_model_takes_goes_as_a_link(cdn: Cdn, decoder: Decoder) -> None:
    gif = link("dance.gif", content_type="image/gif")
    prepared = await ready(cdn, decoder, gif, transport="url", formats=("jpeg", "gif"))
    assert prepared.parts[0].url == gif.url


async def test_bytes_without_a_link_are_inline_whatever_the_transport(
    cdn: Cdn, decoder: Decoder
) -> None:
    file = ImageRef(url="", filename="cat.png", data=encoded(quarters()))
    prepared = await ready(cdn, decoder, file, transport="url")
    assert prepared.parts[0].data
    assert prepared.sent_bytes == len(prepared.parts[0].data)
    with pytest.raises(PictureRefused, match="not a picture"):
        await ready(cdn, decoder, ImageRef(url="", filename="a.png", data=b""), transport="url")


async def test_inline_pictures_are_fetched_shrunk_and_keep_their_order(
    cdn: Cdn, decoder: Decoder
) -> None:
    images = [cdn.put(f"{at}.png", encoded(Image.new("RGB", (300 + at, 200)))) for at in range(4)]
    prepared = await ready(cdn, decoder, *images, transport="inline", max_edge=1000)
    assert [part.width for part in prepared.parts] == [300, 301, 302, 303]
    assert [part.filename for part in prepared.parts] == ["0.png", "1.png", "2.png", "3.png"]
    assert cdn.most_at_once > 1


async def test_the_first_frame_of_an_animation_comes_with_a_note(
    cdn: Cdn, decoder: Decoder
) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    gif = cdn.put("dance.gif", encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    prepared = await ready(cdn, decoder, gif, transport="inline")
    assert prepared.notes == ("dance.gif moves; only its first frame was looked at.",)


@pytest.mark.parametrize("transport", ["url", "inline"])
async def test_more_pictures_than_the_model_takes_are_left_out_with_a_reason(
    cdn: Cdn, decoder: Decoder, transport: Transport
) -> None:
    images = [cdn.put(f"{at}.png", encoded(quarters())) for at in range(4)]
    prepared = await ready(cdn, decoder, *images, transport=transport, max_count=2)
    assert [part.filename for part in prepared.parts] == ["0.png", "1.png"]
    assert [left.filename for left in prepared.left_out] == ["2.png", "3.png"]
    assert "2 pictures at once" in prepared.left_out[0].reason


async def test_what_is_no_picture_takes_no_pictures_place(cdn: Cdn, decoder: Decoder) -> None:
    images = [link("a.pdf", content_type="application/pdf"), link("b.png"), link("c.png")]
    prepared = await ready(cdn, decoder, *images, transport="url", max_count=2)
    assert [part.filename for part in prepared.parts] == ["b.png", "c.png"]
    assert [left.filename for left in prepared.left_out] == ["a.pdf"]


async def test_never_more_than_ten_pictures_go_out(cdn: Cdn, decoder: Decoder) -> None:
    images = [link(f"{at}.png") for at in range(12)]
    prepared = await ready(cdn, decoder, *images, transport="url", max_count=50)
    assert (len(prepared.parts), len(prepared.left_out)) == (10, 2)


async def test_one_picture_that_fails_leaves_the_others(cdn: Cdn, decoder: Decoder) -> None:
    good = cdn.put("good.png", encoded(quarters()))
    bomb = cdn.put("bomb.png", png_claiming(50_000, 50_000))
    html = cdn.put("page.png", b"<html>", content_type="image/png")
    gone = ImageRef(url=f"{cdn.origin}/gone.png", filename="gone.png")
    prepared = await ready(cdn, decoder, bomb, good, html, gone, transport="inline")
    assert [part.filename for part in prepared.parts] == ["good.png"]
    reasons = {left.filename: left.reason for left in prepared.left_out}
    assert "40 megapixels" in reasons["bomb.png"]
    assert "not a picture" in reasons["page.png"]
    assert "no longer works" in reasons["gone.png"]


async def test_when_none_is_left_the_only_pictures_reason_is_the_answer(
    cdn: Cdn, decoder: Decoder
) -> None:
    gone = ImageRef(url=f"{cdn.origin}/gone.png", filename="gone.png")
    with pytest.raises(PictureExpired):
        await ready(cdn, decoder, gone, transport="inline")


async def test_when_none_of_several_is_left_each_is_named(cdn: Cdn, decoder: Decoder) -> None:
    gone = ImageRef(url=f"{cdn.origin}/gone.png", filename="gone.png")
    pdf = link("a.pdf", content_type="application/pdf")
    with pytest.raises(PictureRefused, match=r"(?s)gone\.png: .*no longer.*a\.pdf: .*not a pic"):
        await ready(cdn, decoder, gone, pdf, transport="inline")


async def test_the_built_in_reader_gets_the_original_and_nothing_counts_as_sent(
    cdn: Cdn, decoder: Decoder
) -> None:
    data = encoded(photo(300, 200), "WEBP")
    image = cdn.put("a.webp", data)
    prepared = await ready(cdn, decoder, image, transport="inline", kind="local", max_edge=50)
    (part,) = prepared.parts
    assert (part.data, part.media_type) == (data, "image/webp")
    assert prepared.sent_bytes == 0
    assert decoder.pids == ()
