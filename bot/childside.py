"""The child's side of `bot.child`: requests come on stdin, replies go out on stdout.

A child opens what strangers sent, so it imports little, and what it says travels as JSON and
bytes: a pickle from a child that a picture took over would run in the parent."""

import contextlib
import json
import os
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any

FRAME = struct.Struct(">II")
"""Lengths in bytes of the JSON head and of the bytes that follow it."""

Handler = Callable[[dict[str, Any], bytes], tuple[dict[str, object], bytes]]


def serve(handle: Handler, *, memory: int, cpu_seconds: int) -> None:
    """Answer requests until stdin ends.

    `memory` bounds the address space in bytes, `cpu_seconds` each request; either limit ends the
    process. `handle` raises nothing it can name: an error ends the process too."""
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CORE, 0)
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # so that a library's print can't get between two replies
    while frame := requests.read(FRAME.size):
        head_size, data_size = FRAME.unpack(frame)
        head, data = json.loads(requests.read(head_size)), requests.read(data_size)
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds)
        facts, result = handle(head, data)
        encoded = json.dumps(facts).encode()
        replies.write(FRAME.pack(len(encoded), len(result)) + encoded + result)
        replies.flush()


def _limit(kind: int, soft: int) -> None:
    """Lower a limit; systems that don't know it (macOS knows no RLIMIT_AS) go without."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, resource.getrlimit(kind)[1]))
