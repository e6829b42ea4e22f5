"""Breakers by origin and key, on a clock of the test's own."""

import contextlib

import pytest

from bot.catalog.types import Endpoint
from bot.errors import (
    KeyRejected,
    ModelGone,
    NoCredit,
    ProviderDown,
    ProviderError,
    RateLimited,
    TimedOut,
    Unreachable,
)
from bot.provider.breaker import FAILURES, OPEN_SECONDS, Breakers, Unavailable

HERE = Endpoint(base_url="https://here.example/v1", key="k1")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> Breakers:
    return Breakers(clock)


def fail(breakers: Breakers, error: ProviderError, times: int = 1, at: Endpoint = HERE) -> None:
    for _time in range(times):
        with contextlib.suppress(ProviderError), breakers.watching(at):
            raise error


def succeed(breakers: Breakers, at: Endpoint = HERE) -> None:
    with breakers.watching(at):
        pass


@pytest.mark.parametrize("kind", [Unreachable, ProviderDown, TimedOut])
def test_five_failures_in_a_row_open_it_for_half_a_minute(
    breakers: Breakers, clock: Clock, kind: type[ProviderError]
) -> None:
    fail(breakers, kind("x"), FAILURES - 1)
    breakers.check(HERE)
    fail(breakers, kind("x"))
    with pytest.raises(Unavailable) as refusal, breakers.watching(HERE):
        pytest.fail("nothing goes out while it is open")
    assert not refusal.value.sent
    clock.now += OPEN_SECONDS
    breakers.check(HERE)


def test_a_success_between_them_starts_anew(breakers: Breakers) -> None:
    fail(breakers, ProviderDown("x"), FAILURES - 1)
    succeed(breakers)
    fail(breakers, ProviderDown("x"), FAILURES - 1)
    breakers.check(HERE)


@pytest.mark.parametrize("error", [RateLimited("x"), ModelGone("x", status=404)])
def test_a_no_shows_that_somebody_is_there(breakers: Breakers, error: ProviderError) -> None:
    fail(breakers, ProviderDown("x"), FAILURES - 1)
    fail(breakers, error)
    fail(breakers, ProviderDown("x"), FAILURES - 1)
    breakers.check(HERE)


def test_a_404_leaves_the_next_question_alone(breakers: Breakers) -> None:
    fail(breakers, ModelGone("x", status=404), 50)
    breakers.check(HERE)


def test_failures_far_apart_are_no_row(breakers: Breakers, clock: Clock) -> None:
    for _day in range(20):
        fail(breakers, ProviderDown("x"))
        clock.now += 86_400
    breakers.check(HERE)


def test_after_its_time_one_probe_goes_out_and_closes_it(breakers: Breakers, clock: Clock) -> None:
    fail(breakers, ProviderDown("x"), FAILURES)
    clock.now += OPEN_SECONDS
    with breakers.watching(HERE), pytest.raises(Unavailable):
        breakers.check(HERE)
    breakers.check(HERE)


def test_a_probe_that_fails_opens_it_again_at_once(breakers: Breakers, clock: Clock) -> None:
    fail(breakers, ProviderDown("x"), FAILURES)
    clock.now += OPEN_SECONDS
    fail(breakers, ProviderDown("x"))
    with pytest.raises(Unavailable):
        breakers.check(HERE)


def test_a_probe_that_never_ends_does_not_hold_it_open_for_good(
    breakers: Breakers, clock: Clock
) -> None:
    fail(breakers, ProviderDown("x"), FAILURES)
    clock.now += OPEN_SECONDS
    with breakers.watching(HERE):
        clock.now += OPEN_SECONDS
        breakers.check(HERE)


@pytest.mark.parametrize(("kind", "seconds"), [(KeyRejected, 60), (NoCredit, 600)])
def test_a_refused_key_and_an_empty_account_need_no_second_answer(
    breakers: Breakers, clock: Clock, kind: type[ProviderError], seconds: float
) -> None:
    fail(breakers, kind("x", status=403))
    clock.now += seconds - 1
    with pytest.raises(kind) as refusal:
        breakers.check(HERE)
    assert not refusal.value.sent
    clock.now += 1
    breakers.check(HERE)


def test_another_key_and_another_origin_are_not_concerned(breakers: Breakers) -> None:
    fail(breakers, KeyRejected("x"))
    succeed(breakers, Endpoint(base_url=HERE.base_url, key="k2"))
    succeed(breakers, Endpoint(base_url="https://there.example/v1", key="k1"))


def test_the_key_stays_out_of_what_is_said(breakers: Breakers) -> None:
    secret = Endpoint(base_url="https://here.example/v1", key="sk-secret")
    fail(breakers, KeyRejected("x"), at=secret)
    with pytest.raises(KeyRejected) as refusal:
        breakers.check(secret)
    assert "sk-secret" not in repr((refusal.value, refusal.value.detail))
