"""A child that does what it is told, good or bad."""

import os
import sys
import time
from typing import Any

from bot.childside import FRAME, serve


def handle(head: dict[str, Any], data: bytes) -> tuple[dict[str, object], bytes]:
    match head["do"]:
        case "sleep":
            time.sleep(30)
        case "spin":
            while True:
                pass
        case "allocate":
            return {"size": len(bytearray(1024 * 1024 * 1024))}, b""
        case "raise":
            raise RuntimeError("no")
        case "exit":
            os._exit(3)
        case "print":
            print("noise between replies")
            os.write(1, b"more noise")
        case "boast":
            sys.stdout.flush()
            for descriptor in range(3, 32):
                try:
                    os.write(descriptor, FRAME.pack(2**31, 2**31))
                except OSError:
                    continue
        case _:
            pass
    return {"did": head["do"], "pid": os.getpid()}, data[::-1]


if __name__ == "__main__":
    serve(handle, memory=256 * 1024 * 1024, cpu_seconds=1)
