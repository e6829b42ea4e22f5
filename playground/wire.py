"""The line itself: transport compression of gateway frames, and cutting a connection."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import Callable

Encode = Callable[[bytes], bytes]
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: on, zero seconds


def cut(transport: asyncio.BaseTransport | None) -> None:
    """Reset a TCP connection (RST instead of FIN)."""
    if not isinstance(transport, asyncio.Transport):
        return
    if (raw := transport.get_extra_info("socket")) is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()


def compressor(name: str | None) -> Encode | None:
    """Give the stateful encoder of a transport compression, None for none; ValueError."""
    if not name:
        return None
    if name == "zlib-stream":
        return _zlib()
    if name == "zstd-stream":
        return _zstd()
    raise ValueError(f"unknown transport compression {name!r}")


def _zlib() -> Encode:
    stream = zlib.compressobj(level=1)
    return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)


def _zstd() -> Encode:
    import zstandard  # installed only beside clients that ask for it

    stream = zstandard.ZstdCompressor(level=1).compressobj()
    flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return lambda data: stream.compress(data) + stream.flush(flush)
