"""The Playground: one loopback Discord with REST, gateway and CDN."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from playground.calls import Recorded
from playground.channels import Channel
from playground.faults import Fault
from playground.gateway import Gateway
from playground.guilds import Guild
from playground.people import Person
from playground.rest import PREFIX, Rest
from playground.state import Ping, World
from playground.users import User

_HOST = "127.0.0.1"
_MAX_REQUEST = 26 * 1024 * 1024


class Playground:
    """A Discord of its own on a free loopback port; use it with `async with`.

    `message_content` is the application's switch for that intent. `rate_limits` and `record`
    (of requests) are switched off for load runs. `heartbeat_interval` is in seconds.
    """

    def __init__(
        self,
        *,
        message_content: bool = True,
        rate_limits: bool = True,
        record: bool = True,
        heartbeat_interval: float = 41.25,
        name: str = "Vidi",
        port: int = 0,
    ) -> None:
        self._port = port
        self._runner: web.AppRunner | None = None
        self.world = World(
            message_content=message_content, name=name, base_url=lambda: f"http://{self.cdn_host}"
        )
        self.gateway = Gateway(
            self.world, lambda: self.gateway_url, heartbeat_interval=heartbeat_interval
        )
        self.rest = Rest(
            self.world, lambda: self.gateway_url, rate_limits=rate_limits, record=record
        )

    @property
    def cdn_host(self) -> str:
        """Give host and port, of the CDN too."""
        return f"{_HOST}:{self._port}"

    @property
    def api_url(self) -> str:
        """Give the REST base."""
        return f"http://{self.cdn_host}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """Give the websocket's address, as /gateway/bot tells it."""
        return f"ws://{self.cdn_host}/gateway"

    @property
    def token(self) -> str:
        """Give the bot's token."""
        return self.world.token

    @property
    def application_id(self) -> int:
        """Give the application's id."""
        return self.world.application_id

    @property
    def bot(self) -> User:
        """Give the bot's account."""
        return self.world.bot

    @property
    def owner(self) -> Person:
        """Give the application's owner, who also owns every guild."""
        return self.world.owner

    @property
    def requests(self) -> list[Recorded]:
        """List the bot's REST requests, in the order they were answered."""
        return self.rest.requests

    @property
    def pings(self) -> list[Ping]:
        """List whom the bot's messages and edits would have notified."""
        return self.world.pings

    @property
    def violations(self) -> list[str]:
        """List the rules that the bot broke."""
        return self.world.violations

    async def start(self) -> Self:
        """Listen; the port is known afterwards."""
        app = web.Application(client_max_size=_MAX_REQUEST)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_routes(self.rest.routes())
        app.router.add_routes(self.world.cdn.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, _HOST, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        for connection in list(self.gateway.connections):
            connection.close(1001)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def user(
        self, name: str, *, locale: str = "en-US", bot: bool = False, webhook: bool = False
    ) -> Person:
        """Make a person, or another bot or a webhook that writes like one."""
        return self.world.add(Person(self.world, name, bot=bot, webhook=webhook, locale=locale))

    def guild(
        self, name: str, *, bot: bool = True, locale: str = "en-US", external_apps: bool = True
    ) -> Guild:
        """Make a guild; `external_apps` is whether members may show what user installs answer."""
        guild = Guild(self.world, name, locale=locale, external_apps=external_apps)
        self.world.guilds[guild.id] = guild
        if bot:
            guild.join(self.world.bot)
        return guild

    def installs(self, user: User) -> None:
        """Let a user install the application for themselves."""
        self.world.installed_by.add(user.id)

    def team(self, user: User, role: str, *, accepted: bool = True) -> None:
        """Let the application belong to a team of its owner's, with this member besides.

        `role` is admin, developer or read_only."""
        self.world.team.append(
            {
                "membership_state": 2 if accepted else 1,
                "team_id": str(self.world.application_id),
                "user": user.json,
                "role": role,
            }
        )

    def fault(self, fault: Fault) -> None:
        """Script a failure of REST."""
        self.rest.faults.add(fault)

    def now(self) -> float:
        """Give the wall clock: real time plus what was advanced (seconds since 1970)."""
        return self.world.clock.now()

    def advance(self, seconds: float) -> None:
        """Move the wall clock: links expire, tokens die, nothing sleeps."""
        self.world.clock.advance(seconds)

    async def ready(self, timeout: float = 10, *, commands: bool = True) -> None:
        """Wait until the bot is connected with every shard and has registered its commands."""
        await self.until(
            lambda: self.gateway.ready and (self.world.commands.registered or not commands),
            timeout=timeout,
        )

    async def until(self, condition: Callable[[], object], timeout: float = 5) -> None:
        """Wait for a condition; TimeoutError shows the transcript."""
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    await self.world.next_change(0.05)
        except TimeoutError:
            raise TimeoutError(f"still not so after {timeout} s\n{self.transcript()}") from None

    def channels(self) -> list[Channel]:
        """List the channels in which something was written."""
        return [channel for channel in self.world.channels.values() if channel.history]

    def transcript(self) -> str:
        """Write down every conversation, and the rules the bot broke."""
        told = [channel.transcript() for channel in self.channels()]
        broken = [f"violation: {each}" for each in self.violations]
        return "\n\n".join((*told, *broken)) or "(nothing was written)"
