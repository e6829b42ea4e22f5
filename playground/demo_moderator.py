"""The demo's second half: a moderator chooses a model and a budget, and looks what came of it."""

from playground.channels import Channel
from playground.demo_model import NAME, answer
from playground.demo_steps import ANSWER_SECONDS, Bakery, answered, reply_to, shown, step
from playground.messages import Message
from playground.model_server import ModelServer
from playground.server import Playground

PRICE = ("20", "80")
"""So dear that two answers use up most of ten cents."""
_TOTAL = "The total is **20.40 euros**, paid by card."
_SHARED = "With three of you it is **6.80 each**: `20.40 / 3`."


async def moderate(pg: Playground, models: ModelServer, bakery: Bakery, post: Message) -> None:
    """Set up a model and a budget as Cleo, use them up as Ada, and show why things went so."""
    general, moderators = bakery.general, bakery.moderators
    ada, cleo = bakery.ada, bakery.cleo

    step("Cleo, a moderator, chooses a model: it has to read a word off a picture first")
    await shown(pg, await cleo.slash(moderators, "settings model", model=NAME))

    step("Cleo sets a budget; from 70 % of it on the built-in reader answers, which is free")
    limits = {"month": "0.10", "share": 70, "cheaper": "local/reader", "channel": moderators}
    await shown(pg, await cleo.slash(moderators, "limits budget", **limits))

    step("Ada mentions the bot in reply to the picture, looks at the receipt, and asks on")
    answer(models, _TOTAL)
    mention = f"{pg.bot.mention} how much is it in total?"
    first = await reply_to(pg, await ada.send(general, mention, reply_to=post))
    await shown(pg, await ada.click(first, "Receipt"))
    answer(models, _SHARED)
    await reply_to(pg, await ada.send(general, "And if three of us share?", reply_to=first))

    step("The budget runs short: Ada right-clicks the picture → Apps → Describe image, then /why")
    await answered(pg, await ada.menu("Describe image", post))
    await shown(pg, await ada.slash(general, "why"))
    await told(pg, moderators)

    step("Cleo looks at what was written down, and at all settings")
    await shown(pg, await cleo.slash(moderators, "usage summary"))
    await shown(pg, await cleo.slash(moderators, "settings panel"))


async def told(pg: Playground, channel: Channel) -> None:
    """Wait until the bot has written into a channel by itself."""
    await pg.until(
        lambda: any(m.author is pg.bot and m.interaction is None for m in channel.messages),
        timeout=ANSWER_SECONDS,
    )
