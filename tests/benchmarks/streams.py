"""What listening costs: many streams at once, from another process over loopback.

`python -m tests.benchmarks.streams` prints the CPU of this process and each token's delay, from
the moment in which the provider wrote it to the moment in which the bot's text callback has it."""

import argparse
import asyncio
import json
import multiprocessing
import random
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

from bot.net import Net, origin
from bot.provider.client import complete
from bot.provider.response import Reply
from bot.provider.sse import Parser
from bot.provider.types import Request

STREAMS = 400
TOKENS_A_SECOND = 20
CPU_AIM = 25.0  # percent of one core
DELAY_AIM = 20.0  # milliseconds, p99
_WARM_UP = 2.0  # seconds in which connections are made and nothing is counted
_WIDTH = 18  # characters of a moment, so that all events are of one size


def event(content: str, finish: str | None = None) -> bytes:
    """Give an event as OpenAI's look."""
    chunk = {
        "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
        "object": "chat.completion.chunk",
        "created": 1_741_570_283,
        "model": "gpt-5.1-2025-11-13",
        "service_tier": "default",
        "system_fingerprint": "fp_44709d6fcb",
        "choices": [
            {"index": 0, "delta": {"content": content}, "logprobs": None, "finish_reason": finish}
        ],
        "obfuscation": "xK3pQ8",
    }
    return f"data: {json.dumps(chunk, separators=(',', ':'))}\n\n".encode()


class Figures:
    """What was measured: CPU in percent of a core, delays in milliseconds."""

    def __init__(self, cpu: float, parsing: float, delays: Sequence[float]) -> None:
        ordered = sorted(delays)
        self.cpu = cpu
        self.parsing = parsing
        self.tokens = len(ordered)
        self.p50 = ordered[len(ordered) // 2]
        self.p99 = ordered[len(ordered) * 99 // 100]


async def measure(streams: int = STREAMS, seconds: float = 10.0) -> Figures:
    """Listen to that many streams for so long."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    provider = context.Process(target=_serve, args=(theirs, seconds + _WARM_UP), daemon=True)
    provider.start()
    try:
        url = f"http://127.0.0.1:{await asyncio.to_thread(ours.recv)}/v1"
        cpu, delays = await _listen(url, streams, seconds)
    finally:
        provider.terminate()
        provider.join()
    return Figures(cpu, _parsing(streams), delays)


async def _listen(url: str, streams: int, seconds: float) -> tuple[float, list[float]]:
    request = Request("POST", f"{url}/chat/completions", {"model": "m", "stream": True}, {})
    delays: list[float] = []
    counted_from = time.monotonic() + _WARM_UP

    def heard(text: str) -> None:
        now = time.monotonic()
        if now >= counted_from:
            delays.append((now - float(text)) * 1000)

    async with Net(frozenset({origin(url)}), ()) as net:
        http = net.http(url)
        listening = [
            asyncio.create_task(complete(http, request, heard)) for _stream in range(streams)
        ]
        await asyncio.sleep(_WARM_UP)
        began, used = time.monotonic(), time.process_time()
        await asyncio.sleep(seconds - 0.5)  # while all of them still stream
        cpu = (time.process_time() - used) / (time.monotonic() - began) * 100
        await asyncio.gather(*listening)
    return cpu, delays


def _parsing(streams: int, seconds: float = 5.0) -> float:
    """Give the CPU of parsing alone, each token in a chunk of its own, in percent of a core."""
    chunk, tokens = event(f"{0:{_WIDTH}.6f}"), round(TOKENS_A_SECOND * seconds)
    listeners = [
        (Parser(), Reply(lambda _text: None, key=None, max_text=1 << 20)) for _ in range(streams)
    ]
    used = time.process_time()
    for _token in range(tokens):
        for parser, reply in listeners:
            for data in parser.feed(chunk):
                reply.event(data)
    return (time.process_time() - used) / seconds * 100


def _serve(pipe: Connection, seconds: float) -> None:
    asyncio.run(_provide(pipe, seconds))


async def _provide(pipe: Connection, seconds: float) -> None:
    """Stream to everybody who comes, until it is terminated."""

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        loop = asyncio.get_running_loop()
        due = loop.time() + random.random() / TOKENS_A_SECOND  # nobody's tokens come in step
        until = due + seconds
        while due < until:
            due += 1 / TOKENS_A_SECOND
            await asyncio.sleep(due - loop.time())
            writer.write(event(f"{time.monotonic():{_WIDTH}.6f}"))
        writer.write(event(f"{time.monotonic():{_WIDTH}.6f}", "stop") + b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(stream, "127.0.0.1", 0, backlog=1024)
    pipe.send(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.streams")
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--seconds", type=float, default=10.0)
    wanted = parser.parse_args()
    found = asyncio.run(measure(wanted.streams, wanted.seconds))
    print(f"{wanted.streams} streams of {TOKENS_A_SECOND} tokens/s, {found.tokens} tokens counted")
    print(f"parsing       {found.parsing:6.1f} % of a core (aim {CPU_AIM:g})")
    print(f"whole client  {found.cpu:6.1f} % of a core")
    print(f"delay p50     {found.p50:6.2f} ms")
    print(f"delay p99     {found.p99:6.2f} ms (aim {DELAY_AIM:g})")


if __name__ == "__main__":
    main()
