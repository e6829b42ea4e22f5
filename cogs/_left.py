"""What is left of somebody's quota and budget, in words."""

from collections.abc import Mapping
from typing import Any

import discord

from bot.i18n import N_, _
from bot.money import dollars, rounded
from bot.policy.types import Limit, Scope, Used, Window
from bot.service import VisionService
from cogs._sources.interaction import asker_of, place_of

_QUESTIONS = {
    Window.MINUTE: N_("Left to you: {left} of {most} questions this minute"),
    Window.DAY: N_("Left to you: {left} of {most} questions today (UTC)"),
}
_MONEY = {
    Window.DAY: N_("Left to you: {left} of {most} today (UTC)"),
    Window.MONTH: N_("Left to you: {left} of {most} this month (UTC)"),
}


async def left_to(service: VisionService, interaction: discord.Interaction[Any]) -> list[str]:
    """Give what is left to who interacts, in this place."""
    return left_lines(await service.left(asker_of(interaction), place_of(interaction)))


def left_lines(used: Mapping[Limit, Used]) -> list[str]:
    """Give a line for each limit of one's own; what the whole server has left isn't among them."""
    return [
        _left(limit, amount)
        for limit, amount in used.items()
        if limit.scope in (Scope.MEMBER, Scope.PERSON)
    ]


def _left(limit: Limit, used: Used) -> str:
    left = max(0, limit.most - used.amount)
    if limit.money:
        said = _(_MONEY[limit.window])
        return said.format(left=rounded(left), most=dollars(limit.most))
    return _(_QUESTIONS[limit.window]).format(left=left, most=limit.most)
