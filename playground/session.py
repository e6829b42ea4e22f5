"""One gateway session: its sequence, its replay buffer, and the connection it now has."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field

import msgspec
from aiohttp import web

from playground.intents import MESSAGE_CONTENT
from playground.wire import Encode, cut

DISPATCH = 0
_REPLAYABLE = 5_000
encode = msgspec.json.encode


class Connection:
    """A websocket whose frames leave in order through one writer."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.BaseTransport | None,
        compress: Encode | None,
    ) -> None:
        self.socket = socket
        self._transport = transport
        self._compress = compress
        self._outgoing: asyncio.Queue[bytes | int] = asyncio.Queue()

    def send(self, frame: bytes) -> None:
        """Queue an encoded payload."""
        self._outgoing.put_nowait(frame)

    def send_op(self, op: int, data: object = None) -> None:
        """Queue a payload that is no event."""
        self.send(encode({"op": op, "d": data, "s": None, "t": None}))

    def close(self, code: int) -> None:
        """Close once everything queued has left."""
        self._outgoing.put_nowait(code)

    def reset(self) -> None:
        """Cut the line (TCP reset)."""
        cut(self._transport)

    async def write(self) -> None:
        """Send what is queued until the connection ends."""
        while True:
            frame = await self._outgoing.get()
            if isinstance(frame, int):
                await self.socket.close(code=frame)
                return
            if self._compress is None:
                await self.socket.send_str(frame.decode())
            else:
                await self.socket.send_bytes(self._compress(frame))


@dataclass(slots=True, eq=False)
class Session:
    """What IDENTIFY agreed on, and what was told since."""

    intents: int
    shard: tuple[int, int]
    compress: str | None
    connection: Connection | None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    identifies: int = 0
    resumes: int = 0
    sequence: int = 0
    resumable: bool = True
    _sent: deque[tuple[int, bytes]] = field(
        default_factory=lambda: deque[tuple[int, bytes]](maxlen=_REPLAYABLE)
    )

    @property
    def connected(self) -> bool:
        """Tell whether a client is connected."""
        return self.connection is not None

    @property
    def reads_content(self) -> bool:
        """Tell whether messages come with their content."""
        return bool(self.intents & MESSAGE_CONTENT)

    def covers(self, guild_id: int | None) -> bool:
        """Tell whether this shard hears of a guild, or of what is in none."""
        number, count = self.shard
        return (0 if guild_id is None else (guild_id >> 22) % count) == number

    def tell(self, name: str, data: bytes) -> None:
        """Dispatch an event whose object is already encoded; kept for a later resume."""
        self.sequence += 1
        frame = b'{"t":"%b","s":%d,"op":%d,"d":%b}' % (
            name.encode(),
            self.sequence,
            DISPATCH,
            data,
        )
        self._sent.append((self.sequence, frame))
        if self.connection is not None:
            self.connection.send(frame)

    def missed(self, seen: int) -> list[bytes] | None:
        """Give the frames after `seen`; None when they are no longer kept."""
        oldest = self._sent[0][0] if self._sent else self.sequence + 1
        if seen + 1 < oldest or seen > self.sequence:
            return None
        return [frame for sequence, frame in self._sent if sequence > seen]
