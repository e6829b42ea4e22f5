"""Discord's markup for people and channels, as names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.state import World

_LINK = re.compile(r"<(@!?|#)(\d{1,20})>")


def readable(text: str, world: World) -> str:
    """Replace ids of people and channels by their names."""

    def name(found: re.Match[str]) -> str:
        known = world.channels if found[1] == "#" else world.users
        target = known.get(int(found[2]))
        return found[0] if target is None else f"{found[1][0]}{target.name}"

    return _LINK.sub(name, text)
