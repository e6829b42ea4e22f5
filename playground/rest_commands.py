"""Routes of application commands, global and for a guild."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from playground.calls import Call, Endpoint
from playground.commands import Commands
from playground.errors import ApiError, Code
from playground.users import Json


def _commands(call: Call) -> Commands:
    if call.number("application") != call.world.application_id:
        raise ApiError.of(Code.MISSING_ACCESS)
    return call.world.commands


def _scope(call: Call) -> int | None:
    if "guild" not in call.params:
        return None
    guild = call.world.guilds.get(call.number("guild"))
    if guild is None or not guild.has_bot:
        raise ApiError.of(Code.MISSING_ACCESS)
    return guild.id


def _list(call: Call) -> list[Json]:
    return _commands(call).listed(_scope(call))


def _replace(call: Call) -> list[Json]:
    if not isinstance(call.payload, list):
        raise ApiError.of(Code.INVALID_FORM)
    payloads = cast("list[Json]", call.payload)
    return _commands(call).replace(_scope(call), payloads)


def _create(call: Call) -> Json:
    return _commands(call).upsert(_scope(call), call.body)


def _get(call: Call) -> Json:
    return _commands(call).get(_scope(call), call.number("command"))


def _edit(call: Call) -> Json:
    return _commands(call).edit(_scope(call), call.number("command"), call.body)


def _delete(call: Call) -> None:
    _commands(call).delete(_scope(call), call.number("command"))


def _routes(base: str) -> list[Endpoint]:
    one = base + "/{command}"
    handlers: list[tuple[str, str, Callable[[Call], Any]]] = [
        ("GET", base, _list),
        ("PUT", base, _replace),
        ("POST", base, _create),
        ("GET", one, _get),
        ("PATCH", one, _edit),
        ("DELETE", one, _delete),
    ]
    return [Endpoint(method, path, handle) for method, path, handle in handlers]


ENDPOINTS = (
    *_routes("/applications/{application}/commands"),
    *_routes("/applications/{application}/guilds/{guild}/commands"),
)
