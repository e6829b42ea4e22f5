"""What panels are put together from: selects and buttons that say what they do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import discord

from cogs._panels import cut

LABEL_LIMIT = 80
OPTION_LIMIT = 100
OPTIONS = 25

Item = discord.ui.Item[discord.ui.View]
Row = Sequence[Item]
Kind = discord.SelectDefaultValueType


@dataclass(frozen=True, slots=True)
class Page:
    """What stands in the place of a part's controls while something has to be chosen first."""

    lines: Sequence[str]
    rows: Sequence[Row]


def option(value: str, label: str, *, chosen: bool = False) -> discord.SelectOption:
    """Give one thing to choose."""
    return discord.SelectOption(label=cut(label, OPTION_LIMIT), value=value, default=chosen)


def select(
    name: str, placeholder: str, options: Sequence[discord.SelectOption], *, most: int = 0
) -> Row:
    """Lay out a row of things to choose: exactly one, or none to `most`; no row for no thing."""
    offered = list({each.value: each for each in options}.values())[:OPTIONS]
    if not offered:
        return ()
    return (
        discord.ui.Select(
            custom_id=name,
            placeholder=placeholder,
            options=offered,
            min_values=0 if most else 1,
            max_values=min(most, len(offered)) or 1,
        ),
    )


def channels(
    name: str,
    placeholder: str,
    chosen: Iterable[int] = (),
    *,
    most: int = OPTIONS,
    kinds: Sequence[discord.ChannelType] = (),
) -> Row:
    """Lay out a row of this server's channels."""
    return (
        discord.ui.ChannelSelect(
            custom_id=name,
            placeholder=placeholder,
            min_values=0,
            max_values=most,
            default_values=_defaults(Kind.channel, chosen)[:most],
            channel_types=list(kinds),
        ),
    )


def roles(name: str, placeholder: str) -> Row:
    """Lay out a row of this server's roles, of which one is chosen."""
    return (discord.ui.RoleSelect(custom_id=name, placeholder=placeholder, min_values=0),)


def people(name: str, placeholder: str, role_ids: Iterable[int], member_ids: Iterable[int]) -> Row:
    """Lay out a row of this server's roles and members."""
    chosen = [*_defaults(Kind.role, role_ids), *_defaults(Kind.user, member_ids)]
    return (
        discord.ui.MentionableSelect(
            custom_id=name,
            placeholder=placeholder,
            min_values=0,
            max_values=OPTIONS,
            default_values=chosen[:OPTIONS],
        ),
    )


def button(name: str, label: str, *, danger: bool = False) -> Item:
    """Give a button that says what pressing it does."""
    style = discord.ButtonStyle.danger if danger else discord.ButtonStyle.secondary
    return discord.ui.Button(label=cut(label, LABEL_LIMIT), custom_id=name, style=style)


def lay_out(rows: Iterable[Row]) -> discord.ui.View:
    """Put rows into a view that a listener answers by custom_ids, so that it outlives a restart."""
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(row for row in rows if row):
        for item in row:
            item.row = number
            view.add_item(item)
    view.stop()  # a finished view is sent all the same, and discord.py keeps no copy of it
    return view


def _defaults(kind: Kind, ids: Iterable[int]) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=each, type=kind) for each in dict.fromkeys(ids)]
