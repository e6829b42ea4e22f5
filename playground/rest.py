"""The REST server: every request through faults, token, rate limits and body to its handler."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from playground import rest_application, rest_commands, rest_interactions, rest_messages
from playground.calls import Call, Endpoint, Recorded, read_body
from playground.errors import ApiError, Code
from playground.faults import Fault, Faults
from playground.messages import File
from playground.ratelimits import RateLimits
from playground.state import World
from playground.users import Value
from playground.wire import cut

PREFIX = "/api/v10"
_PARAMETER = re.compile(r"\{\w+\}")
_MAJOR = ("channel", "token", "guild")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Rest:
    """Serves the API of one world."""

    def __init__(
        self, world: World, gateway_url: Callable[[], str], *, rate_limits: bool, record: bool
    ) -> None:
        self.world = world
        self.faults = Faults()
        self.requests: list[Recorded] = []
        self._limits = RateLimits(world.clock.now, rate_limits)
        self._record = record
        self._endpoints = (
            *rest_application.endpoints(gateway_url),
            *rest_messages.ENDPOINTS,
            *rest_interactions.ENDPOINTS,
            *rest_commands.ENDPOINTS,
        )

    def routes(self) -> list[web.RouteDef]:
        """Give the routes for aiohttp; what is not among them is a 404."""
        known = [web.route(e.method, PREFIX + e.path, self._handler(e)) for e in self._endpoints]
        return [*known, web.route("*", PREFIX + "/{rest:.*}", self._unknown)]

    def _handler(self, endpoint: Endpoint) -> Handler:
        template = _PARAMETER.sub("{}", endpoint.path)
        route = f"{endpoint.method} {template}"

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, endpoint, route, template.replace("@original", "{}"))

        return handle

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        self.world.violations.append(f"{request.method} {request.path}: no such route")
        return _answer(404, {"message": "404: Not Found", "code": 0}, {})

    async def _serve(
        self, request: web.Request, endpoint: Endpoint, route: str, template: str
    ) -> web.StreamResponse:
        at, pinged = time.monotonic(), len(self.world.pings)
        fault = self.faults.take(route)
        payload, files = None, ()
        headers: dict[str, str] = {}
        try:
            payload, files = await read_body(request)
            if fault is not None:
                await _strike_before(fault, request)
            self._authenticate(request, endpoint)
            headers = self._count(request, endpoint, template)
            pinged = len(self.world.pings)
            call = Call(self.world, request.match_info, request.query, payload, files)
            result = endpoint.handle(call)
            if fault is not None:
                _strike_after(fault, request)
            response = _answer(200, result, headers)
        except ApiError as error:
            if fault is None:
                self._judge(error, route)
            response = _answer(error.status, _body(error, fault), headers | error.headers)
        if self._record:
            self._note(request, endpoint, route, payload, files, response.status, at, pinged)
        self.world.changed()
        return response

    def _note(
        self,
        request: web.Request,
        endpoint: Endpoint,
        route: str,
        payload: Value,
        files: tuple[File, ...],
        status: int,
        at: float,
        pinged: int,
    ) -> None:
        self.requests.append(
            Recorded(
                method=endpoint.method,
                route=route,
                path=request.path.removeprefix(PREFIX),
                payload=payload,
                files=files,
                status=status,
                at=at,
                done=time.monotonic(),
                pings=tuple(ping.pings for ping in self.world.pings[pinged:]),
                token_kind=endpoint.caller,
                headers=request.headers,
            )
        )

    def _authenticate(self, request: web.Request, endpoint: Endpoint) -> None:
        if endpoint.caller != "bot":
            return
        if request.headers.get("Authorization") != f"Bot {self.world.token}":
            raise ApiError.of(Code.GENERAL)

    def _count(self, request: web.Request, endpoint: Endpoint, template: str) -> dict[str, str]:
        major = next((request.match_info[k] for k in _MAJOR if k in request.match_info), "")
        interaction = endpoint.caller == "interaction"
        return self._limits.hit(endpoint.method, template, major, interaction=interaction)

    def _judge(self, error: ApiError, route: str) -> None:
        if error.status in (400, 413, 429):
            details = f" {msgspec.json.encode(error.errors).decode()}" if error.errors else ""
            self.world.violations.append(f"{route}: {error}{details}")


async def _strike_before(fault: Fault, request: web.Request) -> None:
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.after_storing:
        return
    if fault.reset:
        cut(request.transport)
        raise ApiError(502, 0, "cut")
    if fault.failure is not None:
        raise fault.failure


def _strike_after(fault: Fault, request: web.Request) -> None:
    if not fault.after_storing:
        return
    if fault.reset:
        cut(request.transport)
    if fault.failure is not None:
        raise fault.failure


def _body(error: ApiError, fault: Fault | None) -> Value:
    return fault.json if fault is not None and fault.json is not None else error.body()


def _answer(status: int, body: Value, headers: dict[str, str]) -> web.Response:
    if body is None:
        return web.Response(status=204, headers=headers)
    data = msgspec.json.encode(body)
    return web.Response(status=status, body=data, content_type="application/json", headers=headers)
