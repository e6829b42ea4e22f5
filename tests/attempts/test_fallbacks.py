"""Other models that answer when the first one cannot."""

import pytest

from bot.errors import BadReply, KeyRejected, ModelGone, ProviderError
from bot.questions.attempts import Attempts, Wanted
from bot.types import ImageRef
from playground.model_server import Fail, ModelServer
from tests.attempting import Watcher, a_model, a_question, file, run, said


def _second(others: ModelServer) -> Wanted:
    return a_question(others.base_url, a_model(id="test/second", name="second", label="Second"))


ELSEWHERE = {
    "F57 key": said(401, "Incorrect API key"),
    "F58 credit": said(402, "Payment required"),
    "F59 gone": said(404, "The model does not exist"),
    "F62 busy": said(429, "slow down"),
    "F63 down": said(503, "overloaded"),
    "blind": said(400, "This model does not support image input"),
}


@pytest.mark.parametrize("refusal", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_another_model_answers_when_the_first_cannot(
    attempts: Attempts, models: ModelServer, others: ModelServer, refusal: Fail
) -> None:
    models.always(lambda _request: refusal)
    others.reply("A cat.")
    watcher = Watcher()
    completion = await attempts.run([a_question(models.base_url), _second(others)], watcher)
    assert completion.text == "A cat."
    assert watcher.tries[-1][0].model.id == "test/second"


async def test_another_server_answers_when_the_first_is_not_there(
    attempts: Attempts, others: ModelServer, unused_tcp_port: int
) -> None:
    """F40"""
    nowhere = f"http://127.0.0.1:{unused_tcp_port}/v1"
    assert await run(attempts, a_question(nowhere), _second(others))
    assert len(others.chats) == 1


@pytest.mark.parametrize(
    "refusal",
    [said(400, "no"), said(400, "flagged by our filter"), said(413, "too large")],
    ids=["rejected", "filtered", "too large"],
)
async def test_what_another_model_would_say_as_well_is_told(
    attempts: Attempts, models: ModelServer, others: ModelServer, refusal: Fail
) -> None:
    models.always(lambda _request: refusal)
    small = a_question(models.base_url, images=(file(64, 64),))
    with pytest.raises(ProviderError):
        await run(attempts, small, _second(others))
    assert not others.chats


async def test_a_refused_key_is_not_tried_on_another_model_of_the_same_provider(
    attempts: Attempts, models: ModelServer
) -> None:
    """F57"""
    models.always(lambda _request: said(401, "Incorrect API key"))
    with pytest.raises(KeyRejected):
        await run(attempts, a_question(models.base_url), _second(models))
    assert len(models.chats) == 1


async def test_when_all_fail_the_asked_models_failure_is_told(
    attempts: Attempts, models: ModelServer, others: ModelServer
) -> None:
    models.always(lambda _request: said(404, "The model does not exist"))
    others.always(lambda _request: said(429, "slow down"))
    with pytest.raises(ModelGone):
        await run(attempts, a_question(models.base_url), _second(others))
    assert len(others.chats) == 1


async def test_a_fallback_that_takes_less_does_not_hide_the_failure(
    attempts: Attempts, models: ModelServer, others: ModelServer
) -> None:
    models.always(lambda _request: said(404, "The model does not exist"))
    damaged = (ImageRef(url="", filename="cat.jpg", data=b"\xff\xd8\xff no more of it"),)
    link_only = a_question(models.base_url)
    inline = a_question(others.base_url, a_model(id="test/second"), images=damaged)
    with pytest.raises(ModelGone):
        await run(attempts, link_only, inline)
    assert not others.chats


async def test_an_empty_reply_is_not_asked_for_again(
    attempts: Attempts, models: ModelServer
) -> None:
    """F64"""
    models.reply("")
    with pytest.raises(BadReply):
        await run(attempts, a_question(models.base_url))
    assert len(models.chats) == 1


async def test_every_try_names_the_question_to_the_provider(
    attempts: Attempts, models: ModelServer
) -> None:
    models.fail(500)
    await run(attempts, a_question(models.base_url, request_id="vidi-17"))
    names = [request.headers["x-client-request-id"] for request in models.chats]
    assert names == ["vidi-17", "vidi-17"]
