"""Discord's markup for people, roles and channels, as names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playground.users import Json, items

if TYPE_CHECKING:
    from playground.state import World

_LINK = re.compile(r"<(@!?|@&|#)(\d{1,20})>")
_MARKS = {"user": "@", "role": "@&", "channel": "#"}


def readable(text: str, world: World) -> str:
    """Replace ids of people, roles and channels by their names."""

    def name(found: re.Match[str]) -> str:
        number = int(found[2])
        if found[1] == "@&":
            target = world.role(number)
        else:
            target = (world.channels if found[1] == "#" else world.users).get(number)
        return found[0] if target is None else f"{found[1][0]}{target.name.removeprefix('@')}"

    return _LINK.sub(name, text)


def chosen(select: Json) -> list[str]:
    """Give what a select shows as chosen, in markup."""
    labels = [option["label"] for option in items(select, "options") if option.get("default")]
    values = items(select, "default_values")
    return labels + [f"<{_MARKS[value['type']]}{value['id']}>" for value in values]
