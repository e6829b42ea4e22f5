"""What the gateway tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.users import Json

if TYPE_CHECKING:
    from playground.guilds import Guild
    from playground.interactions import Interaction


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell; `data` makes the object, whole or without withheld content."""

    name: str
    guild: Guild | None
    data: Callable[[bool], Json]


def plain(name: str, guild: Guild | None, data: Json) -> Event:
    """Give an event that says the same to everybody."""
    return Event(name, guild, lambda whole: data)


def interaction_event(interaction: Interaction) -> Event:
    """Give the event of an interaction; outside the bot's guilds the first shard hears it."""
    guild = interaction.channel.guild
    told = guild if guild is not None and guild.has_bot else None
    return plain("INTERACTION_CREATE", told, interaction.json())
