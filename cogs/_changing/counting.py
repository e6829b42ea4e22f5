"""What moderators type where a limit of questions is wanted, and the limits of one role."""

from dataclasses import replace

from bot.choices import COUNT_MAX, OVERRIDES_MAX, Rate, RoleRate
from bot.errors import Refused
from bot.i18n import _
from bot.text import plain, shorten

_LIFTED = ("none", "off", "no limit", "unlimited")


def parse_count(text: str, most: int = COUNT_MAX) -> int | None:
    """Give a limit as a number, None for none; raises Refused with what to write."""
    word = " ".join(text.lower().split())
    if word in _LIFTED:
        return None
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


def rate_of(rate: Rate, role_id: int) -> RoleRate:
    """Give a role's own limits, which begin as everybody's."""
    own = {each.role_id: each for each in rate.roles}
    return own.get(role_id, RoleRate(role_id, rate.minute, rate.day))


def with_rate(rate: Rate, new: RoleRate) -> Rate:
    """Give the limits with these for their role; raises Refused when too many have their own."""
    own = {each.role_id: each for each in rate.roles} | {new.role_id: new}
    if len(own) > OVERRIDES_MAX:
        raise Refused(
            _("{limit} roles have limits of their own: take one's away first.").format(
                limit=OVERRIDES_MAX
            )
        )
    return replace(rate, roles=tuple(own.values()))
