"""`vidi demo`: the real bot on a loopback Discord, asked about a receipt in every common way.

The bot runs as a process of its own, as an operator would start it; nothing here knows its code.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playground.channels import Channel
from playground.guilds import Guild
from playground.interactions import Interaction
from playground.messages import File, Message
from playground.people import Person
from playground.pictures import receipt
from playground.portrait import portrait
from playground.server import Playground

START_SECONDS = 60
ANSWER_SECONDS = 120  # the first one loads the reader's models


async def demo(picture: Path | None = None) -> int:
    """Show a conversation and what was written down about it; gives the exit status.

    With `picture` the conversation is also drawn into that file, as a PNG."""
    if picture is not None and not has_folder(picture):
        print(f"There is no folder {picture.parent} to put the picture into.", file=sys.stderr)
        return 1
    step("Starting a Discord of our own, on this machine only")
    with TemporaryDirectory(prefix="vidi-demo-") as folder:
        async with Playground() as pg:
            step("Starting the bot and connecting it, as `vidi run` does")
            async with running_bot(pg, Path(folder), {"VIDI_DEFAULT_MODEL": "local/reader"}):
                guild, ada, ben, cleo = bakery(pg)
                general, moderators = guild.channel("general"), guild.channel("moderators")
                await converse(pg, general, ada, ben)
                step("Cleo, a moderator, looks at what was written down")
                await shown(pg, await cleo.slash(moderators, "usage summary"))
            step("The conversation, as Ada reads it")
            print(general.transcript(ada))
            step("What was written down about it")
            print(moderators.transcript(cleo))
            if picture is not None:
                save(picture, portrait(general.messages, title="#general", as_user=ada))
            if pg.violations or pg.pings:
                step(f"Discord would have complained: {[*pg.violations, *pg.pings]}")
                return 1
    step("Done. `make run` connects the bot to the real Discord; the README tells how")
    return 0


def step(text: str) -> None:
    """Tell what happens now."""
    print(f"\n== {text}", flush=True)


def has_folder(path: Path) -> bool:
    """Tell whether the folder of a file is there."""
    return path.absolute().parent.is_dir()


def save(path: Path, png: bytes) -> None:
    """Write a picture and say where it is."""
    path.write_bytes(png)
    step(f"The conversation as a picture: {path}")


def bakery(pg: Playground) -> tuple[Guild, Person, Person, Person]:
    """Give a guild with two members and a moderator."""
    guild = pg.guild("Corner Bakery")
    ada, ben, cleo = pg.user("ada"), pg.user("ben"), pg.user("cleo")
    guild.join(ada)
    guild.join(ben)
    guild.join(cleo, permissions=("manage_guild",))
    return guild, ada, ben, cleo


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


async def converse(pg: Playground, channel: Channel, ada: Person, ben: Person) -> None:
    """Ask in four ways and follow up."""
    picture = File("receipt.jpg", receipt(), description="A receipt from the bakery")

    step("Ben posts a receipt; Ada asks about it with /ask")
    post = await ben.send(channel, "Whose turn is it to pay?", files=[picture])
    asked = await ada.slash(channel, "ask", question="What did we buy?", image=picture)
    await answered(pg, asked)

    step("Ada mentions the bot in reply to the picture")
    before = len(channel.messages)
    await ada.send(channel, f"{pg.bot.mention} how much is it in total?", reply_to=post)
    answer = await new_answer(pg, channel, before + 1)

    step("Ada follows the answer up by replying to it")
    before = len(channel.messages)
    await ada.send(channel, "And on which day was that?", reply_to=answer)
    await new_answer(pg, channel, before + 1)

    for menu in ("Describe image", "Read text"):
        step(f"Ada right-clicks the picture → Apps → {menu}")
        await answered(pg, await ada.menu(menu, post))


async def answered(pg: Playground, interaction: Interaction) -> None:
    """Wait until the answer to a command or menu is complete."""
    await pg.until(lambda: complete(interaction.response), timeout=ANSWER_SECONDS)


async def shown(pg: Playground, interaction: Interaction) -> None:
    """Wait until the answer to a command is there and no longer “thinking…”."""
    await pg.until(
        lambda: interaction.response is not None and not interaction.response.thinking,
        timeout=ANSWER_SECONDS,
    )


async def new_answer(pg: Playground, channel: Channel, after: int) -> Message:
    """Wait for the complete answer that comes after so many messages."""
    await pg.until(
        lambda: len(channel.messages) > after and complete(channel.messages[after]),
        timeout=ANSWER_SECONDS,
    )
    return channel.messages[after]


def complete(message: Message | None) -> bool:
    """Tell whether an answer is there as a whole: it can be deleted, no longer stopped."""
    return message is not None and "Delete" in message.buttons
