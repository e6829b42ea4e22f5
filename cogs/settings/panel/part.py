"""What a part of the panel is, and what it is drawn from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.choices import GuildSettings
from bot.guilds.keyring import GuildKey
from cogs._changing.choosing import Seen
from cogs._changing.rows import Row as Words
from cogs.settings.overrides import some_role
from cogs.settings.panel.controls import Page, Row
from cogs.settings.panel.press import Press

Outcome = GuildSettings | discord.ui.Modal | Page


@dataclass(frozen=True, slots=True)
class Here:
    """What a panel is drawn from: what is in force in this guild now."""

    settings: GuildSettings
    catalog: Catalog
    model: Model
    receivers: Sequence[Model]
    """All that may be asked here, the guard left out."""
    guild: discord.Guild | None
    keys: Mapping[str, GuildKey]
    """This server's own, by provider id."""
    seen: Seen

    def channel_name(self, channel_id: int) -> str:
        """Name a channel where no mention can stand."""
        channel = self.guild.get_channel_or_thread(channel_id) if self.guild else None
        return f"#{channel.name}" if channel else str(channel_id)

    def role_name(self, role_id: int) -> str:
        """Name a role where no mention can stand."""
        role = self.guild.get_role(role_id) if self.guild else None
        return f"@{role.name.removeprefix('@')}" if role else str(role_id)

    def some_roles(self, role_ids: Sequence[int]) -> Sequence[int]:
        """Give the roles; raises Refused for the one that everybody has."""
        for role in filter(None, map(self.guild.get_role, role_ids) if self.guild else ()):
            some_role(role)
        return role_ids

    def known_channels(self, channel_ids: Sequence[int]) -> list[int]:
        """Leave out what a select can't show as chosen: threads and what is gone.

        Discord answers 500 to a forum's post among default_values (discord-api-docs#6719)."""
        return [each for each in channel_ids if self.guild and self.guild.get_channel(each)]

    def known_roles(self, role_ids: Sequence[int]) -> list[int]:
        """Leave out roles that are gone."""
        return [each for each in role_ids if self.guild and self.guild.get_role(each)]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the panel: its controls, and what each of them does.

    `changed` gives the settings after a press, or a form or page that has to be filled in first;
    raises Refused when that can't be. `hint` explains what isn't plain from the values, `besides`
    are values besides the settings; a `guarded` part asks for Manage Server again."""

    title: str
    rows: Callable[[Here], Sequence[Row]]
    changed: Callable[[Here, Press], Outcome]
    hint: Callable[[Here], str] | None = None
    besides: Callable[[Here], Sequence[Words]] = lambda _here: ()
    guarded: bool = False
