"""What was done with a panel: which part, which control, what was chosen or typed.

A panel's only state is in its custom_ids, `vidi:panel:<part>[:<control>…]`, and in the message."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import discord

from bot.i18n import use_locale
from cogs._forms import texts

PANEL = re.compile(r"vidi:panel:(?P<part>[a-z]+)(?::(?P<control>.+))?", re.DOTALL)
GO = "go"
"""The select that leads to the part of its value."""

_NOTHING: dict[str, Any] = {}
_USED = (discord.InteractionType.component, discord.InteractionType.modal_submit)


@dataclass(frozen=True, slots=True)
class Press:
    """One use of a panel. `roles` are those of the values that are roles.

    `added` and `removed` are what the choice changes of what the select showed as chosen: what
    it didn't show stays as it is, also when the settings have changed since."""

    part: str
    control: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict[str, str])

    def applied(self, current: Sequence[int], new: Sequence[int]) -> tuple[int, ...]:
        """Give what a list of ids is after the choice; its order stays, new ones come last."""
        kept = [each for each in current if str(each) not in self.removed]
        return tuple(dict.fromkeys((*kept, *new)))

    def roles_added(self) -> tuple[int, ...]:
        """Give the roles that were added."""
        return numbers(each for each in self.added if each in self.roles)

    def members_added(self) -> tuple[int, ...]:
        """Give the members or channels that were added."""
        return numbers(each for each in self.added if each not in self.roles)


def numbers(values: Iterable[str]) -> tuple[int, ...]:
    """Give ids as numbers."""
    return tuple(map(int, values))


def custom_id(part: str, *control: str) -> str:
    """Give the custom_id of a control."""
    return ":".join(("vidi", "panel", part, *control))


def read(interaction: discord.Interaction[Any]) -> Press | None:
    """Read what was done with a panel; None for anything else.

    The language of whoever did it is in force afterwards."""
    if interaction.type not in _USED or interaction.data is None:
        return None
    data = cast("dict[str, Any]", interaction.data)
    match = PANEL.fullmatch(str(data["custom_id"]))
    if match is None:
        return None
    use_locale(interaction.locale.value)
    if match["part"] == GO:
        return Press(str(data["values"][0]))
    control = tuple(match["control"].split(":")) if match["control"] else ()
    values = tuple(map(str, data.get("values") or ()))
    shown = frozenset(_shown(interaction.message, str(data["custom_id"])))
    return Press(
        part=match["part"],
        control=control,
        values=values,
        added=tuple(value for value in values if value not in shown),
        removed=shown.difference(values),
        roles=frozenset(data.get("resolved", _NOTHING).get("roles", _NOTHING)),
        texts=texts(data),
    )


def _shown(message: discord.Message | None, name: str) -> Iterator[str]:
    """Give what a select of this message shows as chosen."""
    rows = message.components if message else []
    for row in rows:
        for item in row.children if isinstance(row, discord.ActionRow) else ():
            if isinstance(item, discord.SelectMenu) and item.custom_id == name:
                yield from (option.value for option in item.options if option.default)
                yield from (str(default.id) for default in item.default_values)
