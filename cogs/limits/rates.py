"""What moderators type for /limits rate, and what it makes of the limits in force."""

from dataclasses import dataclass, replace

import discord

from bot.choices import COUNT_MAX, PICTURES_MAX, Rate
from bot.errors import Refused
from bot.i18n import _
from cogs._changing.choosing import DEFAULT
from cogs._changing.counting import parse_count, rate_of, with_rate


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
        return _limited_role(rate, typed, role.id)
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


def _limited_role(rate: Rate, typed: Typed, role_id: int) -> Rate:
    """Set a role's own rate, beginning with what holds for everybody; “default” takes it away."""
    if _is_default(typed.minute) or _is_default(typed.day):
        return replace(rate, roles=tuple(own for own in rate.roles if own.role_id != role_id))
    if typed.minute is None and typed.day is None:
        return rate
    own = rate_of(rate, role_id)
    minute, day = _count(typed.minute, own.minute), _count(typed.day, own.day)
    return with_rate(rate, replace(own, minute=minute, day=day))


def _count(
    text: str | None, current: int | None, default: int | None = None, *, most: int = COUNT_MAX
) -> int | None:
    if text is None:
        return current
    return default if _is_default(text) else parse_count(text, most)


def _is_default(text: str | None) -> bool:
    return text is not None and text.strip().lower() == DEFAULT


def _with(ids: tuple[int, ...], new: int) -> tuple[int, ...]:
    return tuple(dict.fromkeys((*ids, new)))


def _without(ids: tuple[int, ...], gone: int) -> tuple[int, ...]:
    return tuple(each for each in ids if each != gone)
