"""Which gateway intents an event needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.events import Event

GUILDS, MEMBERS, PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15
KNOWN = (1 << 26) - 1
_BY_PREFIX = (
    ("GUILD_MEMBER_", MEMBERS),
    ("GUILD_", GUILDS),
    ("CHANNEL_", GUILDS),
    ("THREAD_", GUILDS),
)


def needed(event: Event) -> int:
    """Give the intent without which an event is not told; 0 when it needs none."""
    if event.name.startswith("MESSAGE_"):
        return GUILD_MESSAGES if event.guild is not None else DIRECT_MESSAGES
    return next((intent for prefix, intent in _BY_PREFIX if event.name.startswith(prefix)), 0)


def refused(intents: int, *, message_content: bool) -> int | None:
    """Give the close code for intents that the application may not have, else None."""
    if intents & ~KNOWN:
        return 4013
    privileged = MEMBERS | PRESENCES | (0 if message_content else MESSAGE_CONTENT)
    return 4014 if intents & privileged else None
