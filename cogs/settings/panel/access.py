"""The panel's part about where and by whom questions may be asked."""

from dataclasses import replace

from bot.choices import Access
from bot.i18n import N_, _
from cogs._changing.rules import access_order
from cogs.settings.access import Kind, Rule, with_rule
from cogs.settings.panel.controls import Page, Row, button, channels, people
from cogs.settings.panel.part import Here, Outcome, Part
from cogs.settings.panel.press import Press, custom_id

NAME = "access"
OPEN = "open"

_BUTTONS = {
    ("channels", "allow"): N_("Allow channels…"),
    ("channels", "deny"): N_("Deny channels…"),
    ("people", "allow"): N_("Allow roles and members…"),
    ("people", "deny"): N_("Deny roles and members…"),
}
_LISTS = {
    ("channels", "allow"): N_("Allow only in these channels"),
    ("channels", "deny"): N_("Deny in these channels"),
    ("people", "allow"): N_("Allow only these roles and members"),
    ("people", "deny"): N_("Deny these roles and members"),
}


def rows(_here: Here) -> list[Row]:
    """Lay out the four lists, each to be opened alone."""
    # A select that shows what is chosen has no label: four of them could not be told apart.
    return [
        tuple(button(custom_id(NAME, OPEN, *which), _(label)) for which, label in _BUTTONS.items())
    ]


def changed(here: Here, press: Press) -> Outcome:
    """Open one of the lists, or change it; what gets a new rule loses the other one."""
    which, rule = press.control[-2:]
    if press.control[0] == OPEN:
        return _page(here, which, rule)
    return replace(here.settings, access=_with(here, press, "allow" if rule == "allow" else "deny"))


def _with(here: Here, press: Press, rule: Rule) -> Access:
    access = here.settings.access
    for value in press.removed:
        access = with_rule(access, _kind(value, press, access), int(value), "no rule")
    for role_id in here.some_roles(press.roles_added()):
        access = with_rule(access, "roles", role_id, rule)
    kind: Kind = "channels" if press.control[0] == "channels" else "members"
    for number in press.members_added():
        access = with_rule(access, kind, number, rule)
    return access


def _kind(value: str, press: Press, access: Access) -> Kind:
    if press.control[0] == "channels":
        return "channels"
    is_role = int(value) in (*access.allowed_roles, *access.denied_roles)
    return "roles" if is_role else "members"


def _page(here: Here, which: str, rule: str) -> Page:
    """Give one list to choose in."""
    access, name = here.settings.access, custom_id(NAME, which, rule)
    said, allow = _(_LISTS[which, rule]), rule == "allow"
    if which == "channels":
        listed = access.allowed_channels if allow else access.denied_channels
        row = channels(name, said, here.known_channels(listed))
    else:
        role_ids = access.allowed_roles if allow else access.denied_roles
        members = access.allowed_members if allow else access.denied_members
        row = people(name, said, here.known_roles(role_ids), members)
    return Page([f"**{said}**", access_order()], [row])


def _hint(_here: Here) -> str:
    return access_order()


PART = Part(N_("Access"), rows, changed, _hint)
