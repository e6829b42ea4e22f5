import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import psutil
import pytest

from bot.child import Child, ChildDied


@pytest.fixture
async def child() -> AsyncIterator[Child]:
    async with Child("tests.child.misbehaving", timeout=3, idle=60) as opened:
        yield opened


async def test_requests_are_answered_in_turn_by_one_process(child: Child) -> None:
    datas = [bytes([at]) * 300_000 + b"end" for at in range(5)]
    replies = await asyncio.gather(*(child.ask({"do": "echo"}, data) for data in datas))
    assert [data for _facts, data in replies] == [data[::-1] for data in datas]
    assert {json.loads(facts)["pid"] for facts, _data in replies} == {child.pid}


async def test_what_a_library_prints_does_not_get_between_replies(child: Child) -> None:
    for _again in range(2):
        facts, data = await child.ask({"do": "print"}, b"abc")
        assert (json.loads(facts)["did"], data) == ("print", b"cba")


@pytest.mark.parametrize("misdeed", ["raise", "exit", "boast"])
async def test_a_child_that_fails_costs_one_request(child: Child, misdeed: str) -> None:
    with pytest.raises(ChildDied):
        await child.ask({"do": misdeed}, b"")
    assert child.pid is None
    assert (await child.ask({"do": "echo"}, b"ab"))[1] == b"ba"


@pytest.mark.skipif(sys.platform != "linux", reason="macOS knows no RLIMIT_AS")
async def test_more_memory_than_allowed_ends_the_child(child: Child) -> None:
    with pytest.raises(ChildDied):
        await child.ask({"do": "allocate"}, b"")


async def test_more_processor_time_than_allowed_ends_the_child() -> None:
    async with Child("tests.child.misbehaving", timeout=30, idle=60) as child:
        with pytest.raises(ChildDied):
            await child.ask({"do": "spin"}, b"")


async def test_a_child_that_says_nothing_is_given_up() -> None:
    async with Child("tests.child.misbehaving", timeout=0.5, idle=60) as child:
        started = time.monotonic()
        with pytest.raises(ChildDied):
            await child.ask({"do": "sleep"}, b"")
        assert time.monotonic() - started < 3


async def test_a_request_cancelled_twice_ends_its_process_and_nobody_elses_turn(
    child: Child,
) -> None:
    await child.ask({"do": "echo"}, b"")
    pid = child.pid
    assert pid is not None
    first = asyncio.create_task(child.ask({"do": "sleep"}, b""))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(child.ask({"do": "echo"}, b"ab"))
    await asyncio.sleep(0.05)
    for _again in range(2):
        first.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await second)[1] == b"ba"
    assert not psutil.pid_exists(pid)


async def test_a_module_that_does_not_exist_is_a_dead_child() -> None:
    async with Child("tests.child.nowhere", timeout=3, idle=60) as child:
        with pytest.raises(ChildDied):
            await child.ask({"do": "echo"}, b"x" * 1_000_000)


async def test_a_request_that_comes_as_the_idle_child_is_killed_is_answered_by_another() -> None:
    async with Child("tests.child.misbehaving", timeout=3, idle=0.05) as child:
        for _again in range(5):
            await child.ask({"do": "echo"}, b"ab")
            time.sleep(0.06)  # noqa: ASYNC251 - so that the timer is due, and the kill no news yet
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert (await child.ask({"do": "echo"}, b"ab"))[1] == b"ba"


@pytest.mark.parametrize("after", [0.0, 0.003, 0.3], ids=["starting", "just started", "busy"])
async def test_closing_ends_the_process_of_a_request_under_way(after: float) -> None:
    child = Child("tests.child.misbehaving", timeout=3, idle=60)
    async with child:
        asked = asyncio.create_task(child.ask({"do": "sleep"}, b""))
        await asyncio.sleep(after)
    assert child.pid is None
    with pytest.raises(ChildDied):
        await asked
    assert child.pid is None


async def test_a_child_gets_one_signal_however_often_its_end_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second one could take the news of the first one's end from asyncio's watcher."""
    signalled: list[int] = []
    kill = subprocess.Popen.kill

    def killed(process: subprocess.Popen[bytes]) -> None:
        signalled.append(process.pid)
        kill(process)

    monkeypatch.setattr(subprocess.Popen, "kill", killed)
    async with Child("tests.child.misbehaving", timeout=30, idle=60) as child:
        await child.ask({"do": "echo"}, b"ab")
        pid = child.pid
    assert signalled == [pid]
