"""The whole bot, with unmodified discord.py, between a loopback Discord and a scripted model."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app import Vidi, connected
from bot.config import Config
from bot.guilds.membership import Guilds
from playground import Channel, File, Guild, Interaction, Message, Person, Playground
from playground.model_server import ModelServer
from playground.pictures import photo
from tests.storage import rows_of, url_of


@dataclass(frozen=True, slots=True)
class Town:
    """A guild with a moderator, two members and a channel, and the model behind the bot."""

    pg: Playground
    models: ModelServer
    guild: Guild
    channel: Channel
    ada: Person
    ben: Person
    mod: Person
    folder: Path
    introduced: bool = True
    """Whether the guild was told already who receives pictures."""

    def config(self, **environ: str) -> Config:
        """Give the environment of a bot whose default model is `custom/vision`."""
        return Config.load(
            {
                "DISCORD_TOKEN": self.pg.token,
                "VIDI_DISCORD_API_URL": self.pg.api_url,
                "VIDI_ATTACHMENT_HOSTS": self.pg.cdn_host,
                "VIDI_DATA_DIR": str(self.folder),
                "VIDI_DATABASE_URL": url_of(self.folder),
                "VIDI_DEFAULT_MODEL": "custom/vision",
                "CUSTOM_BASE_URL": self.models.base_url,
                "CUSTOM_MODELS": "vision,other",
            }
            | environ
        )

    @asynccontextmanager
    async def bot(
        self, given: Mapping[str, str] | None = None, *, drain: float = 5.0, **environ: str
    ) -> AsyncGenerator[Vidi]:
        """Run the bot until the block ends; it is ready when the block begins."""
        async with connected(self.config(**(given or {}), **environ), drain=drain) as vidi:
            await self.pg.ready()
            if self.introduced:
                await Guilds(vidi.core.db).claim_introduction(self.guild.id)
            yield vidi

    async def shown(self, message: Message | None, *, timeout: float = 10) -> Message:
        """Wait until an answer is complete: it can be deleted and no longer stopped."""
        await self.pg.until(
            lambda: message is not None and "Delete" in message.buttons, timeout=timeout
        )
        assert message is not None
        return message

    async def answer_to(self, message: Message, *, timeout: float = 10) -> Message:
        """Wait for the complete reply to a message."""

        def replies() -> list[Message]:
            return [m for m in message.channel.messages if m.reply_to is message and m.buttons]

        await self.pg.until(lambda: any("Delete" in m.buttons for m in replies()), timeout=timeout)
        return replies()[0]

    async def asks(self, text: str = "what is it?", *, channel: Channel | None = None) -> Message:
        """Have ada mention the bot with a question and a photograph."""
        return await self.ada.send(
            channel or self.channel, f"{self.pg.bot.mention} {text}", files=[self.picture()]
        )

    async def ask(
        self, who: Person | None = None, channel: Channel | None = None, **options: Any
    ) -> Message:
        """Use /ask, as ada in the general channel unless told, and wait for the whole answer."""
        asked = await (who or self.ada).slash(channel or self.channel, "ask", **options)
        return await self.shown(asked.response)

    async def told(self, used: Interaction) -> Message:
        """Wait for the sentence that ends an interaction which gets no answer."""

        def sentence() -> Message | None:
            said = (*used.followups, used.response)
            return next((m for m in said if m and not (m.thinking or m.deleted)), None)

        await self.pg.until(sentence)
        message = sentence()
        assert message is not None
        return message

    def reply_to(self, message: Message) -> Message | None:
        """Give the bot's reply to a message as it stands now, if there is one."""
        return next((m for m in message.channel.messages if m.reply_to is message), None)

    async def reply_saying(self, message: Message, words: str, *, timeout: float = 10) -> Message:
        """Wait until the bot's reply to a message says these words."""
        await self.pg.until(
            lambda: (reply := self.reply_to(message)) is not None and words in reply.content,
            timeout=timeout,
        )
        reply = self.reply_to(message)
        assert reply is not None
        return reply

    def ledger(self) -> list[dict[str, Any]]:
        """Read what is written down about every question, oldest first."""
        return rows_of(self.folder, "SELECT * FROM questions ORDER BY id")

    def owed(self) -> int:
        """Count the answers that are not written down as delivered yet."""
        return len(rows_of(self.folder, "SELECT 1 FROM deliveries"))

    def picture(self, name: str = "cat.jpg", **facts: Any) -> File:
        """Give a small photograph to upload."""
        return File(name, photo(320, 240), **facts)


NewTown = Callable[..., AbstractAsyncContextManager[Town]]


@asynccontextmanager
async def new_town(folder: Path, **settings: object) -> AsyncGenerator[Town]:
    async with ModelServer() as models, Playground(**settings) as pg:  # type: ignore[arg-type]
        guild = pg.guild("Corner Bakery")
        ada, ben, mod = pg.user("ada"), pg.user("ben"), pg.user("mod")
        for person in (ada, ben):
            guild.join(person)
        guild.join(mod, permissions=("manage_guild",))
        yield Town(pg, models, guild, guild.channel("general"), ada, ben, mod, folder)
        assert not pg.pings, f"somebody would have been pinged: {pg.pings}"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncGenerator[Town]:
    """A town whose bot may read message content."""
    async with new_town(tmp_path) as town:
        yield town
        assert not town.pg.violations, "\n".join(town.pg.violations)
