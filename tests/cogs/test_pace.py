"""Room in Discord's edit bucket, and calls that must arrive."""

import asyncio
from contextlib import ExitStack

import aiohttp
import pytest

from cogs._reply.pace import BETWEEN_EDITS, EDITS_A_SECOND, QUIET, WINDOW, Pace, persist


class PermissionDenied(Exception):
    pass


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_edit_may_be_made_at_once():
    assert Pace(Clock()).wait_for(1, 0.0) == 0


def test_answers_of_one_channel_together_leave_room_for_a_final_edit():
    clock = Clock()
    pace = Pace(clock)
    for _edit in range(4):
        assert pace.wait_for(1, 0.0) == 0
        pace.count(1)
    assert pace.wait_for(1, 0.0) == pytest.approx(WINDOW)
    assert pace.wait_for(2, 0.0) == 0
    clock.now += WINDOW
    assert pace.wait_for(1, 0.0) == 0


def test_a_first_text_finds_room_where_a_growing_answer_has_to_wait():
    clock = Clock()
    pace = Pace(clock)
    for _edit in range(3):
        pace.count(1)
        clock.now += BETWEEN_EDITS
    assert pace.wait_for(1, 0.0) == 0
    assert pace.wait_for(1, 1000.0) == pytest.approx(WINDOW - 3 * BETWEEN_EDITS)


def test_many_growing_answers_slow_one_another_down():
    clock = Clock()
    pace = Pace(clock)
    last = pace.count(1)
    with ExitStack() as answers:
        for _answer in range(50):
            answers.enter_context(pace.growing())
        assert pace.wait_for(1, last) == pytest.approx(50 / EDITS_A_SECOND)
    assert pace.wait_for(1, last) == pytest.approx(BETWEEN_EDITS)


def test_one_answer_is_not_edited_more_often_than_its_pace():
    clock = Clock()
    pace = Pace(clock)
    assert pace.wait_for(1, pace.count(1)) == pytest.approx(BETWEEN_EDITS)


def test_a_channel_that_forbade_writing_is_left_alone_for_a_while():
    clock = Clock()
    pace = Pace(clock)
    pace.hush(1)
    assert pace.is_quiet(1)
    assert not pace.is_quiet(2)
    clock.now += QUIET
    assert not pace.is_quiet(1)


async def test_a_call_that_must_arrive_is_repeated(monkeypatch: pytest.MonkeyPatch):
    pauses: list[float] = []
    real = asyncio.sleep

    async def no_sleep(seconds: float) -> None:
        pauses.append(seconds)
        await real(0)

    monkeypatch.setattr(asyncio, "sleep", no_sleep)
    failures = [
        aiohttp.ServerDisconnectedError(),
        ConnectionResetError(104, "reset"),
        TimeoutError(),
    ]

    async def call() -> str:
        if failures:
            raise failures.pop(0)
        return "arrived"

    assert await persist(call) == "arrived"
    assert pauses == [0.5, 1.0, 2.0]


async def test_a_call_that_is_refused_is_not_repeated():
    calls: list[int] = []

    async def call() -> None:
        calls.append(1)
        raise PermissionDenied

    with pytest.raises(PermissionDenied):
        await persist(call)
    assert len(calls) == 1
