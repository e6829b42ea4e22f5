"""Discord as a cog meets it: payloads in through the real parser, callbacks out to a fake wire."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import discord
from discord.ext import commands

from bot.client import VidiBot
from bot.config import Config

APPLICATION_ID = 900000000000000001
GUILD_ID = 800000000000000001
CHANNEL_ID = 700000000000000001
MANAGE_GUILD = discord.Permissions(manage_guild=True).value

PATIENCE = 3.0  # seconds that Discord waits for the first answer

_KINDS = {str: 3, int: 4, bool: 5}
_BOT = {
    "id": str(APPLICATION_ID),
    "username": "Vidi",
    "discriminator": "0",
    "avatar": None,
    "bot": True,
}
_snowflakes = itertools.count(1)


def snowflake() -> int:
    """Give a fresh id of this moment."""
    milliseconds = int(time.time() * 1000) - discord.utils.DISCORD_EPOCH
    return (milliseconds << 22) | (next(_snowflakes) & 0xFFF)


@dataclass(frozen=True)
class Person:
    """Who interacts."""

    id: int
    permissions: int = 0
    locale: str = "en-US"

    @property
    def user(self) -> dict[str, Any]:
        return {"id": str(self.id), "username": "someone", "discriminator": "0", "avatar": None}

    @property
    def member(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "permissions": str(self.permissions),
            "roles": [],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
        }


MEMBER = Person(600000000000000001)
MODERATOR = Person(600000000000000002, MANAGE_GUILD)


@dataclass(frozen=True)
class Where:
    """The place of an interaction: the guild (None: direct messages) and who installed the app."""

    guild_id: int | None = GUILD_ID
    bot_is_member: bool = True

    def payload(self, person: Person) -> dict[str, Any]:
        kind = 0 if self.guild_id else 1
        where: dict[str, Any] = {
            "channel_id": str(CHANNEL_ID),
            "channel": {"id": str(CHANNEL_ID), "type": kind, "name": "general", "position": 0},
            "context": 0 if self.guild_id else 1,
        }
        if self.guild_id is None:
            where["channel"]["recipients"] = [person.user]
            return where | {"user": person.user, "authorizing_integration_owners": {"1": "1"}}
        owners = {"0": str(self.guild_id)} if self.bot_is_member else {"1": str(person.id)}
        guild = {"id": str(self.guild_id), "features": [], "locale": "en-US"}
        return where | {
            "guild_id": str(self.guild_id),
            "guild": guild,
            "member": person.member,
            "authorizing_integration_owners": owners,
        }


HERE = Where()
DIRECT = Where(guild_id=None)
ELSEWHERE = Where(guild_id=800000000000000002, bot_is_member=False)


@dataclass(frozen=True)
class Reply:
    """One callback as it went over the wire. `kind` is Discord's callback type."""

    kind: int
    data: Mapping[str, Any]

    @property
    def content(self) -> str:
        return self.data.get("content") or ""

    @property
    def is_private(self) -> bool:
        return bool(self.data.get("flags", 0) & discord.MessageFlags.ephemeral.flag)

    @property
    def buttons(self) -> dict[str, str]:
        """Labels and custom_ids."""
        rows = self.data.get("components") or []
        return {b["label"]: b["custom_id"] for row in rows for b in row["components"]}

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(choice["name"], choice["value"]) for choice in self.data["choices"]]


@dataclass
class Wire:
    """Takes the place of discord.py's aiohttp session and remembers each callback."""

    replies: dict[str, asyncio.Future[Reply]] = field(default_factory=dict)

    def expect(self, interaction_id: str) -> asyncio.Future[Reply]:
        return self.replies.setdefault(interaction_id, asyncio.get_running_loop().create_future())

    @asynccontextmanager
    async def request(
        self, method: str, url: str, *, data: str, **_options: Any
    ) -> AsyncIterator["WireResponse"]:
        assert method == "POST", (method, url)
        interaction_id, _token, last = url.split("/interactions/")[1].split("/")
        assert last == "callback", url
        sent = json.loads(data)
        future = self.expect(interaction_id)
        assert not future.done(), f"answered twice: {sent}"
        future.set_result(Reply(sent["type"], sent.get("data") or {}))
        yield WireResponse({"interaction": {"id": interaction_id, "type": 2}})

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class WireResponse:
    """What discord.py reads of a response."""

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    async def text(self, encoding: str = "utf-8") -> str:
        return json.dumps(self.body)


