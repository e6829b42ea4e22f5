"""What the demo and the pictures in the docs are put together from: people, a bot, waiting."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.channels import Channel
from playground.guilds import Guild
from playground.interactions import Interaction
from playground.messages import Message
from playground.people import Person
from playground.server import Playground

START_SECONDS = 60
ANSWER_SECONDS = 120  # the first one loads the reader's models


@dataclass(frozen=True, slots=True)
class Bakery:
    """A guild with two members, a moderator, and a channel for each."""

    guild: Guild
    general: Channel
    moderators: Channel
    ada: Person
    ben: Person
    cleo: Person


def bakery(pg: Playground) -> Bakery:
    """Open a guild where ada and ben are members and cleo is a moderator."""
    guild = pg.guild("Corner Bakery")
    ada, ben, cleo = pg.user("ada"), pg.user("ben"), pg.user("cleo")
    guild.join(ada)
    guild.join(ben)
    guild.join(cleo, permissions=("manage_guild",))
    return Bakery(guild, guild.channel("general"), guild.channel("moderators"), ada, ben, cleo)


@asynccontextmanager
async def running_bot(
    pg: Playground, folder: Path, model: Mapping[str, str]
) -> AsyncGenerator[None]:
    """Run the bot in a process of its own until the block ends; its data goes to `folder`.

    `model` is the part of its environment that tells which model answers."""
    settings = {
        "DISCORD_TOKEN": pg.token,
        "VIDI_DISCORD_API_URL": pg.api_url,
        "VIDI_ATTACHMENT_HOSTS": pg.cdn_host,
        "VIDI_DATA_DIR": str(folder),
        "VIDI_LOG_LEVEL": "warning",
        **model,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VIDI_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=inherited | settings, cwd=folder
    )
    try:
        await pg.ready(timeout=START_SECONDS)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def step(text: str) -> None:
    """Tell what happens now."""
    print(f"\n== {text}", flush=True)


async def answered(pg: Playground, interaction: Interaction) -> None:
    """Wait until the answer to a command or menu is complete."""
    await pg.until(lambda: complete(interaction.response), timeout=ANSWER_SECONDS)


async def shown(pg: Playground, interaction: Interaction) -> Message:
    """Wait for what answers a command and is no longer “thinking…”."""
    await pg.until(lambda: _said(interaction) is not None, timeout=ANSWER_SECONDS)
    message = _said(interaction)
    assert message is not None
    return message


async def reply_to(pg: Playground, asked: Message) -> Message:
    """Wait for the complete answer to a message."""

    def replies() -> list[Message]:
        return [m for m in asked.channel.messages if m.reply_to is asked and complete(m)]

    await pg.until(lambda: bool(replies()), timeout=ANSWER_SECONDS)
    return replies()[0]


def complete(message: Message | None) -> bool:
    """Tell whether an answer is there as a whole: it can be deleted, no longer stopped."""
    return message is not None and "Delete" in message.buttons


def _said(interaction: Interaction) -> Message | None:
    messages = (interaction.response, *interaction.followups)
    return next((m for m in messages if m and not m.thinking), None)
