"""The floor: the least a discord.py bot can do, one streamed httpx request and one reply."""

import json
import os

import discord
import httpx
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


class Floor(discord.Client):
    """Answers a mention with a picture: a reply at the first text, one edit at the end."""

    def __init__(self, models: httpx.AsyncClient) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
        super().__init__(intents=intents, max_messages=None, chunk_guilds_at_startup=False)
        self._models = models

    async def setup_hook(self) -> None:
        _shards, gateway, _limits = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)

    async def on_message(self, message: discord.Message) -> None:
        if self.user not in message.mentions or not message.attachments:
            return
        image = {"type": "image_url", "image_url": {"url": message.attachments[0].url}}
        content = [{"type": "text", "text": message.content}, image]
        body = {
            "model": "vision",
            "stream": True,
            "messages": [{"role": "user", "content": content}],
        }
        said, reply = "", None
        async with self._models.stream("POST", "/chat/completions", json=body) as response:
            async for line in response.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                choices = json.loads(line[6:])["choices"]
                said += choices[0]["delta"].get("content") or "" if choices else ""
                if said and reply is None:
                    reply = await message.reply(said, mention_author=False)
        if reply is not None:
            await reply.edit(content=said)


async def main() -> None:
    """Run until terminated."""
    async with (
        httpx.AsyncClient(base_url=os.environ["CUSTOM_BASE_URL"], timeout=60) as models,
        Floor(models) as bot,
    ):
        await bot.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    import asyncio

    Route.BASE = os.environ["VIDI_DISCORD_API_URL"]
    asyncio.run(main())
