"""The gateway: identify, heartbeat, resume, and the events each session may hear."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from aiohttp import WSMsgType, web

from playground.events import Event, interaction_event
from playground.intents import needed, refused
from playground.interactions import Interaction
from playground.session import Connection, Session, encode
from playground.state import CONTENT_FLAG, World
from playground.users import Json, Value
from playground.wire import compressor

if TYPE_CHECKING:
    from playground.messages import Message

HEARTBEAT, IDENTIFY, PRESENCE, RESUME, MEMBERS = 1, 2, 3, 6, 8
RECONNECT, INVALID_SESSION, HELLO, ACK = 7, 9, 10, 11
_IGNORED = (PRESENCE, 4, MEMBERS)


class Gateway:
    """All gateway sessions of the bot."""

    def __init__(self, world: World, url: Callable[[], str], *, heartbeat_interval: float) -> None:
        self._world = world
        self._url = url
        self._interval = heartbeat_interval
        self._all: dict[str, Session] = {}
        self._identified: Counter[tuple[int, int]] = Counter()
        self.connections: set[Connection] = set()
        self.acknowledges = True  # False: heartbeats stay unanswered, as on a dead line
        self.sent = 0
        world.publish = self.publish

    @property
    def sessions(self) -> list[Session]:
        """List the sessions that live or can be resumed, oldest first."""
        return list(self._all.values())

    @property
    def ready(self) -> bool:
        """Tell whether every shard of the bot is connected."""
        live = {s.shard[0]: s.shard[1] for s in self._all.values() if s.connected}
        return bool(live) and len(live) == max(live.values())

    def publish(self, event: Event) -> None:
        """Tell an event to the sessions that may hear it, without what is withheld from them."""
        intent = needed(event)
        guild_id = None if event.guild is None else event.guild.id
        made: dict[bool, bytes] = {}
        for session in self._all.values():
            if (intent and not session.intents & intent) or not session.covers(guild_id):
                continue
            whole = session.reads_content
            if whole not in made:
                made[whole] = encode(event.data(whole))
            session.tell(event.name, made[whole])
            self.sent += 1

    async def redeliver(self, what: Message | Interaction) -> None:
        """Tell an event a second time, as after a lost acknowledgement."""
        if isinstance(what, Interaction):
            self.publish(interaction_event(what))
        else:
            self._world.tell_message("MESSAGE_CREATE", what)

    async def drop(self) -> None:
        """Cut every connection (TCP reset); the sessions can be resumed."""
        for connection in list(self.connections):
            connection.reset()
        await self._all_gone()

    async def reconnect(self) -> None:
        """Ask every client to reconnect and resume (op 7)."""
        await self._ask(RECONNECT, None)

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Declare every session invalid (op 9)."""
        if not resumable:
            self._all.clear()
        await self._ask(INVALID_SESSION, resumable)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket."""
        ws = web.WebSocketResponse(max_msg_size=4096 * 4, compress=False)
        await ws.prepare(request)
        try:
            compress = compressor(request.query.get("compress"))
        except ValueError:
            await ws.close(code=4012)
            return ws
        connection = Connection(ws, request.transport, compress)
        self.connections.add(connection)
        writer = asyncio.create_task(connection.write())
        code: int | None = None
        try:
            connection.send_op(HELLO, {"heartbeat_interval": int(self._interval * 1000)})
            code = await self._converse(connection, request.query.get("compress"))
        finally:
            await self._hang_up(connection, writer, ended_by_client=code in (1000, 1001))
        return ws

    async def _converse(self, connection: Connection, compress: str | None) -> int | None:
        """Answer until the connection ends; give the client's close code."""
        session: Session | None = None
        while True:
            try:
                received = await connection.socket.receive(timeout=self._interval * 1.5)
            except TimeoutError:
                connection.close(4009)
                received = await connection.socket.receive()
            if received.type is not WSMsgType.TEXT:
                return received.data if received.type is WSMsgType.CLOSE else None
            try:
                payload: Json = msgspec.json.decode(received.data)
                op = payload["op"]
            except (msgspec.DecodeError, KeyError, TypeError):
                connection.close(4002)
                continue
            session = self._handle(connection, session, op, payload.get("d"), compress)

    def _handle(
        self,
        connection: Connection,
        session: Session | None,
        op: int,
        data: Value,
        compress: str | None,
    ) -> Session | None:
        if op == HEARTBEAT:
            if self.acknowledges:
                connection.send_op(ACK)
        elif op in (IDENTIFY, RESUME) and session is not None:
            connection.close(4005)
        elif op == IDENTIFY:
            return self._identify(connection, data, compress)
        elif op == RESUME:
            return self._resume(connection, data)
        elif op not in _IGNORED:
            connection.close(4001)
        elif session is None:
            connection.close(4003)
        return session

    def _identify(self, connection: Connection, data: Json, compress: str | None) -> Session | None:
        world = self._world
        if data.get("token") != world.token:
            connection.close(4004)
            return None
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            connection.close(4010)
            return None
        intents = data.get("intents") or 0
        if code := refused(intents, message_content=world.message_content):
            connection.close(code)
            return None
        session = Session(intents, (number, count), compress, connection)
        self._identified[session.shard] += 1
        session.identifies = self._identified[session.shard]
        self._forget_left(session.shard)
        self._all[session.id] = session
        self._greet(session)
        world.changed()
        return session

    def _greet(self, session: Session) -> None:
        world = self._world
        guilds = [g for g in world.guilds.values() if g.has_bot and session.covers(g.id)]
        ready: Json = {
            "v": 10,
            "user": {**world.bot.json, "verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self._url(),
            "shard": list(session.shard),
            "application": {
                "id": str(world.application_id),
                "flags": CONTENT_FLAG if world.message_content else 0,
            },
            "session_type": "normal",
            "private_channels": [],
            "presences": [],
            "relationships": [],
        }
        session.tell("READY", encode(ready))
        for guild in guilds:
            session.tell("GUILD_CREATE", encode(guild.json()))

    def _resume(self, connection: Connection, data: Json) -> Session | None:
        if data.get("token") != self._world.token:
            connection.close(4004)
            return None
        session = self._all.get(data.get("session_id", ""))
        missed = session.missed(data.get("seq") or 0) if session else None
        if session is None or missed is None:
            connection.send_op(INVALID_SESSION, data=False)
            return None
        if session.connection is not None:
            session.connection.close(4000)
        session.connection = connection
        session.resumes += 1
        for frame in missed:
            connection.send(frame)
        session.tell("RESUMED", b'{"_trace":[]}')
        self._world.changed()
        return session

    def _forget_left(self, shard: tuple[int, int]) -> None:
        """Drop what a client left behind: discord.py closes so that its session stays resumable."""
        for session in list(self._all.values()):
            if session.shard == shard and not session.connected:
                del self._all[session.id]

    async def _hang_up(
        self, connection: Connection, writer: asyncio.Task[None], *, ended_by_client: bool
    ) -> None:
        self.connections.discard(connection)
        for session in list(self._all.values()):
            if session.connection is connection:
                session.connection = None
                if ended_by_client:
                    del self._all[session.id]
        writer.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await writer
        self._world.changed()

    async def _ask(self, op: int, data: object) -> None:
        for connection in self.connections:
            connection.send_op(op, data)
        await self._all_gone()

    async def _all_gone(self) -> None:
        """Wait until the connections of this moment have ended, five seconds at most."""
        old = set(self.connections)
        async with asyncio.timeout(5):
            while old & self.connections:
                await self._world.next_change(0.05)
