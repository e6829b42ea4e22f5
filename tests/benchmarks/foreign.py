"""Messages that aren't for the bot: what they cost a core, and that no query is made for them.

`measure` runs the whole bot in a process of its own, connected to a Discord in this one. There the
messages go in where the gateway's text does, through discord.py's parser, at the pace of a busy
bot; then once more with nobody listening, which is what discord.py alone costs."""

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event

from bot.app import Vidi, connected
from bot.config import Config
from playground import Playground
from playground.model_server import ModelServer

A_SECOND = 2_000
SECONDS = 5
_BATCH = 20
_SETTLED = 2.0  # seconds for what follows a start
_KINDS = 4


@dataclass(frozen=True, slots=True)
class Foreign:
    """Percent of a core with the whole bot and with discord.py alone; statements of SQL."""

    vidi: float
    discord_py: float
    queries: int


async def measure() -> Foreign:
    """Run the bot and have it hear the messages."""
    async with ModelServer() as models, Playground() as pg:
        guild = pg.guild("Corner Bakery")
        channel, ada = guild.channel("general"), pg.user("ada")
        guild.join(ada)
        with TemporaryDirectory(prefix="vidi-bench-") as folder:
            environ = os.environ | {
                "DISCORD_TOKEN": pg.token,
                "VIDI_DISCORD_API_URL": pg.api_url,
                "VIDI_DATA_DIR": folder,
                "VIDI_DEFAULT_MODEL": "custom/vision",
                "CUSTOM_BASE_URL": models.base_url,
                "CUSTOM_MODELS": "vision",
                "PYTHONPATH": str(Path(__file__).parents[2]),
            }
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.benchmarks.foreign"),
                *(str(guild.id), str(channel.id), str(ada.id)),
                stdout=asyncio.subprocess.PIPE,
                env=environ,
                cwd=folder,
            )
            said, _nothing = await child.communicate()
    return Foreign(**json.loads(said))


async def _hear(guild_id: int, channel_id: int, author_id: int) -> dict[str, float]:
    """Connect, then feed the messages to the bot, and to discord.py alone."""
    environ = dict(os.environ)
    async with connected(Config.load(environ)) as vidi:
        await vidi.bot.wait_until_ready()
        await asyncio.sleep(_SETTLED)
        messages = [_message(kind, guild_id, channel_id, author_id) for kind in range(_KINDS)]
        statements: list[str] = []
        engine = vidi.core.db._engine.sync_engine

        def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        whole = await _share(vidi, messages)
        queries = len(statements)
        for name in list(vidi.bot.cogs):
            await vidi.bot.remove_cog(name)
        return {"vidi": whole, "discord_py": await _share(vidi, messages), "queries": queries}


async def _share(vidi: Vidi, messages: list[str]) -> float:
    """Feed messages at their pace; gives the percent of a core that this process used."""
    socket = vidi.bot.shards[0]._parent.ws
    began, used = time.monotonic(), time.process_time()
    for number, message in zip(range(A_SECOND * SECONDS), cycle(messages), strict=False):
        await socket.received_message(message)
        if number % _BATCH == _BATCH - 1:
            due = began + (number + 1) / A_SECOND
            await asyncio.sleep(max(0.0, due - time.monotonic()))
    return (time.process_time() - used) / SECONDS * 100


def _message(kind: int, guild_id: int, channel_id: int, author_id: int) -> str:
    """Give what the gateway says of a message: chat, a picture, a reply, one with mentions."""
    author = {"id": str(author_id), "username": "ada", "discriminator": "0", "avatar": None}
    member = {
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
    }
    message: dict[str, Any] = {
        "id": "1400000000000000000",
        "guild_id": str(guild_id),
        "channel_id": str(channel_id),
        "author": author,
        "member": member,
        "content": "Has anybody seen the keys? They were on the counter this morning.",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "type": 0,
        "flags": 0,
        "tts": False,
        "pinned": False,
        "mention_everyone": False,
        **{key: [] for key in ("mentions", "mention_roles", "attachments", "embeds")},
        "components": [],
        "nonce": "1",
    }
    if kind == 1:
        url = "https://cdn.discordapp.com/attachments/1/2/keys.png?ex=1&is=1&hm=1"
        picture = {"id": "2", "filename": "keys.png", "size": 90_000, "url": url}
        picture |= {"proxy_url": url, "width": 800, "height": 600, "content_type": "image/png"}
        message["attachments"] = [picture]
    elif kind == 2:
        reference = {"type": 0, "channel_id": str(channel_id), "message_id": "3"}
        about = {"referenced_message": message | {"id": "3"}}
        message |= {"type": 19, "message_reference": reference, **about}
    elif kind == 3:
        message["mentions"] = [author | {"member": member}]
    return json.dumps({"t": "MESSAGE_CREATE", "s": None, "op": 0, "d": message})


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(asyncio.run(_hear(*map(int, sys.argv[1:])))))
    else:
        print(asyncio.run(measure()))
