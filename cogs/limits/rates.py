"""What moderators type for /limits rate, and what it makes of the limits in force."""

from dataclasses import dataclass, replace

import discord

from bot.choices import Rate, RoleRate
from bot.errors import Refused
from bot.i18n import _
from bot.text import plain, shorten

COUNT_MAX = 1_000_000
PICTURES_MAX = 10

_LIFTED = ("none", "off", "no limit", "unlimited")
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Typed:
    """The options of /limits rate that are text; None where nothing was typed."""

    minute: str | None = None
    day: str | None = None
    server_minute: str | None = None
    server_day: str | None = None
    pictures: str | None = None


def limited(rate: Rate, typed: Typed, role: discord.Role | None) -> Rate:
    """Give the limits with what was typed; with a role, `minute` and `day` are that role's.

    Raises Refused for what is no number that can be a limit."""
    rate = replace(
        rate,
        guild_minute=_count(typed.server_minute, rate.guild_minute),
        guild_day=_count(typed.server_day, rate.guild_day),
        pictures=_count(typed.pictures, rate.pictures, most=PICTURES_MAX),
    )
    if role is not None and not role.is_default():
        return replace(rate, roles=_roles(rate, typed, role.id))
    default = Rate()
    return replace(
        rate,
        minute=_count(typed.minute, rate.minute, default.minute),
        day=_count(typed.day, rate.day, default.day),
    )


def exempted(rate: Rate, who: discord.Role | discord.Member | discord.User) -> Rate:
    """Give the limits without those of a role or member; raises Refused for @everyone."""
    if isinstance(who, discord.Role):
        if who.is_default():
            raise Refused(
                _("To lift the limits of everybody, write none for minute and day instead.")
            )
        return replace(rate, exempt_roles=_with(rate.exempt_roles, who.id))
    return replace(rate, exempt_members=_with(rate.exempt_members, who.id))


def limited_again(rate: Rate, who: discord.Role | discord.Member | discord.User) -> Rate:
    """Give the limits with those of a role or member that had none."""
    return replace(
        rate,
        exempt_roles=_without(rate.exempt_roles, who.id),
        exempt_members=_without(rate.exempt_members, who.id),
    )


def _roles(rate: Rate, typed: Typed, role_id: int) -> tuple[RoleRate, ...]:
    """Set a role's own rate, beginning with what holds for everybody; “default” takes it away."""
    if _DEFAULT in (_word(typed.minute), _word(typed.day)):
        return tuple(each for each in rate.roles if each.role_id != role_id)
    if typed.minute is None and typed.day is None:
        return rate.roles
    known = {each.role_id: each for each in rate.roles}
    current = known.get(role_id, RoleRate(role_id, rate.minute, rate.day))
    known[role_id] = replace(
        current, minute=_count(typed.minute, current.minute), day=_count(typed.day, current.day)
    )
    return tuple(known.values())


def _count(
    text: str | None, current: int | None, default: int | None = None, *, most: int = COUNT_MAX
) -> int | None:
    word = _word(text)
    if word is None:
        return current
    if word in _LIFTED:
        return None
    if word == _DEFAULT:
        return default
    # ASCII only: int() would take digits of other scripts that nobody can read back.
    count = int(word) if word.isascii() and word.isdecimal() and len(word) <= 9 else 0
    if not 1 <= count <= most:
        raise Refused(
            _(
                "“{text}” is no limit. Write a whole number from 1 to {most:,}, or none for no "
                "limit. To let nobody ask, use /settings access."
            ).format(text=shorten(plain(word), 20), most=most)
        )
    return count


def _word(text: str | None) -> str | None:
    return None if text is None else " ".join(text.lower().split())


def _with(ids: tuple[int, ...], new: int) -> tuple[int, ...]:
    return tuple(dict.fromkeys((*ids, new)))


def _without(ids: tuple[int, ...], gone: int) -> tuple[int, ...]:
    return tuple(each for each in ids if each != gone)
