"""Keys, accounts, limits and outages: faults F57 to F59, F61 to F63, T36."""

import time

import pytest

from bot.catalog.types import Endpoint
from bot.errors import KeyRejected, ModelGone, NoCredit, ProviderDown, RateLimited
from bot.questions.attempts import Attempts
from playground.model_server import ModelServer
from tests.attempting import Clock, Watcher, a_question, file, run, said


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_left_alone_and_no_other(
    attempts: Attempts, models: ModelServer, clock: Clock, status: int
) -> None:
    """F57: for a minute, or until there is another key."""
    models.script(lambda _request: said(status, "Forbidden"))
    with pytest.raises(KeyRejected):
        await run(attempts, a_question(models.base_url))
    with pytest.raises(KeyRejected) as refusal:
        await run(attempts, a_question(models.base_url))
    assert not refusal.value.sent
    assert len(models.chats) == 1
    other_key = Endpoint(base_url=models.base_url, key="sk-another")
    assert await run(attempts, a_question(models.base_url, endpoint=other_key))
    clock.now += 60
    assert await run(attempts, a_question(models.base_url))


async def test_an_empty_account_is_left_alone_for_ten_minutes(
    attempts: Attempts, models: ModelServer, clock: Clock
) -> None:
    """F58: no retry."""
    models.script(lambda _request: said(402, "Payment required"))
    for _question in range(3):
        with pytest.raises(NoCredit):
            await run(attempts, a_question(models.base_url))
        clock.now += 199
    assert len(models.chats) == 1
    clock.now += 3
    assert await run(attempts, a_question(models.base_url))


async def test_a_404_is_told_and_the_model_is_asked_again(
    attempts: Attempts, models: ModelServer
) -> None:
    """F59: one 404 proves nothing."""
    models.fail(404, {"error": {"message": "The model `vision` does not exist"}})
    with pytest.raises(ModelGone):
        await run(attempts, a_question(models.base_url))
    assert await run(attempts, a_question(models.base_url))


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {"retry-after-ms": "7000"}])
async def test_a_short_wait_is_waited_once(
    attempts: Attempts, models: ModelServer, clock: Clock, headers: dict[str, str]
) -> None:
    """F61: as long as the provider says."""
    models.fail(429, {"error": {"message": "slow down"}}, headers)
    assert await run(attempts, a_question(models.base_url))
    assert clock.slept == [7.0]
    for _time in range(2):
        models.fail(429, {"error": {"message": "slow down"}}, headers)
    with pytest.raises(RateLimited):
        await run(attempts, a_question(models.base_url))
    assert clock.slept == [7.0, 7.0]


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "11"}, 11), ({"Retry-After": "90"}, 90), ({}, 60)]
)
async def test_a_long_wait_is_the_askers_to_decide(
    attempts: Attempts, models: ModelServer, clock: Clock, headers: dict[str, str], seconds: int
) -> None:
    """F62: nothing is waited for, and the sentence names the seconds."""
    models.fail(429, {"error": {"message": "slow down"}}, headers)
    with pytest.raises(RateLimited) as failure:
        await run(attempts, a_question(models.base_url))
    assert f"in {seconds} s" in failure.value.sentence
    assert (len(models.chats), clock.slept) == (1, [])


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 529])
async def test_a_passing_failure_is_tried_twice_more(
    attempts: Attempts, models: ModelServer, clock: Clock, status: int
) -> None:
    """F63: with a random wait of at most 0.5 and 1 s."""
    for _time in range(2):
        models.fail(status)
    assert await run(attempts, a_question(models.base_url))
    for _time in range(3):
        models.fail(status)
    with pytest.raises(ProviderDown):
        await run(attempts, a_question(models.base_url))
    assert len(models.chats) == 6
    assert all(wait <= longest for wait, longest in zip(clock.slept, (0.5, 1) * 2, strict=True))
    assert len(set(clock.slept)) == 4


async def test_while_a_breaker_is_open_the_answer_comes_at_once(
    attempts: Attempts, models: ModelServer, clock: Clock
) -> None:
    """F63, T36: five failures, then nothing goes out, not even for a picture to prepare."""
    models.always(lambda _request: said(503, "overloaded"))
    for _question in range(2):
        with pytest.raises(ProviderDown):
            await run(attempts, a_question(models.base_url))
    assert len(models.chats) == 5
    watcher, wanted = Watcher(), a_question(models.base_url, images=(file(),))
    started = time.perf_counter()
    with pytest.raises(ProviderDown) as refusal:
        await attempts.run([wanted], watcher)
    assert time.perf_counter() - started < 0.1
    assert not refusal.value.sent
    assert not watcher.tries
    models.always(lambda _request: "Back again.")
    clock.now += 30
    assert await run(attempts, a_question(models.base_url))
