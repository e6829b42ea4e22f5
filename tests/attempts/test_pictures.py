"""Pictures that could not be fetched or read, or are too much: faults F54, F55, F60."""

import base64

import pytest

from bot.errors import PictureUnreadable, ProviderError, RequestTooLarge
from bot.questions.attempts import Attempts
from bot.types import ImageRef
from playground.model_server import Act, Fail, ModelRequest, ModelServer
from playground.pictures import chart_screenshot, inspect
from tests.attempting import Clock, Watcher, a_model, a_question, file, link, run, said

NOT_FETCHED = (
    said(400, "Timeout while downloading https://x/cat.png.", code="invalid_image_url"),
    said(400, "Failed to download image from https://x/cat.png."),
    said(422, "Cannot fetch https://x/cat.png: 403 Forbidden"),
    said(500, "Failed to download image"),
    Fail(400, {"error": "'url' field must be a base64 encoded image."}),
)


@pytest.mark.parametrize("refusal", NOT_FETCHED, ids=lambda fail: str(fail.body)[:60])
async def test_a_picture_that_could_not_be_fetched_goes_inline_once(
    attempts: Attempts, models: ModelServer, cat: ImageRef, refusal: Fail
) -> None:
    """F54: a second refusal is told."""
    models.always(lambda _request: refusal)
    watcher = Watcher()
    with pytest.raises(ProviderError):
        await attempts.run([a_question(models.base_url, images=(cat,))], watcher)
    transports = [wanted.model.transport for wanted, _prepared in watcher.tries]
    assert transports[:2] == ["url", "inline"]
    assert transports.count("url") == 1
    assert len(transports) <= 3


async def test_a_stripped_picture_goes_as_bytes_to_a_model_that_takes_links(
    attempts: Attempts, models: ModelServer, cat: ImageRef
) -> None:
    for strip in (False, True):
        await run(attempts, a_question(models.base_url, images=(cat,), strip=strip))
    assert _kinds(models) == ["http", "data"]


async def test_an_origin_that_cannot_fetch_gets_bytes_for_an_hour(
    attempts: Attempts, models: ModelServer, clock: Clock, cat: ImageRef
) -> None:
    """F54: remembered for the origin, other models included."""
    models.inline_only = True
    another = a_model(id="test/another", name="another")
    for model in (a_model(), another):
        await run(attempts, a_question(models.base_url, model, images=(cat,)))
    assert _kinds(models) == ["http", "data", "data"]
    clock.now += 3601
    await run(attempts, a_question(models.base_url, images=(cat,)))
    assert _kinds(models)[3:] == ["http", "data"]


async def test_one_bad_picture_changes_nothing_for_the_next(
    attempts: Attempts, models: ModelServer, cat: ImageRef
) -> None:
    """F55: an unreadable link goes inline, and the next question goes as a link again."""
    models.script(lambda _request: said(400, "You uploaded an unsupported image."))
    await run(attempts, a_question(models.base_url, images=(cat,)))
    await run(attempts, a_question(models.base_url, images=(cat,)))
    assert _kinds(models) == ["http", "data", "http"]


async def test_bytes_that_cannot_be_read_go_as_jpeg_once(
    attempts: Attempts, models: ModelServer
) -> None:
    """F55: inline PNG becomes JPEG."""
    models.always(_jpeg_only)
    chart = ImageRef(url="", filename="chart.png", data=chart_screenshot())
    wanted = a_question(models.base_url, a_model(transport="inline"), images=(chart,))
    assert (await run(attempts, wanted)).text
    assert [request.images[0].partition(";")[0] for request in models.chats] == [
        "data:image/png",
        "data:image/jpeg",
    ]


async def test_a_jpeg_that_cannot_be_read_is_not_sent_twice(
    attempts: Attempts, models: ModelServer
) -> None:
    """F55: there is nothing else to try."""
    models.always(lambda _request: said(400, "Could not process image"))
    with pytest.raises(PictureUnreadable):
        await run(attempts, a_question(models.base_url, images=(file(),)))
    assert len(models.chats) == 1


async def test_what_is_too_large_goes_smaller_once(attempts: Attempts, models: ModelServer) -> None:
    """F60: half the edge, then the sentence."""
    models.always(lambda _request: said(413, "Request Entity Too Large"))
    with pytest.raises(RequestTooLarge):
        await run(attempts, a_question(models.base_url, images=(file(),)))
    first, second = (request.images[0] for request in models.chats)
    assert _edge(first) == 1568
    assert _edge(second) == 784
    assert len(second) < len(first) / 2


@pytest.mark.parametrize(
    "refusal",
    [
        Fail(413, "<html>413 Request Entity Too Large</html>"),
        Fail(422, {"error": "`inputs` tokens + `max_new_tokens` must be <= 32768"}),
        said(400, "maximum context length is 8192 tokens", code="context_length_exceeded"),
    ],
    ids=["413 page", "422 TGI", "400 context"],
)
async def test_a_smaller_picture_is_answered(
    attempts: Attempts, models: ModelServer, refusal: Fail
) -> None:
    """F55, F60: the next question starts large again."""
    models.script(lambda _request: refusal)
    for _question in range(2):
        assert (await run(attempts, a_question(models.base_url, images=(file(),)))).text
    assert [_edge(request.images[0]) for request in models.chats] == [1568, 784, 1568]


async def test_a_small_picture_is_not_what_is_too_large(
    attempts: Attempts, models: ModelServer
) -> None:
    """F60: no vain second try."""
    models.always(lambda _request: said(413, "Too large"))
    with pytest.raises(RequestTooLarge):
        await run(attempts, a_question(models.base_url, images=(file(64, 64),)))
    assert len(models.chats) == 1


async def test_a_server_that_takes_two_pictures_gets_two_from_then_on(
    attempts: Attempts, models: ModelServer
) -> None:
    """F60: vLLM names the number."""
    models.always(_two_pictures)
    watcher = Watcher()
    for _question in range(2):
        wanted = a_question(models.base_url, images=(link(),) * 3)
        assert (await attempts.run([wanted], watcher)).text
    assert [len(request.images) for request in models.chats] == [3, 2, 2]
    assert len(watcher.tries[-1][1].left_out) == 1


def _kinds(models: ModelServer) -> list[str]:
    return [request.images[0].partition(":")[0] for request in models.chats]


def _edge(uri: str) -> int:
    found = inspect(base64.b64decode(uri.partition(",")[2]))
    return max(found.width or 0, found.height or 0)


def _jpeg_only(request: ModelRequest) -> Act | str:
    if request.images[0].startswith("data:image/jpeg"):
        return "A chart."
    return said(400, "invalid image input")


def _two_pictures(request: ModelRequest) -> Act | str:
    if len(request.images) > 2:
        return said(400, "At most 2 image(s) may be provided in one prompt.", code=400)
    return "Two cats."
