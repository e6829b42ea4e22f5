"""`vidi demo`: the real bot on a loopback Discord, asked about a receipt in every common way.

The bot runs as a process of its own, as an operator would start it; nothing here knows its code.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playground.demo_model import environment
from playground.demo_moderator import PRICE, moderate
from playground.demo_steps import Bakery, answered, bakery, running_bot, step
from playground.messages import File, Message
from playground.model_server import ModelServer
from playground.pictures import receipt
from playground.portrait import portrait
from playground.server import Playground


async def demo(picture: Path | None = None) -> int:
    """Show a conversation and what was written down about it; gives the exit status.

    With `picture` the conversation is also drawn into that file, as a PNG."""
    if picture is not None and not has_folder(picture):
        print(f"There is no folder {picture.parent} to put the picture into.", file=sys.stderr)
        return 1
    step("Starting a Discord of our own and a model with scripted answers, on this machine only")
    with TemporaryDirectory(prefix="vidi-demo-") as name:
        folder = Path(name)
        async with ModelServer() as models, Playground() as pg:
            step("Starting the bot and connecting it, as `vidi run` does")
            model = environment(models, folder, PRICE) | {"VIDI_DEFAULT_MODEL": "local/reader"}
            async with running_bot(pg, folder, model):
                there = bakery(pg)
                post = await converse(pg, there)
                await moderate(pg, models, there, post)
                show(there)
            if picture is not None:
                save(picture, portrait(there.general.messages, title="#general", as_user=there.ada))
            if pg.violations or pg.pings:
                step(f"Discord would have complained: {[*pg.violations, *pg.pings]}")
                return 1
    step("Done. `make run` connects the bot to the real Discord; the README tells how")
    return 0


async def converse(pg: Playground, there: Bakery) -> Message:
    """Have the built-in reader asked; gives the message with the picture."""
    picture = File("receipt.jpg", receipt(), description="A receipt from the bakery")
    step("Ben posts a receipt; Ada asks about it with /ask, and the built-in reader answers")
    post = await there.ben.send(there.general, "Whose turn is it to pay?", files=[picture])
    asked = await there.ada.slash(
        there.general, "ask", question="What is the total?", image=picture
    )
    await answered(pg, asked)
    return post


def show(there: Bakery) -> None:
    """Print both channels as they are read by somebody in them."""
    step("The conversation, as Ada reads it")
    print(there.general.transcript(there.ada))
    step("The moderators' channel, as Cleo reads it")
    print(there.moderators.transcript(there.cleo))


def has_folder(path: Path) -> bool:
    """Tell whether the folder of a file is there."""
    return path.absolute().parent.is_dir()


def save(path: Path, png: bytes) -> None:
    """Write a picture and say where it is."""
    path.write_bytes(png)
    step(f"The conversation as a picture: {path}")
