"""The panel's part about how often questions may be asked."""

from collections.abc import Mapping
from dataclasses import replace

import discord

from bot.choices import COUNT_MAX, PICTURES_MAX, Rate, RoleRate
from bot.i18n import N_, _
from cogs._changing.choosing import NONE
from cogs._changing.counting import parse_count, rate_of, with_rate
from cogs._forms import field, form
from cogs.settings.panel.controls import Row, button, option, people, roles, select
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "rate"
_DIGITS = 12


def rows(here: Here) -> list[Row]:
    """Lay out who is exempt, which roles have limits of their own, and the numbers."""
    rate = here.settings.rate
    own = [option(str(each.role_id), here.role_name(each.role_id)) for each in rate.roles]
    return [
        people(
            custom_id(NAME, "exempt"),
            _("Don't limit these roles and members"),
            here.known_roles(rate.exempt_roles),
            rate.exempt_members,
        ),
        roles(custom_id(NAME, "role"), _("Set other limits for a role")),
        select(custom_id(NAME, "remove"), _("Take a role's limits away"), own, most=len(own)),
        (button(custom_id(NAME, "type"), _("Type numbers…")),),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Change one of the limits, or who has others."""
    rate = here.settings.rate
    match press.control:
        case ("type",):
            return _form(rate)
        case ("role",):
            if not press.values:
                return here.settings
            return _role_form(rate, *here.some_roles((int(press.values[0]),)))
        case ("typed",):
            after = _typed(rate, press.texts)
        case ("role", number):
            minute, day = _count(press.texts["minute"]), _count(press.texts["day"])
            after = with_rate(rate, RoleRate(int(number), minute, day))
        case ("remove",):
            kept = tuple(each for each in rate.roles if str(each.role_id) not in press.values)
            after = replace(rate, roles=kept)
        case _:
            after = replace(
                rate,
                exempt_roles=press.applied(rate.exempt_roles, here.some_roles(press.roles_added())),
                exempt_members=press.applied(rate.exempt_members, press.members_added()),
            )
    return replace(here.settings, rate=after)


def _form(rate: Rate) -> discord.ui.Modal:
    fields = (
        ("minute", _("Questions a minute, each member"), rate.minute),
        ("day", _("Questions a day, each member"), rate.day),
        ("guild_minute", _("Questions a minute, all together"), rate.guild_minute),
        ("guild_day", _("Questions a day, all together"), rate.guild_day),
        ("pictures", _("Pictures in one question"), rate.pictures),
    )
    return form(
        custom_id(NAME, "typed"),
        _("How often questions may be asked"),
        *(_field(name, label, count) for name, label, count in fields),
    )


def _role_form(rate: Rate, role_id: int) -> discord.ui.Modal:
    current = rate_of(rate, role_id)
    return form(
        custom_id(NAME, "role", str(role_id)),
        _("Limits for this role"),
        _field("minute", _("Questions a minute"), current.minute),
        _field("day", _("Questions a day"), current.day),
    )


def _field(name: str, label: str, count: int | None) -> discord.ui.Label[discord.ui.Modal]:
    hint = _("A whole number; leave it empty for no limit.")
    return field(name, label, "" if count is None else str(count), hint=hint, most=_DIGITS)


def _typed(rate: Rate, texts: Mapping[str, str]) -> Rate:
    return replace(
        rate,
        minute=_count(texts["minute"]),
        day=_count(texts["day"]),
        guild_minute=_count(texts["guild_minute"]),
        guild_day=_count(texts["guild_day"]),
        pictures=_count(texts["pictures"], PICTURES_MAX),
    )


def _count(text: str, most: int = COUNT_MAX) -> int | None:
    return parse_count(text or NONE, most)


PART = Part(N_("Limits"), rows, changed)
