"""One REST request as handlers see it, and as tests read it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, cast

import msgspec
from aiohttp import BodyPartReader, web

from playground.errors import ApiError, Code
from playground.mentions import Pings
from playground.messages import File
from playground.state import World
from playground.users import Json

Caller = Literal["bot", "interaction", "none"]
_MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed authentication, rate limits and decoding."""

    world: World
    params: Mapping[str, str]
    query: Mapping[str, str]
    payload: Any = None
    files: tuple[File, ...] = ()

    @property
    def body(self) -> Json:
        """Give the JSON object that was sent; ApiError 50035 for anything else."""
        if isinstance(self.payload, dict):
            return cast("Json", self.payload)
        if self.payload is None:
            return {}
        raise ApiError.of(Code.INVALID_FORM)

    def number(self, name: str) -> int:
        """Read an id in the path; ApiError 50035."""
        return snowflake(self.params[name])


def snowflake(value: object) -> int:
    """Read an id, a number or a string of digits; ApiError 50035."""
    if not str(value).isdecimal():
        raise ApiError.of(Code.INVALID_FORM)
    return int(str(value))


class Endpoint(NamedTuple):
    """A route: what it is called, who may call it, and what it does."""

    method: str
    path: str
    handle: Callable[[Call], Any]
    caller: Caller = "bot"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request the bot made; `at` and `done` are monotonic seconds."""

    method: str
    route: str
    path: str
    payload: Any
    files: tuple[File, ...] = field(repr=False)
    status: int
    at: float
    done: float
    pings: tuple[Pings, ...]
    token_kind: Caller
    headers: Mapping[str, str] = field(repr=False)


async def read_body(request: web.Request) -> tuple[Any, tuple[File, ...]]:
    """Decode a JSON or multipart body into payload and uploads; ApiError."""
    if not request.body_exists:
        return None, ()
    try:
        if request.content_type == _MULTIPART:
            return await _read_parts(request)
        data = await request.read()
        return (msgspec.json.decode(data) if data else None), ()
    except web.HTTPRequestEntityTooLarge:
        raise ApiError.of(Code.REQUEST_TOO_LARGE) from None
    except (msgspec.DecodeError, ValueError):
        raise ApiError.of(Code.INVALID_JSON) from None


async def _read_parts(request: web.Request) -> tuple[Any, tuple[File, ...]]:
    payload: Any = None
    files: dict[int, File] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        name = part.name or ""
        if name == "payload_json":
            payload = msgspec.json.decode(data)
        elif name.startswith("files[") and name.endswith("]"):
            files[int(name[6:-1])] = File(part.filename or "unknown", data)
    return payload, tuple(files[index] for index in sorted(files))
