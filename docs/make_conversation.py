"""Make docs/conversation.png: the real bot on a loopback Discord, with a scripted model.

`.venv/bin/python docs/make_conversation.py`, from the project's folder. What the model says is
written below; all the rest, small print and buttons included, is what the bot sends.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from playground.demo import bakery, new_answer, running_bot, save
from playground.messages import File
from playground.model_server import ModelServer
from playground.pictures import receipt
from playground.portrait import portrait
from playground.server import Playground

TARGET = Path(__file__).with_name("conversation.png")
PROVIDER = """
[provider]
id = "example"
label = "Example AI"
company = "Example AI"
api_key_env = ["EXAMPLE_API_KEY"]

[defaults]
checked = 2026-11-22
source = "invented for the picture in the README"
transport = "inline"

[[models]]
name = "vision"
label = "Scripted model"
price = { input = 0.4, output = 1.6, checked = 2026-11-22, source = "invented" }
"""
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
        (folder / "catalog").mkdir()
        (folder / "catalog" / "example.toml").write_text(PROVIDER, "utf-8")
        async with ModelServer() as models, Playground() as pg:
            pg.advance((BREAKFAST - pg.now()) % 86_400)
            for text in ANSWERS:
                usage = {"prompt_tokens": 1630, "completion_tokens": 70, "total_tokens": 1700}
                models.reply(text, usage=usage)
            async with running_bot(pg, folder, environment(models, folder)):
                save(TARGET, await converse(pg))


def environment(models: ModelServer, folder: Path) -> dict[str, str]:
    """Give what makes the scripted model the bot's own."""
    return {
        "VIDI_CATALOG_DIR": str(folder / "catalog"),
        "VIDI_DEFAULT_MODEL": "example/vision",
        "EXAMPLE_BASE_URL": models.base_url,
        "EXAMPLE_API_KEY": "not-a-key",
    }


async def converse(pg: Playground) -> bytes:
    """Ask about a picture that Ben posted, then follow the answer up; gives the PNG."""
    guild, ada, ben, _ = bakery(pg)
    channel = guild.channel("general")
    picture = File("receipt.jpg", receipt(), description="A receipt from the bakery")
    post = await ben.send(channel, "Breakfast is here! Who pays?", files=[picture])
    await ada.send(channel, f"{pg.bot.mention} how much is it, and what cost most?", reply_to=post)
    answer = await new_answer(pg, channel, 2)
    await ada.send(channel, "And if the three of us share?", reply_to=answer)
    await new_answer(pg, channel, 4)
    return portrait(channel.messages, title="#general", as_user=ada)


if __name__ == "__main__":
    asyncio.run(main())
