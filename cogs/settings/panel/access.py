"""The panel's part about where and by whom questions may be asked."""

from dataclasses import replace

from bot.choices import Access
from bot.i18n import N_, _
from cogs._changing.rules import access_order
from cogs.settings.access import Kind, Rule, with_rule
from cogs.settings.panel.controls import Row, channels, people
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

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
    rule: Rule = "allow" if press.control[-1] == "allow" else "deny"
    access = here.settings.access
    for value in press.removed:
        access = with_rule(access, _kind(value, press, access), int(value), "no rule")
    for role_id in here.some_roles(press.roles_added()):
        access = with_rule(access, "roles", role_id, rule)
    kind: Kind = "channels" if press.control[0] == "channels" else "members"
    for number in press.members_added():
        access = with_rule(access, kind, number, rule)
    return replace(here.settings, access=access)


def _kind(value: str, press: Press, access: Access) -> Kind:
    if press.control[0] == "channels":
        return "channels"
    is_role = int(value) in (*access.allowed_roles, *access.denied_roles)
    return "roles" if is_role else "members"


def _hint(_here: Here) -> str:
    menus = _("Below, in this order: channels allowed, channels denied, people allowed, denied.")
    return f"{access_order()}\n{menus}"


PART = Part(N_("Access"), rows, changed, _hint)
