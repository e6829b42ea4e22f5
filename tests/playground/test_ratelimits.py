import time

import pytest

from playground.errors import ApiError
from playground.ratelimits import RateLimits

SEND = ("POST", "/channels/{}/messages")
EDIT = ("PATCH", "/channels/{}/messages/{}")
FOLLOW_UP = ("POST", "/webhooks/{}/{}")
USERS = ("GET", "/users/@me")


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limits(clock):
    return RateLimits(clock)


def hit(limits, rule, major="1", *, interaction=False):
    return limits.hit(*rule, major, interaction=interaction)


def refused(limits, rule, major="1", *, interaction=False):
    with pytest.raises(ApiError) as caught:
        hit(limits, rule, major, interaction=interaction)
    assert caught.value.status == 429
    return caught.value


def test_the_headers_count_down(limits, clock):
    seen = [hit(limits, SEND) for _ in range(5)]
    assert [headers["X-RateLimit-Remaining"] for headers in seen] == list("43210")
    assert {headers["X-RateLimit-Limit"] for headers in seen} == {"5"}
    assert {headers["X-RateLimit-Reset"] for headers in seen} == {"1005.000"}
    clock.now += 1.5
    assert refused(limits, SEND).headers["X-RateLimit-Reset-After"] == "3.500"


def test_the_sixth_message_in_five_seconds_is_refused(limits, clock):
    for _ in range(5):
        hit(limits, SEND)
    clock.now += 1.5
    error = refused(limits, SEND)
    assert error.body() == {
        "message": "You are being rate limited.",
        "code": 0,
        "retry_after": 3.5,
        "global": False,
    }
    assert error.headers["Retry-After"] == "4"
    assert error.headers["X-RateLimit-Scope"] == "user"
    assert "X-RateLimit-Global" not in error.headers
    assert error.headers["Via"]
    clock.now += 3.5
    assert hit(limits, SEND)["X-RateLimit-Remaining"] == "4"


def test_channels_and_verbs_have_buckets_of_their_own(limits):
    for _ in range(5):
        hit(limits, SEND)
    assert hit(limits, EDIT)["X-RateLimit-Remaining"] == "4"
    assert hit(limits, SEND, "2")["X-RateLimit-Remaining"] == "4"
    assert hit(limits, SEND, "2")["X-RateLimit-Bucket"] != hit(limits, EDIT)["X-RateLimit-Bucket"]


def test_deletes_refill_every_second_and_follow_ups_every_two(limits, clock):
    delete = ("DELETE", "/channels/{}/messages/{}")
    for _ in range(5):
        hit(limits, delete)
        hit(limits, FOLLOW_UP, "token", interaction=True)
    assert refused(limits, delete).extra["retry_after"] == 1.0
    assert refused(limits, FOLLOW_UP, "token", interaction=True).extra["retry_after"] == 2.0
    assert hit(limits, FOLLOW_UP, "other", interaction=True)


def test_the_fifty_first_request_in_a_second_is_refused_for_the_whole_bot(limits, clock):
    for _ in range(50):
        hit(limits, USERS)
    error = refused(limits, USERS)
    assert error.extra["global"] is True
    assert error.headers["X-RateLimit-Global"] == "true"
    assert error.headers["X-RateLimit-Scope"] == "global"
    clock.now += 1
    hit(limits, USERS)


def test_interactions_are_not_counted_for_the_whole_bot(limits):
    for number in range(200):
        hit(limits, FOLLOW_UP, f"token {number}", interaction=True)
    assert hit(limits, USERS)


def test_limits_can_be_switched_off(clock):
    limits = RateLimits(clock, enabled=False)
    assert all("X-RateLimit-Limit" not in hit(limits, SEND) for _ in range(100))


def test_refilled_buckets_are_forgotten(limits, clock):
    for number in range(5000):
        clock.now += 0.1
        hit(limits, SEND, str(number))
    assert len(limits._buckets) < 2500


def test_a_request_costs_microseconds(limits, clock):
    begin = time.perf_counter()
    for number in range(20_000):
        clock.now += 0.03
        hit(limits, SEND, str(number))
    assert time.perf_counter() - begin < 2
