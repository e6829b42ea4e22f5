"""Requests that are refused for what stands in them: fault F56."""

import pytest

from bot.catalog.types import ImageLimits
from bot.errors import RequestRejected
from bot.questions.attempts import Attempts
from playground.completions import unsupported
from playground.model_server import Act, Fail, ModelRequest, ModelServer
from tests.attempting import Clock, a_model, a_question, run, said


async def test_a_request_that_is_refused_is_not_repeated(
    attempts: Attempts, models: ModelServer, clock: Clock
) -> None:
    """F56: nothing names what would help."""
    models.always(lambda _request: said(400, "Something about your request"))
    with pytest.raises(RequestRejected) as failure:
        await run(attempts, a_question(models.base_url))
    assert failure.value.status == 400
    assert (len(models.chats), clock.slept) == (1, [])


@pytest.mark.parametrize(
    ("facts", "rejects", "gone", "instead"),
    [
        ({}, "max_tokens", "max_tokens", "max_completion_tokens"),
        (
            {"max_tokens_field": "max_completion_tokens"},
            "max_completion_tokens",
            "max_completion_tokens",
            "max_tokens",
        ),
        ({}, "stream_options", "stream_options", "stream"),
        ({"extra_body": {"temperature": 0.2}}, "temperature", "temperature", "stream"),
        ({"extra_body": {"reasoning_effort": "low"}}, "reasoning_effort", "reasoning_effort", ""),
    ],
    ids=["max_tokens", "max_completion_tokens", "stream_options", "temperature", "effort"],
)
async def test_a_field_that_is_named_is_swapped_or_dropped_and_remembered(
    attempts: Attempts,
    models: ModelServer,
    facts: dict[str, object],
    rejects: str,
    gone: str,
    instead: str,
) -> None:
    """F56: once for each origin and model."""
    models.rejects = {rejects: None}
    for _question in range(2):
        assert (await run(attempts, a_question(models.base_url, a_model(**facts)))).text
    first, second, third = (request.body for request in models.chats)
    assert gone in first
    assert gone not in second
    assert not instead or instead in second
    assert third == second


async def test_a_chosen_temperature_that_a_model_refuses_is_given_up_and_remembered(
    attempts: Attempts, models: ModelServer
) -> None:
    models.rejects = {"temperature": None}
    for _question in range(2):
        await run(attempts, a_question(models.base_url, temperature=0.4))
    sent = [request.body.get("temperature") for request in models.chats]
    assert sent == [0.4, None, None]


async def test_several_fields_are_given_up_one_by_one(
    attempts: Attempts, models: ModelServer
) -> None:
    """F56: each named field once."""
    models.rejects = {"max_tokens": "max_completion_tokens", "stream_options": None}
    assert (await run(attempts, a_question(models.base_url))).text
    assert len(models.chats) == 3


async def test_two_fields_that_exclude_each_other_end_it(
    attempts: Attempts, models: ModelServer
) -> None:
    """F56: no ping-pong, and never without a limit."""
    models.rejects = {"max_tokens": None, "max_completion_tokens": None}
    with pytest.raises(RequestRejected):
        await run(attempts, a_question(models.base_url))
    assert len(models.chats) == 2


async def test_what_did_not_help_is_not_remembered(attempts: Attempts, models: ModelServer) -> None:
    """F56: the next question starts from the catalog's facts."""
    models.script(lambda _request: unsupported("stream_options", None))
    models.script(lambda _request: said(400, "No, nothing to do with it"))
    with pytest.raises(RequestRejected):
        await run(attempts, a_question(models.base_url))
    await run(attempts, a_question(models.base_url))
    assert "stream_options" in models.chats[2].body


async def test_another_model_of_the_same_origin_learns_nothing_from_it(
    attempts: Attempts, models: ModelServer
) -> None:
    """F56: remembered for the model."""
    models.rejects = {"stream_options": None}
    await run(attempts, a_question(models.base_url))
    models.rejects = {}
    await run(attempts, a_question(models.base_url, a_model(id="test/another", name="another")))
    assert "stream_options" in models.chats[2].body


async def test_what_a_guild_calls_its_own_teaches_nothing_about_ours(
    attempts: Attempts, models: ModelServer
) -> None:
    models.rejects = {"stream_options": None}
    own = a_model(id="own/vision", images=ImageLimits(max_count=1))
    await run(attempts, a_question(models.base_url, own))
    await run(attempts, a_question(models.base_url))
    assert ["stream_options" in request.body for request in models.chats] == [
        True, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["system", "developer"])
async def test_instructions_that_may_not_stand_under_their_role_move(
    attempts: Attempts, models: ModelServer, role: str
) -> None:
    """F56: AI/ML API's 400 for a model without a system role; nothing of them is lost."""

    def picky(request: ModelRequest) -> Act | str:
        if request.body["messages"][0]["role"] == role:
            message = (
                f"Unsupported value: 'messages[0].role' does not support '{role}' with this model."
            )
            return Fail(400, {"message": message, "statusCode": 400, "path": "/v1"})
        return "A cat."

    models.always(picky)
    await run(attempts, a_question(models.base_url, a_model(system_role=role)))
    assert "Answer briefly." in models.chats[1].text