class Client:
    """A discord.py client with the real tree, fed by hand."""

    def __init__(self, bot: VidiBot, wire: Wire) -> None:
        self.bot = bot
        self._wire = wire

    async def slash(
        self,
        name: str,
        *,
        by: Person = MEMBER,
        at: Where = HERE,
        focused: str | None = None,
        **options: str | int | bool,
    ) -> Reply:
        """Use a command; with `focused`, ask for what to suggest for that option."""
        top, *rest = name.split()
        given: list[dict[str, Any]] = [
            {"name": key, "type": _KINDS[type(value)], "value": value}
            | ({"focused": True} if key == focused else {})
            for key, value in options.items()
        ]
        for word in reversed(rest):
            given = [{"name": word, "type": 1, "options": given}]
        data = {"id": "1", "name": top, "type": 1, "options": given}
        return await self._send(4 if focused else 2, data, by, at)

    async def press(
        self,
        label: str,
        on: Reply,
        *,
        by: Person = MEMBER,
        at: Where = HERE,
        patience: float = PATIENCE,
    ) -> Reply:
        """Press a button of an earlier reply."""
        data = {"custom_id": on.buttons[label], "component_type": 2}
        async with asyncio.timeout(patience):
            return await self._send(3, data, by, at, message=self._message(on))

    async def submit(
        self, form: Reply, values: Mapping[str, str], *, by: Person = MEMBER, at: Where = HERE
    ) -> Reply:
        """Send a form with one text for each custom_id."""
        fields = [
            {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
            for name, value in values.items()
        ]
        data = {"custom_id": form.data["custom_id"], "components": fields}
        return await self._send(5, data, by, at)

    async def _send(
        self, kind: int, data: Mapping[str, Any], by: Person, at: Where, **more: Any
    ) -> Reply:
        interaction_id = str(snowflake())
        payload = {
            "id": interaction_id,
            "application_id": str(APPLICATION_ID),
            "type": kind,
            "data": data,
            "token": "token",
            "version": 1,
            "locale": by.locale,
            "entitlements": [],
            "app_permissions": "0",
            "attachment_size_limit": 10_485_760,
        }
        future = self._wire.expect(interaction_id)
        connection = self.bot._connection
        connection.parse_interaction_create(payload | at.payload(by) | more)  # type: ignore[arg-type] # built by hand
        async with asyncio.timeout(PATIENCE):
            return await future

    def _message(self, reply: Reply) -> dict[str, Any]:
        now = "2026-01-01T00:00:00+00:00"
        return {
            "id": str(snowflake()),
            "channel_id": str(CHANNEL_ID),
            "author": _BOT,
            "content": reply.content,
            "components": reply.data.get("components") or [],
            "timestamp": now,
            "edited_timestamp": None,
            "type": 0,
            "flags": reply.data.get("flags", 0),
            "tts": False,
            "pinned": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
        }


@asynccontextmanager
async def connected(cogs: Sequence[commands.Cog]) -> AsyncIterator[Client]:
    """Give a client with these cogs; it is closed at the end."""
    wire = Wire()
    bot = VidiBot(Config.load({}), message_content=True)
    async with bot:
        bot.http._HTTPClient__session = wire  # type: ignore[attr-defined] # the transport
        bot._connection.user = discord.ClientUser(state=bot._connection, data=_BOT)  # type: ignore[arg-type] # as READY brings it
        for cog in cogs:
            await bot.add_cog(cog)
        yield Client(bot, wire)
