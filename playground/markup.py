"""Discord's markup for people, roles, channels and moments, as people read it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playground.users import Json, items

if TYPE_CHECKING:
    from playground.state import World

_LINK = re.compile(r"<(@!?|@&|#)(\d{1,20})>")
_MOMENT = re.compile(r"<t:(\d{1,11})(?::[a-zA-Z])?>")
_MARKS = {"user": "@", "role": "@&", "channel": "#"}


def readable(text: str, world: World) -> str:
    """Replace ids of people, roles and channels by their names, and moments by UTC."""

    def name(found: re.Match[str]) -> str:
        number = int(found[2])
        if found[1] == "@&":
            target = world.role(number)
        else:
            target = (world.channels if found[1] == "#" else world.users).get(number)
        return found[0] if target is None else f"{found[1][0]}{target.name.removeprefix('@')}"

    return _MOMENT.sub(lambda found: moment(int(found[1])), _LINK.sub(name, text))


def moment(seconds: int) -> str:
    """Write seconds since 1970 as a client set to UTC does: `22 November 2026 09:41`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%d %B %Y %H:%M}"


def chosen(select: Json) -> list[str]:
    """Give what a select shows as chosen, in markup."""
    labels = [option["label"] for option in items(select, "options") if option.get("default")]
    values = items(select, "default_values")
    return labels + [f"<{_MARKS[value['type']]}{value['id']}>" for value in values]
