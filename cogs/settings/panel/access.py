"""The panel's part about where and by whom questions may be asked."""

from collections.abc import Iterable
from dataclasses import replace

from bot.choices import Access
from bot.i18n import N_, _
from cogs._changing.rules import access_order
from cogs.settings.panel.controls import Row, channels, people
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id, numbers

NAME = "access"


def rows(here: Here) -> list[Row]:
    """Lay out the lists of channels, and those of roles and members."""
    access = here.settings.access
    return [
        channels(
            custom_id(NAME, "channels", "allow"),
            _("Allow only in these channels"),
            here.known_channels(access.allowed_channels),
        ),
        channels(
            custom_id(NAME, "channels", "deny"),
            _("Deny in these channels"),
            here.known_channels(access.denied_channels),
        ),
        people(
            custom_id(NAME, "people", "allow"),
            _("Allow only these roles and members"),
            here.known_roles(access.allowed_roles),
            access.allowed_members,
        ),
        people(
            custom_id(NAME, "people", "deny"),
            _("Deny these roles and members"),
            here.known_roles(access.denied_roles),
            access.denied_members,
        ),
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Change one of the lists; what gets a new rule loses the other one."""
    access = here.settings.access
    match press.control:
        case ("channels", rule):
            after = _channels(access, press, allow=rule == "allow")
        case (_people, rule):
            after = _people_of(access, press, allow=rule == "allow")
        case _:
            after = access
    return replace(here.settings, access=after)


def _channels(access: Access, press: Press, *, allow: bool) -> Access:
    new = numbers(press.added)
    if allow:
        return replace(
            access,
            allowed_channels=press.applied(access.allowed_channels, new),
            denied_channels=_without(access.denied_channels, new),
        )
    return replace(
        access,
        denied_channels=press.applied(access.denied_channels, new),
        allowed_channels=_without(access.allowed_channels, new),
    )


def _people_of(access: Access, press: Press, *, allow: bool) -> Access:
    roles, members = press.roles_added(), press.members_added()
    if allow:
        return replace(
            access,
            allowed_roles=press.applied(access.allowed_roles, roles),
            allowed_members=press.applied(access.allowed_members, members),
            denied_roles=_without(access.denied_roles, roles),
            denied_members=_without(access.denied_members, members),
        )
    return replace(
        access,
        denied_roles=press.applied(access.denied_roles, roles),
        denied_members=press.applied(access.denied_members, members),
        allowed_roles=_without(access.allowed_roles, roles),
        allowed_members=_without(access.allowed_members, members),
    )


def _without(ids: tuple[int, ...], gone: Iterable[int]) -> tuple[int, ...]:
    return tuple(each for each in ids if each not in gone)


def _hint(_here: Here) -> str:
    menus = _("Below, in this order: channels allowed, channels denied, people allowed, denied.")
    return f"{access_order()}\n{menus}"


PART = Part(N_("Access"), rows, changed, _hint)
