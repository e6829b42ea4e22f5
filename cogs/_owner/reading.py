"""What the owner types, made into decisions; each raises Refused with what to write."""

import datetime as dt
import re
from collections.abc import Collection
from typing import Literal

import discord

from bot.choices import Budget
from bot.errors import Refused
from bot.i18n import _
from bot.money import parse_usd
from bot.owner.decisions import (
    ANNOUNCEMENT_MAX,
    REASON_MAX,
    Allowance,
    Announcement,
    Block,
    Keys,
    Kind,
)
from bot.text import plain, shorten

Answer = Literal["allow", "refuse"]

# Discord's ids have 17 digits at least today, and they fit into 63 bits.
_DIGITS = r"(\d{15,19})"
_IDS = {
    "guild": re.compile(_DIGITS, re.ASCII),
    "user": re.compile(f"{_DIGITS}|<@!?{_DIGITS}>", re.ASCII),
}


def block_of(
    client: discord.Client, owner_ids: Collection[int], kind: Kind, text: str, reason: str | None
) -> Block:
    """Give the block of a server or a user, whose id is in `text`."""
    id_ = id_of(kind, text)
    if id_ in owner_ids or (client.user is not None and id_ == client.user.id):
        raise Refused(_("Whoever runs this bot can't be blocked, and neither can the bot."))
    if kind == "user" and client.get_guild(id_) is not None:
        raise Refused(_("That is the id of a server. Choose guild to block it."))
    return Block(kind, id_, reason=shorten(plain(reason), REASON_MAX) or None if reason else None)


def keys_of(
    client: discord.Client,
    current: bool,
    new: Answer | None,
    guild: str | None,
    use: Answer | None,
) -> Keys:
    """Give who may use the operator's keys: one server, or those to come; `current` by default."""
    if (guild is None) != (use is None) or (new is not None and guild is not None):
        raise Refused(_("Choose new alone, or guild together with use."))
    if guild is None:
        return Keys(None, current if new is None else new == "allow")
    id_ = id_of("guild", guild)
    if client.get_guild(id_) is None:
        raise Refused(_("I am in no server with that id. /owner guilds lists them all."))
    return Keys(id_, use == "allow")


def id_of(kind: Kind, text: str) -> int:
    """Give the id in digits, or in a mention where it is a user's."""
    match = _IDS[kind].fullmatch(text.strip())
    id_ = int(match[match.lastindex or 0]) if match else 2**63
    if id_ < 2**63:
        return id_
    if kind == "guild":
        raise Refused(_("That is no server's id: write its digits. /owner guilds lists them."))
    raise Refused(_("That is no user's id: write its digits, or mention the user."))


def allowance_of(current: Budget, day: str | None, month: str | None) -> Allowance:
    """Give what each server may cost; what isn't given stays."""
    allowance = Allowance(current.day, current.month)
    if day is not None:
        allowance = Allowance(parse_usd(day), allowance.month)
    if month is not None:
        allowance = Allowance(allowance.day, parse_usd(month))
    return allowance


def announcement_of(text: str | None, hours: int | None, now: dt.datetime) -> Announcement:
    """Give what everybody is told from now on, harmless and on one line; nothing without text."""
    if text is None and hours is not None:
        raise Refused(_("Write the text as well: without one the announcement ends."))
    words = plain(text) if text is not None else None
    if words is None:
        return Announcement()
    if not words:
        raise Refused(_("Nothing of that text can be shown. Write it in plain words."))
    until = None if hours is None else now.replace(microsecond=0) + dt.timedelta(hours=hours)
    return Announcement(shorten(words, ANNOUNCEMENT_MAX), until)
