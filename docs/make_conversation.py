"""Make docs/conversation.png: the real bot on a loopback Discord, with a scripted model.

`.venv/bin/python docs/make_conversation.py`, from the project's folder. What the model says is
written below; all the rest, small print and buttons included, is what the bot sends.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from playground.demo import save
from playground.demo_model import NAME, answer, environment
from playground.demo_steps import answered, bakery, reply_to, running_bot
from playground.messages import File
from playground.model_server import ModelServer
from playground.pictures import receipt
from playground.portrait import portrait
from playground.server import Playground

TARGET = Path(__file__).with_name("conversation.png")
BREAKFAST = 9 * 3600 + 41 * 60  # 09:41 UTC on whichever day, so that the picture stays the same
ANSWERS = (
    "The total is **20.40 euros**, paid by card. The most expensive items:\n"
    "- 3 espressos: 7.50\n"
    "- 2 croissants: 5.20\n"
    "- 1 sourdough loaf: 4.80\n",
    "With three of you it is **6.80 each**: `20.40 / 3`. The 7 % VAT (1.33) is already included.",
)


async def main() -> None:
    """Ask, follow up, and save the picture."""
    with TemporaryDirectory(prefix="vidi-picture-") as name:
        folder = Path(name)
        async with ModelServer() as models, Playground() as pg:
            pg.advance((BREAKFAST - pg.now()) % 86_400)
            for text in ("A receipt.", *ANSWERS):
                answer(models, text)
            model = environment(models, folder) | {"VIDI_DEFAULT_MODEL": NAME}
            async with running_bot(pg, folder, model):
                save(TARGET, await converse(pg))


async def converse(pg: Playground) -> bytes:
    """Ask about a picture that Ben posted, then follow the answer up; gives the PNG."""
    there = bakery(pg)
    general, ada, cleo = there.general, there.ada, there.cleo
    picture = File("receipt.jpg", receipt(), description="A receipt from the bakery")
    # A server's first answer brings a note about who gets pictures, with a host of this machine.
    await answered(pg, await cleo.slash(there.moderators, "ask", image=picture))
    post = await there.ben.send(general, "Breakfast is here! Who pays?", files=[picture])
    question = f"{pg.bot.mention} how much is it, and what cost most?"
    first = await reply_to(pg, await ada.send(general, question, reply_to=post))
    await reply_to(pg, await ada.send(general, "And if the three of us share?", reply_to=first))
    return portrait(general.messages, title="#general", as_user=ada)


if __name__ == "__main__":
    asyncio.run(main())
